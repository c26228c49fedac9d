// The clients that the documents print, against the SSE profile each was written for.
//
//   run.mjs TENON PLUGINS
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '../modules.mjs';
import { startServer } from '../server.mjs';
import { Log, adapt, read, run } from './snippets.mjs';

const { EventSource } = load('eventsource');
const [binary, plugins] = process.argv.slice(2);
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const common = [`--plugins.directory=${plugins}`, '--sse.profiles=standard,path-session,backlog,rails'];
const tokens = ['team', 'readonly', 'master'].flatMap((type) => [
    `--auth.token.${type}.sha256=${sha256(`${type}-secret`)}`,
    `--auth.token.${type}.type=${type}`
]);

const open = [];
const sources = class extends EventSource {
    constructor(...args) {
        super(...args);
        open.push(this);
    }
};

/** The events of a stream, each as its lines; ends when `signal` does. */
async function* eventsOf(response) {
    let text = '';
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) yield text.slice(0, end).split('\n');
    }
}

/** One request of a `.http` file. */
function parseRequest(text) {
    const [head, ...rest] = text.trim().split('\n\n');
    const [line, ...fields] = head.split('\n');
    const [method, url] = line.split(' ');
    return { url, options: { method, headers: Object.fromEntries(fields.map((field) => field.split(': '))), body: rest.join('\n\n') || undefined } };
}

async function pathSession(base) {
    const text = adapt(await read('000.http'), base, { 'your-token': 'team-secret', '{session_id}': 'claude-1' });
    const [stream, message] = text.split('###').map(parseRequest);
    const abort = new AbortController();
    const response = await fetch(stream.url, { ...stream.options, signal: abort.signal });
    assert.equal(response.status, 200);
    const accepted = await fetch(message.url, message.options);
    assert.ok(accepted.ok, `the message got ${accepted.status}`);
    for await (const lines of eventsOf(response)) {
        if (!lines[0].startsWith('data:')) continue; // a comment
        assert.equal(lines.length, 1, 'data only: clients of this profile know no event names');
        const answer = JSON.parse(lines[0].slice(5));
        assert.equal(answer.jsonrpc, '2.0');
        assert.equal(answer.id, '1');
        assert.equal(answer.result.protocolVersion, '2024-11-05');
        break;
    }
    abort.abort();
    const health = await (await fetch(`${base}/health`)).json();
    for (const member of ['status', 'service', 'version', 'timestamp']) assert.equal(typeof health[member], 'string');
    assert.equal(health.status, 'healthy');
}

/** What `/stats` says; of several instances, of which each has a list of its own, that of all of them. */
async function statsOf(base) {
    const ask = async () => (await fetch(`${base}/mcp/sse/stats`, { headers: { Authorization: 'Bearer master-secret' } })).json();
    const first = await ask();
    if (!process.env.TENON_FLEET) return first;
    const all = [first];
    while (all.length < 9) all.push(await ask()); // round robin, and others ask too
    const unique = new Map(all.flatMap((one) => one.connections).map((connection) => [connection.id, connection]));
    const connections = [...unique.values()];
    const connectionsByType = {};
    for (const { type } of connections) connectionsByType[type] = (connectionsByType[type] ?? 0) + 1;
    const times = (member) => all.map((one) => one[member]).find((time) => time);
    return { totalConnections: connections.length, connectionsByType, connections,
        oldestConnection: times('oldestConnection'), newestConnection: times('newestConnection') };
}

async function backlog(base) {
    const log = new Log();
    const names = { EventSource: sources, fetch, console: log.console };
    const eventSource = await run(adapt(await read('002-browser.js'), base, { 'your-token': 'team-secret' }), names, 'eventSource');
    const [, welcome] = await log.until(([what]) => what === 'Welcome:', 'the welcome');
    assert.equal(welcome.type, 'mcp-notification');
    assert.ok(welcome.connectionId);

    const send = async (text) =>
        run(adapt(text, base, { 'your-token': 'team-secret', 'your-connection-id': welcome.connectionId }), names);
    await send(await read('002-send.js'));
    const [, listed] = await log.until(([what]) => what === 'Response:', 'the response');
    assert.ok(listed.tools.some((tool) => tool.name === 'clock_now'));
    await log.until(([what]) => what === 'Server alive', 'the heartbeat');

    // The tool of the document is of its own server: the name is put in as well.
    let projects;
    const shown = new Promise((resolve) => (projects = resolve));
    await run(adapt(await read('002-dashboard.js'), base, { list_projects: 'clock_now' }), {
        eventSource,
        updateProjectList: projects,
        sendMCPCommand: (method, params) =>
            fetch(`${base}/mcp/sse/send`, {
                method: 'POST',
                headers: { Authorization: 'Bearer team-secret', 'Content-Type': 'application/json' },
                body: JSON.stringify({ connectionId: welcome.connectionId, message: { method, params } })
            }),
        setInterval: (refresh) => refresh()
    });
    assert.ok((await shown).content.length > 0);

    const stats = () => statsOf(base);
    const seen = await stats();
    assert.equal(seen.totalConnections, 1);
    assert.deepEqual(seen.connectionsByType, { team: 1 });
    assert.ok(seen.oldestConnection && seen.newestConnection);

    const masters = new Log();
    await run(adapt(await read('002-browser.js'), base, { 'your-token': 'master-secret' }), { ...names, console: masters.console });
    await masters.until(([what]) => what === 'Welcome:', "the master's welcome");
    await run(adapt(await read('002-broadcast.js'), base, { 'master-token': 'master-secret' }), { fetch });
    const maintenance = ([, data]) => data?.result?.message === 'Server maintenance in 5 minutes';
    const [, told] = await log.until(maintenance, 'the broadcast');
    assert.equal(told.result.level, 'warning');
    await masters.until(([what]) => what === 'Server alive', 'a heartbeat after the broadcast');
    assert.ok(!masters.lines.some(maintenance), 'the filter names team and readonly only');

    for (const path of ['/mcp/sse?token=wrong', '/mcp/sse']) assert.equal((await fetch(base + path)).status, 401);
    const refused = await fetch(`${base}/mcp/sse/broadcast`, {
        method: 'POST',
        headers: { Authorization: 'Bearer team-secret', 'Content-Type': 'application/json' },
        body: '{"message":"x"}'
    });
    assert.equal(refused.status, 403);
    await nodeProgram(base, stats);
}

/** The document's program for Node.js, as a program of its own. */
async function nodeProgram(base, stats) {
    const before = new Set((await stats()).connections.map((connection) => connection.id));
    const folder = await mkdtemp(join(tmpdir(), 'tenon-seeds-'));
    await symlink(process.env.TENON_NODE_MODULES, join(folder, 'node_modules'));
    const file = join(folder, 'client.mjs');
    await writeFile(file, adapt(await read('002-node.mjs'), base, { 'your-token': 'readonly-secret' }));
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
        let output = '';
        child.stdout.on('data', (chunk) => (output += chunk));
        const until = async (ready) => {
            for (let left = 400; left > 0; --left) {
                const value = await ready();
                if (value) return value;
                await new Promise((resolve) => setTimeout(resolve, 50));
            }
            throw new Error(`the program for Node.js printed: ${output}`);
        };
        const id = await until(async () => (await stats()).connections.find((connection) => !before.has(connection.id))?.id);
        const accepted = await fetch(`${base}/mcp/sse/send`, {
            method: 'POST',
            headers: { Authorization: 'Bearer readonly-secret', 'Content-Type': 'application/json' },
            body: JSON.stringify({ connectionId: id, message: { method: 'tools/list' } })
        });
        assert.ok(accepted.ok);
        await until(() => /Tools:[^]*clock_now/.test(output));
    } finally {
        child.kill();
        await rm(folder, { recursive: true, force: true });
    }
}

async function rails(base) {
    const log = new Log();
    const text = adapt(await read('003.js'), base);
    const [definitions, usage] = text.split('// Example usage');
    const sendMCPRequest = await run(definitions, { EventSource: sources, fetch, console: log.console }, 'sendMCPRequest');
    await log.until(([what]) => what === 'Connected with ID:', 'the connection');
    // The document's examples are for a connection that is there.
    await run(usage, { sendMCPRequest });
    await log.until(([what, answer]) => what === 'MCP Response:' && answer.result?.tools?.length > 0, 'the list of tools');
    const [, unknown] = await log.until(([what, answer]) => what === 'MCP Response:' && answer.error, 'the unknown tool');
    assert.match(unknown.error.message, /get_client/);

    const names = new Set();
    const response = await fetch(`${base}/mcp/sse`);
    for await (const lines of eventsOf(response)) {
        for (const line of lines) if (line.startsWith('event:')) names.add(line.slice(6).trim());
        if (names.has('connected') && names.has('heartbeat')) break;
    }
    const health = await fetch(`${base}/mcp`);
    assert.equal(health.status, 200);
    assert.equal((await health.json()).status, 'healthy');
    const stream = await fetch(`${base}/mcp`, { headers: { Accept: 'text/event-stream' } });
    assert.equal(stream.status, 400, 'a stream was asked for, and needs a session');
    await stream.body.cancel();
}

async function against(name, settings, exercise) {
    const server = await startServer(binary, [...common, '--timeouts.heartbeatMs=300', ...settings]);
    try {
        await exercise(server.mcpUrl.origin);
        console.log(`${name}: ok`);
    } catch (error) {
        console.error(server.output());
        throw error;
    } finally {
        for (const source of open.splice(0)) source.close();
    }
    await server.stop();
}

const authenticated = ['--auth.type=bearer', '--auth.queryToken=true', ...tokens];
await against('000, path-session', authenticated, pathSession);
await against('002, backlog', authenticated, backlog);
await against('003, rails', [], rails);
process.exit(0); // connections that fetch keeps open would hold it
