// Probes of who is let in and how much each may have; each starts a server of its own, set up for it.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { startServer } from '../clients/server.mjs';

const run = promisify(execFile);
const PATIENCE_MS = 10_000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const token = (name, type) => [`--auth.token.${name}.sha256=${sha256(name)}`, `--auth.token.${name}.type=${type}`];
const bearer = (name) => ({ Authorization: `Bearer ${name}` });

/** A server with these settings, while `use` runs; its folder is gone afterwards. */
export async function server(servers, settings, use) {
    const folder = await mkdtemp(join(tmpdir(), 'tenon-seeds-'));
    const list = typeof settings === 'function' ? await settings(folder) : settings;
    const running = await startServer(servers.binary, [`--plugins.directory=${servers.plugins}`, ...list]);
    running.base = running.mcpUrl.origin;
    try {
        return await use(running, folder);
    } finally {
        running.kill();
        await rm(folder, { recursive: true, force: true });
    }
}

export async function eventually(check, what) {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) if (await check()) return;
    throw new Error(what);
}

const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };

/** A request that needs no session. */
export const ask = (base, method, params = {}, headers = {}) =>
    fetch(`${base}/mcp`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
            'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...(params.name ? { 'Mcp-Name': params.name } : {}), ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } })
    });

export const initialize = (base, headers = {}) =>
    fetch(`${base}/mcp`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize',
            params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'probe', version: '1' } } })
    });

const status = async (response) => (await (await response).arrayBuffer(), (await response).status);

async function letsIn(base, good, wrong) {
    assert.equal(await status(ask(base, 'tools/list', {}, good)), 200);
    for (const headers of [wrong, {}]) assert.equal(await status(ask(base, 'tools/list', {}, headers)), 401);
}

function jwt(secret, claims) {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
}

/** An open event stream; `close` ends it. */
async function stream(base, path, headers = {}) {
    const abort = new AbortController();
    const response = await fetch(base + path, { headers: { Accept: 'text/event-stream', ...headers }, signal: abort.signal });
    return { status: response.status, close: () => abort.abort() };
}

export const LIMIT_PROBES = {
    'auth.jwt': (servers) => {
        const secret = 'a secret of more than thirty-two bytes';
        return server(servers, async (folder) => {
            await writeFile(join(folder, 'secret'), secret);
            return ['--auth.type=jwt', `--auth.jwt.secretFile=${folder}/secret`, '--auth.jwt.audience=probe'];
        }, ({ base }) => {
            const claims = { sub: 'someone', aud: 'probe', type: 'team', exp: Math.floor(Date.now() / 1000) + 60 };
            return letsIn(base, bearer(jwt(secret, claims)), bearer(jwt(`${secret}!`, claims)));
        });
    },
    'auth.basic': async (servers) => {
        const hashed = await new Promise((resolve, reject) => {
            const child = spawn(servers.binary, ['hash-password'], { stdio: ['pipe', 'pipe', 'inherit'] });
            let text = '';
            child.stdout.on('data', (data) => (text += data));
            child.on('error', reject);
            child.on('exit', () => resolve(text.trim()));
            child.stdin.end('open sesame\n');
        });
        const basic = (password) => ({ Authorization: `Basic ${Buffer.from(`ali:${password}`).toString('base64')}` });
        await server(servers, ['--auth.type=basic', `--auth.user.ali.password=${hashed}`],
            ({ base }) => letsIn(base, basic('open sesame'), basic('open')));
    },
    'auth.apikey': (servers) => server(servers, ['--auth.type=apikey', ...token('key', 'team')],
        ({ base }) => letsIn(base, { 'X-API-Key': 'key' }, { 'X-API-Key': 'other' })),
    'auth.tools': (servers) => server(servers, ['--auth.type=bearer', ...token('few', 'few'), '--auth.types.few.tools=clock_*'],
        async ({ base }) => {
            const { result } = await (await ask(base, 'tools/list', {}, bearer('few'))).json();
            assert.ok(result.tools.length > 0 && result.tools.every((tool) => tool.name.startsWith('clock_')));
            const refused = await ask(base, 'tools/call', { name: 'sysinfo_memory', arguments: {} }, bearer('few'));
            assert.ok((await refused.json()).error, 'a tool that is not named may be called');
        }),
    'limit.rate': (servers) => server(servers, ['--auth.type=bearer', ...token('one', 'team'), ...token('two', 'team'),
        '--auth.types.team.rate=3'], async ({ base }) => {
        const seen = [];
        for (let at = 0; at < 5; ++at) seen.push(await status(ask(base, 'tools/list', {}, bearer('one'))));
        assert.ok(seen.includes(200) && seen.includes(429), `statuses ${seen}`);
        assert.equal(await status(ask(base, 'tools/list', {}, bearer('two'))), 200, 'one client takes it from another');
    }),
    'limit.size': (servers) => server(servers, ['--limits.maxMessageBytes=2048'], async ({ base }) => {
        assert.equal(await status(ask(base, 'tools/list', { filler: 'x'.repeat(4096) })), 413);
        assert.equal(await status(ask(base, 'tools/list')), 200);
    }),
    'limit.connections': (servers) => server(servers, ['--limits.maxConnections=3', '--limits.share=100'], async ({ mcpUrl }) => {
        const sockets = [];
        let closed = 0;
        try {
            for (let at = 0; at < 6; ++at) {
                const socket = connect(mcpUrl.port, '127.0.0.1');
                socket.on('error', () => {});
                socket.on('close', () => ++closed);
                socket.resume();
                sockets.push(socket);
            }
            await eventually(() => closed >= 3, 'more connections than there may be stay open');
            assert.ok(closed < 6);
        } finally {
            sockets.forEach((socket) => socket.destroy());
        }
    }),
    'limit.sessions': (servers) => server(servers, ['--limits.maxSessions=1', '--limits.share=100'], async ({ base }) => {
        const first = await stream(base, '/sse');
        const second = await stream(base, '/sse');
        first.close();
        second.close();
        assert.equal(first.status, 200);
        assert.ok([429, 503].includes(second.status), `status ${second.status}`);
    }),
    'limit.streams': (servers) => server(servers, ['--limits.maxStreams=1', '--limits.share=100'], async ({ base }) => {
        const first = await stream(base, '/sse');
        const second = await stream(base, '/sse');
        assert.equal(second.status, 503);
        assert.equal(await status(fetch(`${base}/health`)), 200);
        assert.equal(await status(ask(base, 'tools/list')), 200, 'calls are no longer answered');
        first.close();
    }),
    'limit.streamsByType': (servers) => server(servers, ['--auth.type=bearer', ...token('one', 'readonly'), ...token('two', 'team'),
        '--auth.types.readonly.maxStreams=1'], async ({ base }) => {
        const streams = [];
        for (const name of ['one', 'one', 'two']) streams.push(await stream(base, '/sse', bearer(name)));
        streams.forEach((one) => one.close());
        assert.deepEqual(streams.map((one) => one.status), [200, 429, 200]);
    }),
    'session.idle': (servers) => server(servers, ['--timeouts.sessionMs=1s'], async ({ base }) => {
        const opened = await initialize(base);
        const headers = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id'), 'MCP-Protocol-Version': '2025-11-25' };
        await opened.arrayBuffer();
        assert.ok(headers['Mcp-Session-Id']);
        // Asking would keep it alive: the sweeper has it gone by itself.
        await eventually(async () => (await (await fetch(`${base}/stats`)).json()).sessions === 0, 'an idle session stays');
        const ping = fetch(`${base}/mcp`, { method: 'POST', body: JSON.stringify({ jsonrpc: '2.0', id: 2, method: 'ping' }),
            headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers } });
        assert.equal(await status(ping), 404);
    }),
    slow: (servers) => server(servers, ['--limits.streamQueueBytes=4096', '--ops.metrics=open'], async ({ base, mcpUrl }) => {
        const socket = connect(mcpUrl.port, '127.0.0.1');
        socket.on('error', () => {});
        socket.write('GET /sse HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n');
        await new Promise((resolve) => socket.once('data', resolve));
        socket.pause();
        const metric = async () =>
            Number(/^tenon_sse_slow_readers_total (\d+)/m.exec(await (await fetch(`${base}/metrics`)).text())?.[1] ?? 0);
        const body = JSON.stringify({ message: 'x'.repeat(60_000) });
        await eventually(async () => {
            for (let at = 0; at < 50; ++at)
                await status(fetch(`${base}/broadcast`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body }));
            return (await metric()) > 0;
        }, 'a stream that nobody reads stays open');
        socket.destroy();
    }),
    bind: async (servers) => {
        await assert.rejects(startServer(servers.binary, ['--http.host=0.0.0.0', `--plugins.directory=${servers.plugins}`]),
            /auth/, 'it listens for everybody without authentication');
        await server(servers, ['--http.host=0.0.0.0', '--auth.allowAnonymous=true'], async ({ mcpUrl }) =>
            assert.equal(await status(fetch(`http://127.0.0.1:${mcpUrl.port}/health`)), 200));
    },
    tls: (servers) => server(servers, async (folder) => {
        await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-keyout',
            join(folder, 'key.pem'), '-out', join(folder, 'certificate.pem')]);
        return ['--tls.enabled=true', `--tls.certificate=${folder}/certificate.pem`, `--tls.key=${folder}/key.pem`];
    }, async ({ mcpUrl }, folder) => {
        const { stdout } = await run('curl', ['-s', '--cacert', join(folder, 'certificate.pem'), '--resolve',
            `localhost:${mcpUrl.port}:127.0.0.1`, `https://localhost:${mcpUrl.port}/health`]);
        assert.equal(JSON.parse(stdout).status, 'healthy');
    }),
    drain: (servers) => server(servers, ['--timeouts.lameDuckMs=3s'], async (one) => {
        assert.equal(await status(fetch(`${one.base}/ready`)), 200);
        process.kill(one.pid, 'SIGTERM');
        await eventually(async () => (await status(fetch(`${one.base}/ready`))) === 503, '/ready stays 200');
        assert.equal(await status(ask(one.base, 'tools/list')), 200, 'it no longer serves while it drains');
    }),
    shutdown: (servers) => server(servers, [], async (one) => {
        const call = ask(one.base, 'tools/call', { name: 'sysinfo_sample', arguments: { seconds: 1 } });
        await sleep(200);
        const ended = one.stop();
        const answer = await call;
        assert.equal(answer.status, 200);
        assert.ok((await answer.text()).includes('result'), 'a call that ran was not answered');
        await ended;
    }),
    cancel: (servers) => server(servers, [], async ({ base }) => {
        const abort = new AbortController();
        const call = fetch(`${base}/mcp`, { method: 'POST', signal: abort.signal,
            headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'MCP-Protocol-Version': '2026-07-28',
                'Mcp-Method': 'tools/call', 'Mcp-Name': 'sysinfo_sample' },
            body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call',
                params: { name: 'sysinfo_sample', arguments: { seconds: 30 }, _meta: META } }) }).catch(() => {});
        const calls = async () => (await (await fetch(`${base}/stats`)).json()).callsInFlight;
        await eventually(async () => (await calls()) === 1, 'the call does not run');
        abort.abort();
        await call;
        await eventually(async () => (await calls()) === 0, 'a call whose client has gone runs on');
    }),
    timeout: (servers) => server(servers, ['--plugin.sysinfo.tool.sysinfo_sample.timeoutMs=300'], async ({ base }) => {
        const began = Date.now();
        await status(ask(base, 'tools/call', { name: 'sysinfo_sample', arguments: { seconds: 40 } }));
        assert.ok(Date.now() - began < 20_000, 'a call goes on after its time');
    }),
    resume: (servers) => server(servers, [], async ({ base }) => {
        const opened = await initialize(base);
        const session = { 'Mcp-Session-Id': opened.headers.get('mcp-session-id'), 'MCP-Protocol-Version': '2025-11-25' };
        await opened.arrayBuffer();
        const send = (body, abort) => fetch(`${base}/mcp`, { method: 'POST', signal: abort?.signal,
            headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...session },
            body: JSON.stringify({ jsonrpc: '2.0', ...body }) });
        await status(send({ method: 'notifications/initialized' }));
        const abort = new AbortController();
        const call = await send({ id: 2, method: 'tools/call', params: { name: 'sysinfo_sample',
            arguments: { seconds: 1, samples: 2 }, _meta: { progressToken: 1 } } }, abort);
        const first = new TextDecoder().decode((await call.body.getReader().read()).value);
        abort.abort();
        const place = /^id: (\S+)/m.exec(first)?.[1];
        assert.ok(place, 'its events have no id');
        const again = await fetch(`${base}/mcp`, { headers: { Accept: 'text/event-stream', 'Last-Event-ID': place, ...session } });
        assert.equal(again.status, 200);
        let text = '';
        for await (const part of again.body.pipeThrough(new TextDecoderStream())) if ((text += part).includes('"result"')) break;
        assert.match(text, /"id":2,"result"/);
    }),
    stdio: async (servers) => {
        // As the configuration of Claude Desktop has it.
        const folder = await mkdtemp(join(tmpdir(), 'tenon-seeds-'));
        await writeFile(join(folder, 'tenon.properties'), `plugins.directory = ${servers.plugins}\n`);
        const child = spawn(servers.binary, ['--stdio', `--config=${folder}/tenon.properties`], { stdio: ['pipe', 'pipe', 'ignore'] });
        let text = '';
        child.stdout.on('data', (data) => (text += data));
        try {
            child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize',
                params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'probe', version: '1' } } })}\n`);
            await eventually(() => text.includes('\n'), 'no answer');
            assert.equal(JSON.parse(text.split('\n')[0]).result.protocolVersion, '2025-06-18');
        } finally {
            child.kill();
            await rm(folder, { recursive: true, force: true });
        }
    },
    'client.sse': async ({ binary, open }) => {
        const { stdout } = await run(binary, ['list', `${open.base}/sse`], { timeout: 20_000 });
        assert.match(stdout, /clock_now/);
    },
    'events.batch': (servers) => server(servers, ['--sse.batchMs=500', '--sse.profiles=path-session'], async ({ base, mcpUrl }) => {
        const socket = connect(mcpUrl.port, '127.0.0.1');
        const parts = [];
        socket.on('data', (data) => parts.push(String(data)));
        socket.write('GET /sse/mine HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n');
        await eventually(() => parts.length > 0, 'no stream');
        await Promise.all([1, 2, 3].map((id) => fetch(`${base}/message/mine`, { method: 'POST',
            headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id, method: 'ping' }) })));
        await eventually(() => parts.join('').split('"id":').length === 4, 'three answers did not come');
        socket.destroy();
        const chunks = parts.slice(1).join('').match(/^[0-9a-f]+\r$/gm);
        assert.ok(chunks.length < 3, `three events in ${chunks.length} pieces`);
    })
};
