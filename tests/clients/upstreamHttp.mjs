// Servers behind the server over HTTP and WebSocket, in both eras: subscriptions and updates of resources, cancellation,
// settings reloaded, tokens of callers, what is not listed; and updates from programs of old revisions.
//
//   upstreamHttp.mjs TENON PLUGINS
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { join } from 'node:path';
import { text } from './exercise.mjs';
import { load } from './modules.mjs';
import { makeCertificate, makeWorkspace, settingsFor, startServer } from './server.mjs';

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

/** The resources of the server behind, once its lists are read. */
async function resourcesOf(client) {
    let resources = [];
    await until('the lists of the server behind', async () => {
        ({ resources } = await client.listResources());
        return resources.length > 0;
    });
    return resources;
}

/** Updates of a resource reach whoever asked for them, in both eras. */
async function updates(front, client, uri) {
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
}

const greetingIn = (resources) => `${resources[0].uri.replace(/\/$/, '')}/greeting.txt`; // the root is listed

/** A program of an old revision behind, whose resources clients of both eras watch. */
async function legacyProgram(revision) {
    const words = [binary, '--stdio', ...settingsFor(plugins, workspace), '--log.level=error'].join(' ');
    const front = await startServer(binary, ['--plugins.directory=', `--upstream.b.command=${words}`, `--upstream.b.revision=${revision}`,
        '--upstream.b.startMs=60s']);
    try {
        const client = await legacyClient(front);
        const resources = await resourcesOf(client);
        await updates(front, client, greetingIn(resources));
        await updates(front, client, greetingIn(resources)); // once more, after everybody had gone
        await client.close();
        await front.stop();
    } catch (error) {
        console.error(front.output());
        front.kill();
        throw error;
    }
}

/** What a server behind does not list is asked for there, if it is the only one that can be meant. */
async function unlisted() {
    const program = join(workspace.root, 'unlisted.mjs');
    writeFileSync(program, `import { createInterface } from 'node:readline';
        const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
        createInterface({ input: process.stdin }).on('line', (line) => {
            const { id, method, params } = JSON.parse(line), uri = params?.uri;
            if (id === undefined) return;
            if (method === 'initialize') say({ id, result: { protocolVersion: '2025-06-18', capabilities: { resources: { subscribe: true } }, serverInfo: { name: 'x', version: '1' } } });
            else if (method.startsWith('resources/') && uri?.startsWith('hidden:bad')) say({ id, error: { code: -32002, message: 'there is none' } });
            else if (method === 'resources/read') say({ id, result: { contents: [{ uri, text: 'found' }] } });
            else if (method === 'resources/subscribe') say({ id, result: {} }), say({ method: 'notifications/resources/updated', params: { uri } });
            else if (method === 'resources/unsubscribe') say({ id, result: {} });
            else if (method.endsWith('/list')) say({ id, result: { [{ resources: 'resources', 'resources/templates': 'resourceTemplates' }[method.slice(0, -5)] ?? method.slice(0, -5)]: [] } });
            else say({ id, error: { code: -32601, message: method } });
        });`);
    const command = (name) => `--upstream.${name}.command="${process.execPath}" "${program}"`;
    const settings = ['--plugins.directory=', '--plugins.loadTimeoutMs=60s', command('b'), '--upstream.b.startMs=60s'];
    const front = await startServer(binary, settings);
    const ambiguous = await startServer(binary, [...settings, command('c'), '--upstream.c.startMs=60s']);
    try {
        let client = await legacyClient(front);
        let updated = '';
        client.setNotificationHandler(one.ResourceUpdatedNotificationSchema, ({ params }) => void (updated = params.uri));
        await until('the server behind', () => client.readResource({ uri: 'hidden:1' }).then(() => true, () => false));
        assert.equal((await client.readResource({ uri: 'hidden:1' })).contents[0].text, 'found');
        await client.subscribeResource({ uri: 'hidden:1' });
        await until('an update of it', () => updated === 'hidden:1');
        await client.unsubscribeResource({ uri: 'hidden:1' });
        // What the server behind says counts.
        await assert.rejects(client.readResource({ uri: 'hidden:bad' }));
        for (let times = 0; times < 2; times++) await assert.rejects(client.subscribeResource({ uri: 'hidden:bad' }), /to subscribe to/);
        await client.close();
        client = await legacyClient(ambiguous);
        await assert.rejects(client.readResource({ uri: 'hidden:1' }), /not found/i);
        await assert.rejects(client.subscribeResource({ uri: 'hidden:1' }), /to subscribe to/);
        await client.close();
        await front.stop();
        await ambiguous.stop();
    } catch (error) {
        console.error(front.output(), ambiguous.output());
        front.kill();
        ambiguous.kill();
        throw error;
    }
}

/** What a modern server behind does not grant of a subscription, nobody here is promised. */
async function granted() {
    const program = join(workspace.root, 'granted.mjs');
    writeFileSync(program, `import { createInterface } from 'node:readline';
        const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
        createInterface({ input: process.stdin }).on('line', (line) => {
            const { id, method, params } = JSON.parse(line), uri = params?.uri;
            const answer = (result) => say({ id, result: { resultType: 'complete', ...result } });
            if (method === 'server/discover') answer({ supportedVersions: ['2026-07-28'], capabilities: { resources: { subscribe: true } }, serverInfo: { name: 'x', version: '1' } });
            else if (method === 'resources/read') answer({ contents: [{ uri, text: 'found' }] });
            else if (method === 'resources/list') answer({ resources: [] });
            else if (method === 'resources/templates/list') answer({ resourceTemplates: [] });
            else if (method === 'subscriptions/listen') {
                const _meta = { 'io.modelcontextprotocol/subscriptionId': id };
                const kept = (params.notifications.resourceSubscriptions ?? []).filter((one) => one.startsWith('kept:'));
                say({ method: 'notifications/subscriptions/acknowledged', params: { _meta, notifications: { resourceSubscriptions: kept } } });
                for (const one of kept) say({ method: 'notifications/resources/updated', params: { _meta, uri: one } });
            }
            else if (id !== undefined) say({ id, error: { code: -32601, message: method } });
        });`);
    const front = await startServer(binary, ['--plugins.directory=', '--plugins.loadTimeoutMs=60s', '--upstream.b.startMs=60s',
        `--upstream.b.command="${process.execPath}" "${program}"`]);
    try {
        const client = await legacyClient(front);
        const updated = new Set();
        client.setNotificationHandler(one.ResourceUpdatedNotificationSchema, ({ params }) => void updated.add(params.uri));
        await until('the server behind', () => client.readResource({ uri: 'kept:1' }).then(() => true, () => false));
        await client.subscribeResource({ uri: 'kept:1' });
        await until('an update', () => updated.has('kept:1'));
        for (let times = 0; times < 2; times++) await assert.rejects(client.subscribeResource({ uri: 'other:1' }), /to subscribe to/);
        await client.subscribeResource({ uri: 'kept:2' });
        await until('another update', () => updated.has('kept:2'));
        await client.close();
        const ends = new AbortController();
        await modernRequest(front, 'subscriptions/listen', { notifications: { resourceSubscriptions: ['other:2', 'kept:3'] } }, {
            signal: ends.signal,
            see: (message) => {
                assert.equal(message.method, 'notifications/subscriptions/acknowledged');
                assert.deepEqual(message.params.notifications.resourceSubscriptions, ['kept:3']);
                return true;
            }
        });
        ends.abort();
        await front.stop();
    } catch (error) {
        console.error(front.output());
        front.kill();
        throw error;
    }
}

/** A chain that is used by clients of both eras, whatever is spoken between the two servers. */
async function chain(behind, settings) {
    const front = await startServer(binary, ['--plugins.directory=', ...settings]);
    try {
        const client = await legacyClient(front);
        const uri = greetingIn(await resourcesOf(client));
        assert.match(text(await client.callTool({ name: 'clock_now', arguments: { zone: 'Europe/Berlin' } })), /\d{4}-/);
        await updates(front, client, uri);

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

const SECRET = 'a secret of thirty-two bytes, at least';
let made = 0;
function tokenFor(audience, subject = 'ada') {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: subject, aud: audience, jti: String(++made), exp: Math.floor(Date.now() / 1000) + 3600 })}`;
    return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

/** A way to `target` that notes who came by: the credentials and the session of each request. */
async function noting(target) {
    const seen = [];
    const way = createServer((request, response) => {
        const onward = send(target, { method: request.method, path: request.url, headers: { ...request.headers, host: target.host } }, (answer) => {
            seen.push({
                token: request.headers.authorization?.replace('Bearer ', ''),
                session: request.headers['mcp-session-id'] ?? answer.headers['mcp-session-id']
            });
            response.writeHead(answer.statusCode, answer.headers);
            answer.on('error', () => response.destroy()).pipe(response);
        });
        onward.on('error', () => response.destroy());
        response.on('close', () => onward.destroy());
        request.pipe(onward);
    }).listen(0, '127.0.0.1');
    await once(way, 'listening');
    const { port } = way.address();
    return {
        url: new URL(target.pathname, `http://127.0.0.1:${port}`), seen,
        stop: () => (way.closeAllConnections(), way.close()),
        again: () => once(way.listen(port, '127.0.0.1'), 'listening')
    };
}

/** A server behind that is required makes this one unready while it does not answer, and ready again without any call. */
async function readiness(behind, revision) {
    const way = await noting(behind.mcpUrl);
    const front = await startServer(binary, ['--plugins.directory=', `--upstream.b.url=${way.url}`, `--upstream.b.revision=${revision}`,
        '--plugins.required=b']);
    try {
        const ready = async () => (await fetch(new URL('/ready', front.mcpUrl))).status;
        await until('it is ready', async () => (await ready()) === 200);
        way.stop();
        await until('it is not ready', async () => {
            await modernRequest(front, 'tools/call', { name: 'clock_now', arguments: {} });
            return (await ready()) === 503;
        });
        await way.again();
        await until('it is ready again', async () => (await ready()) === 200);
        assert.ok(!(await modernRequest(front, 'tools/call', { name: 'clock_now', arguments: {} })).result.isError);
        await front.stop();
    } catch (error) {
        console.error(front.output());
        front.kill();
        throw error;
    } finally {
        way.stop();
    }
}

/** A caller's token goes on to the server that it is made out to, over a session that is used with no other. */
async function forward(revision) {
    const FRONT = 'https://front.example', BEHIND = 'https://behind.example';
    const secret = join(workspace.root, 'secret');
    writeFileSync(secret, SECRET, { mode: 0o600 });
    const jwt = (audience) => ['--auth.type=jwt', `--auth.jwt.secretFile=${secret}`, '--auth.jwt.defaultType=master', `--auth.jwt.audience=${audience}`];
    const own = tokenFor(BEHIND, 'tenon');
    const behind = await startServer(binary, [...settingsFor(plugins, workspace), ...jwt(BEHIND)]);
    const way = await noting(behind.mcpUrl);
    const front = await startServer(binary, ['--plugins.directory=', ...jwt(FRONT), `--upstream.b.url=${way.url}`, '--upstream.b.auth=forward',
        `--upstream.b.auth.audience=${BEHIND}`, `--upstream.b.auth.bearer=${own}`, `--upstream.b.revision=${revision}`]);
    try {
        const as = (token) => ({ headers: { Authorization: `Bearer ${token}` } });
        const call = (token) => modernRequest(front, 'tools/call', { name: 'clock_now', arguments: {} }, as(token));
        const first = tokenFor([FRONT, BEHIND]), second = tokenFor([BEHIND, FRONT]), other = tokenFor([FRONT, BEHIND], 'bert');
        const here = tokenFor(FRONT), elsewhere = tokenFor([FRONT, `${BEHIND}/`, 'https://third.example']);
        await until('the lists', async () => (await modernRequest(front, 'tools/list', {}, as(here))).result?.tools.length > 0);
        for (const token of [first, second, other, first]) {
            const good = await call(token);
            assert.ok(good.result && !good.result.isError, JSON.stringify(good));
        }
        const client = await legacyClient(front, as(other).headers);
        assert.ok(!(await client.callTool({ name: 'clock_now', arguments: {} })).isError);
        const { resources } = await client.listResources();
        assert.ok((await client.readResource({ uri: resources[0].uri })).contents.length > 0);
        // What a caller hears of would come over another session.
        await assert.rejects(client.subscribeResource({ uri: resources[0].uri }), /to subscribe to/);
        await client.close();
        for (const token of [here, elsewhere]) {
            const refused = await call(token);
            assert.ok(refused.result?.isError);
            assert.match(JSON.stringify(refused), /issued for https:\/\/behind\.example \(aud\)/);
        }
        assert.deepEqual([...new Set(way.seen.map(({ token }) => token))].sort(), [own, first, second, other].sort());
        const users = new Map();
        for (const { token, session } of way.seen.filter(({ session }) => session))
            assert.equal(users.get(session) ?? users.set(session, token).get(session), token, 'one session, two tokens');
        assert.ok(revision === '2026-07-28' || users.size >= 5, `sessions: ${users.size}`);
        await front.stop();
        await behind.stop();
    } catch (error) {
        console.error(front.output(), behind.output());
        front.kill();
        behind.kill();
        throw error;
    } finally {
        way.stop();
    }
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
        console.log('settings reloaded: ok');
        for (const revision of ['2025-11-25', '2026-07-28']) await readiness(behind, revision);
        console.log('away and back: ok');
    } finally {
        await behind.stop().catch(() => behind.kill());
    }
    const tls = await makeCertificate(workspace);
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'; // of what is looked at here; Tenon is told whom to trust
    const secure = await startServer(binary, ['--http.webSocket=true', '--tls.enabled=true', `--tls.certificate=${tls.certificate}`,
        `--tls.key=${tls.key}`, ...settingsFor(plugins, workspace)]);
    try {
        const trust = `--upstream.b.authorities=${tls.certificate}`, socket = secure.mcpUrl.href.replace('https', 'wss');
        for (const [name, settings] of [
            ['2025-11-25 over HTTPS', [`--upstream.b.url=${secure.mcpUrl}`, '--upstream.b.revision=2025-11-25', trust]],
            ['2026-07-28 over WebSocket and TLS', [`--upstream.b.url=${socket}`, trust]],
            ['2024-11-05 over WebSocket and TLS', [`--upstream.b.url=${socket}`, '--upstream.b.revision=2024-11-05', trust]]
        ]) {
            await chain(secure, settings);
            console.log(`${name}: ok`);
        }
    } finally {
        await secure.stop().catch(() => secure.kill());
    }
    for (const revision of ['2024-11-05', '2025-11-25']) await legacyProgram(revision);
    console.log('updates from programs of old revisions: ok');
    await unlisted();
    await granted();
    console.log('what is not listed: ok');
    for (const revision of ['2025-11-25', '2026-07-28']) await forward(revision);
    console.log('tokens of callers: ok');
} finally {
    await workspace.remove();
}
process.exit();
