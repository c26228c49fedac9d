// The official server "everything" behind Tenon, over stdio, used by the official clients of both eras: every tool,
// questions, progress, logs, resources, prompts, completion; and what becomes of the server when it dies or is confined.
//
//   upstream.mjs TENON
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from './exercise.mjs';
import { load } from './modules.mjs';
import { makeWorkspace, startServer } from './server.mjs';

const one = {
    ...load('@modelcontextprotocol/sdk/client/index.js'),
    ...load('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    ...load('@modelcontextprotocol/sdk/types.js')
};
const two = load('@modelcontextprotocol/client');

const [binary] = process.argv.slice(2);
const modules = process.env.TENON_NODE_MODULES;
const everything = join(modules, '@modelcontextprotocol/server-everything/dist/index.js');
const workspace = await makeWorkspace();

const ARGUMENTS = {
    echo: { message: 'hello there' },
    'get-annotated-message': { messageType: 'success', includeImage: true },
    'get-structured-content': { location: 'Chicago' },
    'get-sum': { a: 2, b: 3.5 },
    'get-resource-reference': { resourceType: 'Text', resourceId: 1 },
    'gzip-file-as-resource': { name: 'x.txt.gz', data: 'data:text/plain,hello', outputType: 'resource' },
    'trigger-long-running-operation': { duration: 0.2, steps: 2 },
    'trigger-sampling-request': { prompt: 'say something', maxTokens: 20 },
    'trigger-url-elicitation': { url: 'https://example.org/page', message: 'open it' },
    'simulate-research-query': { topic: 'rain' }
};

const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const FORM = { action: 'accept', content: { name: 'Ada', check: true, firstLine: 'One', email: 'ada@example.org' } };
const SAMPLE = { model: 'none', role: 'assistant', content: { type: 'text', text: 'sampled words' } };
const ROOTS = { roots: [{ uri: 'file:///tmp/of-the-client' }] };

async function useAll(client, call) {
    const { tools } = await client.listTools();
    const names = tools.map((tool) => tool.name);
    assert.ok(names.length >= 12, names.join(' '));
    for (const wanted of ['echo', 'get-roots-list', 'trigger-elicitation-request', 'trigger-sampling-request'])
        assert.ok(names.includes(wanted), `${wanted} is not among ${names.join(', ')}`);
    const results = {};
    for (const name of names) {
        results[name] = await call({ name, arguments: ARGUMENTS[name] ?? {} });
        assert.ok(!results[name].isError, `${name}: ${text(results[name])}`);
    }
    assert.match(text(results.echo), /hello there/);
    assert.match(text(results['get-sum']), /5\.5/);
    assert.match(JSON.stringify(results['trigger-sampling-request']), /sampled words/);
    assert.match(JSON.stringify(results['trigger-elicitation-request']), /Ada/);
    assert.ok(results['get-structured-content'].structuredContent);
    assert.doesNotMatch(JSON.stringify(results['get-env']), /HIDDEN_FROM_CHILDREN/);
    assert.match(JSON.stringify(results['get-env']), /SHOWN_TO_IT/);
    const wrong = await call({ name: 'get-sum', arguments: { a: 'two', b: 3 } });
    assert.ok(wrong.isError);

    const { resources } = await client.listResources();
    assert.ok(resources.length > 0);
    assert.ok((await client.readResource({ uri: resources[0].uri })).contents.length > 0);
    const { resourceTemplates } = await client.listResourceTemplates();
    assert.ok(resourceTemplates.length > 0);
    const prompt = await client.getPrompt({ name: 'args-prompt', arguments: { city: 'Bern' } });
    assert.match(JSON.stringify(prompt), /Bern/);
    const values = await client.complete({
        ref: { type: 'ref/prompt', name: 'completable-prompt' },
        argument: { name: 'department', value: 'E' }
    });
    assert.ok(values.completion.values.includes('Engineering'), JSON.stringify(values));
    return names.length;
}

async function legacy(server) {
    const client = new one.Client({ name: 'tenon-upstream-1', version: '1' }, { capabilities: CAPABILITIES });
    client.setRequestHandler(one.ElicitRequestSchema, async (request) =>
        request.params.mode === 'url' ? { action: 'accept' } : FORM);
    client.setRequestHandler(one.CreateMessageRequestSchema, async () => SAMPLE);
    client.setRequestHandler(one.ListRootsRequestSchema, async () => ROOTS);
    await client.connect(new one.StreamableHTTPClientTransport(server.mcpUrl));
    try {
        const count = await useAll(client, (params) => client.callTool(params));
        let steps = 0;
        await client.callTool({ name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } },
            undefined, { onprogress: () => steps++ });
        assert.ok(steps > 0, 'no progress came');
        const controller = new AbortController();
        setTimeout(() => controller.abort('enough'), 200);
        await assert.rejects(client.callTool(
            { name: 'trigger-long-running-operation', arguments: { duration: 30, steps: 3 } }, undefined,
            { signal: controller.signal }));
        // The client sends its cancellation without waiting for it; closed at once, it would never be sent.
        await new Promise((done) => setTimeout(done, 500));
        return count;
    } finally {
        await client.close();
    }
}

async function modern(server) {
    const client = new two.Client({ name: 'tenon-upstream-2', version: '1' },
        { capabilities: CAPABILITIES, versionNegotiation: { mode: { pin: '2026-07-28' } } });
    client.setRequestHandler('elicitation/create', async (request) =>
        request.params.mode === 'url' ? { action: 'accept' } : FORM);
    client.setRequestHandler('sampling/createMessage', async () => SAMPLE);
    client.setRequestHandler('roots/list', async () => ROOTS);
    await client.connect(new two.StreamableHTTPClientTransport(server.mcpUrl));
    try {
        const count = await useAll(client, (params) => client.callTool(params));
        let steps = 0;
        await client.callTool({ name: 'trigger-long-running-operation', arguments: { duration: 0.3, steps: 3 } },
            { onprogress: () => steps++ });
        assert.ok(steps > 0, 'no progress came');
        return count;
    } finally {
        await client.close();
    }
}

const COMMAND = `--upstream.everything.command=${process.execPath} "${everything}"`;
const base = ['--plugins.directory=', COMMAND, '--upstream.everything.env.SHOWN_TO_IT=yes', '--plugins.loadTimeoutMs=60s',
    '--upstream.everything.startMs=60s'];
process.env.HIDDEN_FROM_CHILDREN = 'secret';

async function withServer(settings, use) {
    const server = await startServer(binary, settings);
    try {
        await use(server);
        await server.stop();
    } catch (error) {
        server.kill();
        console.error(server.output());
        throw error;
    }
}

/** What one call says. */
async function callOnce(server, params) {
    const client = new two.Client({ name: 'tenon-upstream-3', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new two.StreamableHTTPClientTransport(server.mcpUrl));
    try {
        return await client.callTool(params);
    } finally {
        await client.close();
    }
}

async function until(what, look) {
    for (let tries = 0; tries < 600; tries++) {
        if (await look()) return;
        await new Promise((done) => setTimeout(done, 100));
    }
    assert.fail(what);
}

const stats = async (server) =>
    (await (await fetch(new URL('/stats', server.mcpUrl))).json()).plugins.find((one) => one.name === 'everything');

/** Each thread of a process has children of its own. */
const childrenOf = (pid) => readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean));

try {
    await withServer(base, async (server) => {
        console.log(`1.x: ${await legacy(server)} tools`);
        console.log(`2.x, 2026-07-28: ${await modern(server)} tools`);

        // A program that dies is there again for the next call.
        const { pid } = (await stats(server)).worker ?? {};
        const child = pid ?? childrenOf(server.pid)[0];
        process.kill(Number(child), 'SIGKILL');
        await until('it did not come back', async () => {
            const result = await callOnce(server, { name: 'echo', arguments: { message: 'again' } });
            return !result.isError && /again/.test(text(result));
        });
    });

    // Nobody is left when the server has gone, whatever way it went.
    const orphaned = await startServer(binary, base);
    const keeper = childrenOf(orphaned.pid)[0];
    const program = childrenOf(keeper)[0];
    assert.ok(program, 'the program runs below its keeper');
    orphaned.kill();
    await until('the program outlived the server', () => {
        try {
            process.kill(Number(program), 0);
            return false;
        } catch {
            return true;
        }
    });

    // Prefix, selection, texts.
    await withServer([...base, '--upstream.everything.prefix=all_', '--upstream.everything.tools=echo,get-*',
        '--upstream.everything.tools.deny=get-env', '--upstream.everything.tool.echo.title=Says it again'],
    async (server) => {
        const client = new two.Client({ name: 'tenon-upstream-4', version: '1' }, {});
        await client.connect(new two.StreamableHTTPClientTransport(server.mcpUrl));
        const { tools } = await client.listTools();
        assert.equal(tools.find((tool) => tool.name === 'all_echo')?.title, 'Says it again');
        assert.ok(tools.every((tool) => tool.name === 'all_echo' || tool.name.startsWith('all_get-')));
        assert.ok(!tools.some((tool) => tool.name === 'all_get-env'));
        assert.match(text(await client.callTool({ name: 'all_echo', arguments: { message: 'hi' } })), /hi/);
        await client.close();
    });

    // A definition that changed since it was accepted is refused.
    const pins = join(workspace.root, 'pins');
    await withServer([...base, `--upstream.everything.pins=${pins}`], async (server) =>
        assert.match(text(await callOnce(server, { name: 'echo', arguments: { message: 'one' } })), /one/));
    writeFileSync(pins, readFileSync(pins, 'utf8').replace(/(tool everything echo )\S{8}/, '$100000000'));
    await withServer([...base, `--upstream.everything.pins=${pins}`], async (server) => {
        await assert.rejects(callOnce(server, { name: 'echo', arguments: { message: 'two' } }), /Unknown tool/);
        assert.match(server.output(), /'echo' is refused: it differs/);
        assert.match(text(await callOnce(server, { name: 'get-sum', arguments: { a: 1, b: 1 } })), /2/);
    });
    rmSync(pins);

    // One session for each client: what a client switched on for itself is not on for others.
    await withServer([...base, '--upstream.everything.sessions=each'], async (server) => {
        console.log(`1.x, sessions of their own: ${await legacy(server)} tools`);
    });

    // One whose lists take longer than it may be idle is not ended in the middle of them.
    const slow = join(workspace.root, 'slow.mjs');
    writeFileSync(slow, `import { createInterface } from 'node:readline';
        const say = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
        createInterface({ input: process.stdin }).on('line', (line) => {
            const { id, method } = JSON.parse(line);
            if (method === 'initialize') say(id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'slow', version: '1' } });
            else if (method === 'tools/list') setTimeout(() => say(id, { tools: [{ name: 'late', inputSchema: { type: 'object' } }] }), 2500);
            else if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: method } }));
        });`);
    await withServer(['--plugins.directory=', `--upstream.everything.command=${process.execPath} ${slow}`, '--upstream.everything.idleMs=300',
        '--upstream.everything.startMs=60s', '--plugins.loadTimeoutMs=60s'], async (server) => {
        const client = new two.Client({ name: 'tenon-upstream-5', version: '1' }, {});
        await client.connect(new two.StreamableHTTPClientTransport(server.mcpUrl));
        await until('its lists are never read', async () => (await client.listTools()).tools.some((tool) => tool.name === 'late'));
        await client.close();
        assert.equal((await stats(server)).crashes ?? 0, 0);
    });

    // A server that takes long to start is started once, and holds up no other: one opens its gate, the other has none.
    const late = join(workspace.root, 'late.mjs'), gate = join(workspace.root, 'gate');
    writeFileSync(late, `import { existsSync } from 'node:fs';
        import { createInterface } from 'node:readline';
        const [gate, name] = process.argv.slice(2);
        const say = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
        const opened = (then) => existsSync(gate) ? then() : setTimeout(opened, 20, then);
        createInterface({ input: process.stdin }).on('line', (line) => {
            const { id, method } = JSON.parse(line);
            if (method === 'initialize') opened(() => say(id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name, version: '1' } }));
            else if (method === 'tools/list') say(id, { tools: [{ name, inputSchema: { type: 'object' } }] });
            else if (method === 'tools/call') say(id, { content: [{ type: 'text', text: name }] });
            else if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: method } }));
        });`);
    writeFileSync(gate, '');
    const lateOne = (upstream, ...words) => [`--upstream.${upstream}.command=${[process.execPath, late, ...words].join(' ')}`,
        `--upstream.${upstream}.revision=2025-11-25`, `--upstream.${upstream}.idleMs=300`, `--upstream.${upstream}.startMs=120s`];
    await withServer(['--plugins.directory=', '--plugins.loadTimeoutMs=60s', ...lateOne('everything', gate, 'slow'), ...lateOne('quick', late, 'quick')],
        async (server) => {
            assert.ok((await stats(server)).restarts < 3);
            await until('they do not end', () => childrenOf(server.pid).length === 0);
            rmSync(gate);
            let answered = 0;
            const slow = Array.from({ length: 24 }, async () => {
                assert.equal(text(await callOnce(server, { name: 'slow', arguments: {} })), 'slow');
                answered++;
            });
            await until('they are inside', async () => (await (await fetch(new URL('/stats', server.mcpUrl))).json()).callsInFlight === slow.length);
            assert.equal(text(await callOnce(server, { name: 'quick', arguments: {} })), 'quick');
            assert.equal(answered, 0);
            writeFileSync(gate, '');
            await Promise.all(slow);
            assert.ok((await stats(server)).restarts < 4, JSON.stringify(await stats(server)));
        });

    // A call that is inside when the server stops is answered.
    await withServer(base, async (server) => {
        const client = new two.Client({ name: 'tenon-upstream-6', version: '1' }, { versionNegotiation: { mode: 'auto' } });
        await client.connect(new two.StreamableHTTPClientTransport(server.mcpUrl));
        const call = client.callTool({ name: 'trigger-long-running-operation', arguments: { duration: 2, steps: 2 } });
        await until('the call is inside', async () => (await (await fetch(new URL('/stats', server.mcpUrl))).json()).callsInFlight > 0);
        const [result] = await Promise.all([call, server.stop()]);
        assert.match(text(result), /completed/);
    });

    // A server that nobody uses ends, and is started for the next call.
    await withServer([...base, '--upstream.everything.idleMs=300'], async (server) => {
        await until('it does not end', () => childrenOf(server.pid).length === 0);
        assert.match(text(await callOnce(server, { name: 'echo', arguments: { message: 'awake' } })), /awake/);
    });
    console.log('restart, end, prefix, pins, sessions, idle: ok');
} finally {
    await workspace.remove();
}
