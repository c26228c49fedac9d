// What every client does on every transport: list, and call each plugin that ships.
import assert from 'node:assert/strict';

export const text = (result) => result.content.find((block) => block.type === 'text')?.text ?? '';

/** One call of one tool, and what its result must be. */
const CALLS = [
    {
        tool: 'clock_now',
        arguments: { zone: 'Europe/Berlin' },
        check: (result) => assert.match(text(result), /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/)
    },
    {
        tool: 'filesystem_read',
        arguments: { path: 'greeting.txt' },
        check: (result) => assert.match(text(result), /Grüße aus dem Ordner/)
    },
    {
        tool: 'sqlite_query',
        arguments: { sql: 'select ? + 1 as answer', parameters: [41] },
        check: (result) => assert.match(text(result), /42/)
    },
    {
        tool: 'sysinfo_memory',
        arguments: {},
        check: (result) => assert.ok(text(result).length > 0)
    }
];

/** The calls that this system can answer: TENON_TEST_WITHOUT names tools that it cannot. */
const calls = CALLS.filter((call) => !(process.env.TENON_TEST_WITHOUT ?? '').split(',').includes(call.tool));

async function all(list, member) {
    const found = [];
    let cursor;
    do {
        const page = await list(cursor ? { cursor } : {});
        found.push(...page[member]);
        cursor = page.nextCursor;
    } while (cursor);
    return found;
}

/** Throws at the first thing that is not as it should be. */
export async function exercise(client) {
    assert.equal(client.getServerVersion()?.name, 'tenon');

    const tools = await all((params) => client.listTools(params), 'tools');
    const names = tools.map((tool) => tool.name);
    for (const call of calls) assert.ok(names.includes(call.tool), `${call.tool} is not among ${names.join(', ')}`);
    for (const tool of tools) assert.ok(tool.description, `${tool.name} has no description`);

    for (const call of calls) {
        const result = await client.callTool({ name: call.tool, arguments: call.arguments });
        assert.ok(!result.isError, `${call.tool}: ${text(result)}`);
        call.check(result);
    }

    // Arguments that fail the schema are a result that a model can learn from, not an exception.
    const wrong = await client.callTool({ name: CALLS[1].tool, arguments: { path: 7 } });
    assert.equal(wrong.isError, true);

    await assert.rejects(client.callTool({ name: 'no_such_tool', arguments: {} }), /no_such_tool|-32602/);

    await all((params) => client.listResources(params), 'resources');
    const templates = await all((params) => client.listResourceTemplates(params), 'resourceTemplates');
    assert.ok(templates.length > 0, 'no resource template');

    // Answers find their requests when several are under way.
    const answers = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
            client.callTool({ name: 'sqlite_query', arguments: { sql: 'select ? as value', parameters: [1000 + index] } })
        )
    );
    answers.forEach((result, index) => assert.match(text(result), new RegExp(String(1000 + index))));
}

/** Progress of a tool that takes its time reaches the caller while it runs. */
export async function exerciseProgress(call) {
    const seen = [];
    const result = await call({ name: 'sysinfo_sample', arguments: { seconds: 0.5, samples: 5 } }, (progress) => seen.push(progress));
    assert.ok(!result.isError, text(result));
    assert.ok(seen.length >= 2, `${seen.length} progress notifications`);
    for (let i = 1; i < seen.length; ++i) assert.ok(seen[i].progress > seen[i - 1].progress);
}

/**
 * Throws if a client reported an error. Both SDKs hand notifications to their handlers a turn later than answers, so when
 * the last progress and the answer arrive in one piece they take the progress for a stray one: that they come in the
 * right order is checked on the wire, in tests/integration/JsonRpcTest.cpp.
 */
export function assertNoErrors(errors) {
    assert.deepEqual(errors.filter((error) => !/progress notification for an unknown token/.test(error.message)), []);
}

/** Runs the named attempts one after the other, stops the server, and ends the process with the outcome. */
export async function report(server, workspace, attempts) {
    let failed = 0;
    const attempt = async (name, run) => {
        const began = Date.now();
        try {
            await run();
            console.log(`ok      ${name} (${Date.now() - began} ms)`);
        } catch (error) {
            ++failed;
            console.log(`FAILED  ${name}\n${error?.stack ?? error}`);
        }
    };
    for (const [name, run] of attempts) await attempt(name, run);
    await attempt('the server stops in order', () => server.stop());
    await workspace.remove();
    if (failed) console.log(`The server said:\n${server.output()}`);
    process.exit(failed ? 1 : 0);
}
