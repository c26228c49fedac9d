// Servers behind the server over HTTP and WebSocket, in both eras: subscriptions and updates of resources, cancellation,
// settings read again.
//
//   upstreamHttp.mjs TENON PLUGINS
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from './exercise.mjs';
import { load } from './modules.mjs';
import { makeWorkspace, settingsFor, startServer } from './server.mjs';

const one = {
    ...load('@modelcontextprotocol/sdk/client/index.js'),
    ...load('@modelcontextprotocol/sdk/client/streamableHttp.js'),
    ...load('@modelcontextprotocol/sdk/types.js')
};
const two = load('@modelcontextprotocol/client');
const [binary, plugins] = process.argv.slice(2);
const workspace = await makeWorkspace();
const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };

async function until(what, look) {
    for (let tries = 0; tries < 600; tries++) {
        if (await look()) return;
        await new Promise((done) => setTimeout(done, 100));
    }
    assert.fail(what);
}

async function legacyClient(server, headers = {}) {
    const client = new one.Client({ name: 'tenon-upstream-http-1', version: '1' }, {});
    await client.connect(new one.StreamableHTTPClientTransport(server.mcpUrl, { requestInit: { headers } }));
    return client;
}

/** One modern request; gives the answer, or hands each message of its stream to `see` until that returns true. */
async function modernRequest(server, method, params, { see, signal, headers = {} } = {}) {
    const response = await fetch(server.mcpUrl, {
        method: 'POST', signal,
        headers: {
            'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', 'Mcp-Method': method,
            'MCP-Protocol-Version': '2026-07-28', ...(params.name ? { 'Mcp-Name': params.name } : {}), ...headers
        },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } })
    });
    if (!see) return response.json();
    let kept = '';
    for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
        kept += bytes;
        for (let end = kept.indexOf('\n\n'); end >= 0; end = kept.indexOf('\n\n')) {
            const data = /^data: (.+)$/m.exec(kept.slice(0, end))?.[1];
            kept = kept.slice(end + 2);
            if (data && see(JSON.parse(data))) return undefined;
        }
    }
    throw new Error(`${method}: the stream ended`);
}

const active = async (server) =>
    Number(/^tenon_calls_in_flight(?:\{[^}]*\})? (\d+)/m.exec(await (await fetch(new URL('/metrics', server.mcpUrl))).text())?.[1] ?? 0);

/** A chain that is used by clients of both eras, whatever is spoken between the two servers. */
async function chain(behind, settings) {
    const front = await startServer(binary, ['--plugins.directory=', ...settings]);
    try {
        const client = await legacyClient(front);
        let resources = [];
        await until('the lists of the server behind', async () => {
            ({ resources } = await client.listResources());
            return resources.length > 0;
        });
        const uri = `${resources[0].uri.replace(/\/$/, '')}/greeting.txt`; // the root is listed
        assert.match(text(await client.callTool({ name: 'clock_now', arguments: { zone: 'Europe/Berlin' } })), /\d{4}-/);

        // Updates reach whoever asked for them, in both eras.
        let legacy = 0, modern = 0;
        client.setNotificationHandler(one.ResourceUpdatedNotificationSchema, ({ params }) => void (legacy += params.uri === uri));
        await client.subscribeResource({ uri });
        const ends = new AbortController();
        let listens;
        const listening = new Promise((resolve) => (listens = resolve));
        const stream = modernRequest(front, 'subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } }, {
            signal: ends.signal,
            see: (message) => {
                if (message.method === 'notifications/subscriptions/acknowledged') listens();
                modern += message.method === 'notifications/resources/updated' && message.params.uri === uri;
                return false;
            }
        }).catch(() => {});
        await listening;
        await until('an update', () => {
            writeFileSync(join(workspace.files, 'greeting.txt'), `changed ${Date.now()}\n`);
            return legacy > 0 && modern > 0;
        });
        await client.unsubscribeResource({ uri });
        ends.abort();
        await stream;

        // Whoever gives up frees the server behind.
        const late = new AbortController();
        const call = modernRequest(front, 'tools/call', { name: 'sysinfo_sample', arguments: { seconds: 30, samples: 2 } },
            { signal: late.signal, see: () => false }).catch(() => {});
        await until('the call arrives', async () => (await active(behind)) > 0);
        late.abort();
        await call;
        await until('the cancellation arrives', async () => (await active(behind)) === 0);
        const patience = new AbortController();
        const pending = client.callTool({ name: 'sysinfo_sample', arguments: { seconds: 30, samples: 2 } }, undefined, { signal: patience.signal });
        pending.catch(() => {});
        await until('the call of a legacy client arrives', async () => (await active(behind)) > 0);
        patience.abort('enough');
        await until('its cancellation arrives', async () => (await active(behind)) === 0);
        await client.close();
        await front.stop();
    } catch (error) {
        console.error(front.output());
        front.kill();
        throw error;
    }
}

/** Settings that are read again while clients are there. */
async function reload(behind) {
    const file = join(workspace.root, 'front.properties');
    const write = (lines) => writeFileSync(file, `plugins.directory =\n${lines.join('\n')}\n`);
    write([`upstream.first.url = ${behind.mcpUrl}`, 'upstream.first.tools = clock_*']);
    const front = await startServer(binary, [`--config=${file}`]);
    const client = new two.Client({ name: 'tenon-upstream-http-2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new two.StreamableHTTPClientTransport(front.mcpUrl));
    const names = async () => (await modernRequest(front, 'tools/list', {})).result.tools.map((tool) => tool.name);
    await until('the first', async () => (await names()).includes('clock_now'));
    write([`upstream.first.url = ${behind.mcpUrl}`, 'upstream.first.tools = clock_*', `upstream.second.url = ${behind.mcpUrl}`,
        'upstream.second.prefix = again_', 'upstream.second.tools = clock_now']);
    process.kill(front.pid, 'SIGHUP');
    await until('the second', async () => (await names()).includes('again_clock_now'));
    assert.ok((await client.callTool({ name: 'again_clock_now', arguments: {} })).content);
    write([`upstream.second.url = ${behind.mcpUrl}`, 'upstream.second.prefix = other_', 'upstream.second.tools = clock_now']);
    process.kill(front.pid, 'SIGHUP');
    await until('what is left', async () => (await names()).join() === 'other_clock_now');
    await client.close();
    await front.stop();
}

try {
    const behind = await startServer(binary, ['--http.webSocket=true', ...settingsFor(plugins, workspace)]);
    const socket = behind.mcpUrl.href.replace('http', 'ws');
    try {
        for (const [name, settings] of [
            ['2026-07-28 over HTTP', [`--upstream.b.url=${behind.mcpUrl}`]],
            ['2025-11-25 over HTTP', [`--upstream.b.url=${behind.mcpUrl}`, '--upstream.b.revision=2025-11-25']],
            ['2024-11-05 over HTTP+SSE', [`--upstream.b.url=${behind.sseUrl}`, '--upstream.b.sse=true', '--upstream.b.revision=2024-11-05']],
            ['2026-07-28 over WebSocket', [`--upstream.b.url=${socket}`]],
            ['2025-06-18 over WebSocket', [`--upstream.b.url=${socket}`, '--upstream.b.revision=2025-06-18']]
        ]) {
            await chain(behind, settings);
            console.log(`${name}: ok`);
        }
        await reload(behind);
        console.log('settings read again: ok');
    } finally {
        await behind.stop().catch(() => behind.kill());
    }
} finally {
    await workspace.remove();
}
process.exit();
