// One function a probe: it throws if what it looks for is not there. Each gets `servers`: `servers.open` has no
// authentication, `servers.guarded` has bearer tokens "team-secret", "readonly-secret" and "master-secret" of these types.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

import { ask, initialize, server } from './limits.mjs';

const run = promisify(execFile);
const PATIENCE_MS = 20_000;
const JSON_TYPE = { 'Content-Type': 'application/json' };
const bearer = (type) => ({ Authorization: `Bearer ${type}-secret` });

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A stream of events: what came, and waiting for what is to come. */
export class Stream {
    constructor(url, headers = {}) {
        this.blocks = [];
        this.abort = new AbortController();
        this.open = fetch(url, { headers: { Accept: 'text/event-stream', ...headers }, signal: this.abort.signal });
        this.open.then((response) => this.#read(response)).catch(() => {});
    }

    async #read(response) {
        let text = '';
        for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
            text += part;
            for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) this.#take(text.slice(0, end));
        }
    }

    #take(block) {
        const lines = block.split('\n');
        const field = (name) => lines.filter((line) => line.startsWith(`${name}:`))
            .map((line) => line.slice(name.length + 1).trim()).join('\n');
        this.blocks.push({ event: field('event'), data: field('data'), id: field('id'), text: block });
    }

    /** The first block that fits, now or soon. */
    async until(fits, what) {
        for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(10)) {
            const found = this.blocks.find(fits);
            if (found) return found;
        }
        throw new Error(`no ${what}, but ${[...new Set(this.blocks.map((block) => block.event || 'comments or data'))].join(', ')}`);
    }

    close() {
        this.abort.abort();
    }
}

const json = (block) => JSON.parse(block.data);
const post = (url, body, headers = {}) =>
    fetch(url, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) });

async function withStream(url, headers, use) {
    const stream = new Stream(url, headers);
    try {
        const response = await stream.open;
        assert.equal(response.status, 200);
        return await use(stream, response);
    } finally {
        stream.close();
    }
}

const INITIALIZE = {
    jsonrpc: '2.0', id: 1, method: 'initialize',
    params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'probe', version: '1' } }
};

/** A stream of the 2024-11-05 transport with its address for messages. */
async function standard(base, use) {
    return withStream(`${base}/sse`, {}, async (stream, response) => {
        const endpoint = (await stream.until((block) => block.event === 'endpoint', 'endpoint event')).data;
        return use(stream, new URL(endpoint, base).href, response, endpoint);
    });
}

/** A stream of the second document's form; `send` is its request. */
async function backlog(servers, type, use, query = '') {
    const base = servers.guarded.base;
    return withStream(`${base}/mcp/sse${query}`, bearer(type), async (stream) => {
        const welcome = json(await stream.until((block) => block.data.includes('connectionId'), 'welcome'));
        const send = (message) => post(`${base}/mcp/sse/send`, { connectionId: welcome.connectionId, message }, bearer(type));
        return use(stream, send, welcome);
    });
}

const stats = async (servers) =>
    (await fetch(`${servers.guarded.base}/mcp/sse/stats`, { headers: bearer('master') })).json();

async function rails(servers, use) {
    const base = servers.open.base;
    return withStream(`${base}/mcp/sse`, {}, async (stream) => {
        const connected = json(await stream.until((block) => block.event === 'connected', 'connected event'));
        const send = (message) =>
            post(`${base}/mcp/sse/message`, { connection_id: connected.connection_id ?? connected.connectionId, ...message });
        return use(stream, send, connected);
    });
}

async function metrics(servers) {
    const response = await fetch(`${servers.open.base}/metrics`);
    assert.equal(response.status, 200);
    return response.text();
}

async function hasMetric(servers, name) {
    assert.match(await metrics(servers), new RegExp(`^(tenon_)?${name}`, 'm'), `${name} is not there`);
}

async function runTenon(servers, args, environment = {}) {
    const { binary } = servers;
    try {
        const { stdout, stderr } = await run(binary, args, { env: { ...process.env, ...environment }, timeout: 10_000 });
        return { code: 0, text: stdout + stderr };
    } catch (error) {
        return { code: error.code ?? 1, text: `${error.stdout}${error.stderr}` };
    }
}

/** Starts a server with these arguments and sees that it listens. */
async function listens(servers, args, use = () => {}, environment = {}) {
    const child = spawn(servers.binary, args,
        { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    try {
        for (const end = Date.now() + PATIENCE_MS; Date.now() < end && child.exitCode === null; await sleep(20)) {
            const found = /Listening on (http:\/\/[^/\s]+)/.exec(output);
            if (!found) continue;
            assert.equal((await fetch(`${found[1]}/health`)).status, 200);
            return await use(found[1]);
        }
        throw new Error(`it does not listen: ${output.slice(0, 300)}`);
    } finally {
        child.kill();
    }
}

export const PROBES = {
    'path.stream': async ({ open }) => withStream(`${open.base}/sse/one`, {}, async (_, response) =>
        assert.match(response.headers.get('content-type'), /^text\/event-stream/)),
    'path.message': async ({ open }) => withStream(`${open.base}/sse/two`, {}, async (stream) => {
        assert.ok((await post(`${open.base}/message/two`, INITIALIZE)).ok);
        const answer = await stream.until((block) => block.data.includes('"result"'), 'answer');
        assert.equal(answer.event, '');
        assert.equal(json(answer).id, 1);
    }),
    'path.heartbeat': async ({ open }) => withStream(`${open.base}/sse/three`, {}, (stream) =>
        stream.until((block) => block.text.startsWith(':') || /heartbeat|ping/.test(block.event), 'sign of life')),
    health: async ({ open }) => {
        const health = await (await fetch(`${open.base}/health`)).json();
        for (const member of ['status', 'service', 'version', 'timestamp']) assert.equal(typeof health[member], 'string');
    },
    ready: async ({ open }) => assert.equal((await fetch(`${open.base}/ready`)).status, 200),
    cors: async ({ guarded }) => {
        const headers = { Origin: 'http://127.0.0.1:5173', 'Access-Control-Request-Method': 'POST',
            'Access-Control-Request-Headers': 'authorization,content-type' };
        const response = await fetch(`${guarded.base}/mcp`, { method: 'OPTIONS', headers });
        assert.ok(response.ok);
        assert.equal(response.headers.get('access-control-allow-origin'), 'http://127.0.0.1:5173');
    },
    rebinding: async ({ open }) => {
        const { stdout } = await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', 'Host: evil.example',
            `${open.base}/sse`]);
        assert.equal(stdout, '403');
    },
    security: async ({ open }) => {
        const { headers } = await fetch(`${open.base}/`);
        assert.equal(headers.get('x-content-type-options'), 'nosniff');
        assert.match(headers.get('content-security-policy'), /default-src 'none'/);
    },
    config: (servers) => listens(servers, ['--http.host=127.0.0.1', '--http.port=0', `--plugins.directory=${servers.plugins}`]),
    durations: async (servers) => {
        const { code, text } = await runTenon(servers, ['validate-config', '--http.port=0', '--timeouts.requestMs=30s', '--timeouts.idleMs=5m',
            `--plugins.directory=${servers.plugins}`]);
        assert.equal(code, 0, text);
    },
    serve: (servers) => listens(servers, ['serve', '--transport', 'sse', '--host', '127.0.0.1', '--port', '0']),
    'validate.keys': async (servers) =>
        assert.notEqual((await runTenon(servers, ['validate-config', '--http.port=0', '--http.prot=1'])).code, 0, 'an unknown key is valid'),
    'validate.values': async (servers) =>
        assert.notEqual((await runTenon(servers, ['validate-config', '--http.port=0', '--http.mcpPath=/sse',
            `--plugins.directory=${servers.plugins}`])).code, 0, 'two paths that are the same are valid'),
    environment: (servers) => listens(servers, ['--http.port=0', `--plugins.directory=${servers.plugins}`], async (base) => {
        const headers = { Origin: 'https://app.example', 'Access-Control-Request-Method': 'POST' };
        const answer = await fetch(`${base}/mcp`, { method: 'OPTIONS', headers });
        assert.equal(answer.headers.get('access-control-allow-origin'), 'https://app.example');
    }, { TENON_HTTP_ALLOWED_ORIGINS: 'https://app.example' }),
    doctor: async (servers) => {
        const { text } = await runTenon(servers, ['doctor', `${servers.open.base}/mcp`]);
        assert.match(text, /ok|works|passed|✓/i);
    },
    streamlog: async ({ open }) => {
        const before = open.output().length;
        await withStream(`${open.base}/sse/logged`, {}, () => sleep(50));
        const has = (expression) => expression.test(open.output().slice(before));
        for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20))
            if (has(/stream opened session=logged client=127\.0\.0\.1 principal=/) &&
                has(/stream closed session=logged .*why=client duration_ms=\d+ events=\d+/)) return;
        throw new Error('the log has nothing of a stream');
    },
    threads: async ({ open }) => {
        const streams = Array.from({ length: 200 }, (_, at) => new Stream(`${open.base}/sse/t${at}`));
        try {
            await Promise.all(streams.map((stream) => stream.open));
            const { stdout } = await run('sh', ['-c', `ls /proc/${open.pid}/task | wc -l`]);
            assert.ok(Number(stdout) < 60, `${stdout.trim()} threads`);
        } finally {
            streams.forEach((stream) => stream.close());
        }
    },
    'gzip.json': async ({ open }) => {
        const { stdout } = await run('curl', ['-s', '-D', '-', '-o', '/dev/null', '-H', 'Accept-Encoding: gzip', '-H',
            'Content-Type: application/json', '-H', 'MCP-Protocol-Version: 2026-07-28', '-H', 'Mcp-Method: tools/list', '-d',
            JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: {
                'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } }),
            `${open.base}/mcp`]);
        assert.match(stdout, /content-encoding: *gzip/i);
    },
    'gzip.events': async ({ open }) => {
        const { headers } = await new Stream(`${open.base}/sse/gzip`, { 'Accept-Encoding': 'gzip' }).open;
        assert.equal(headers.get('content-encoding'), 'gzip', 'events are not compressed');
    },
    websocket: async ({ open }) => {
        const { stdout } = await run('curl', ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '2', '-H',
            'Connection: Upgrade', '-H', 'Upgrade: websocket', '-H', 'Sec-WebSocket-Version: 13', '-H',
            'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', `${open.base}/mcp`]).catch((error) => error);
        assert.equal(stdout, '101', `status ${stdout}`);
    },
    metrics: (servers) => metrics(servers),
    ...Object.fromEntries(['sse_connections_active', 'messages_received_total', 'errors_total'].map((name) =>
        [`metrics.${name}`, (servers) => hasMetric(servers, name)])),
    'metrics.request_duration_seconds': async (servers) => {
        const count = async () => Number(/request_duration_seconds_count\S* (\d+)/.exec(await metrics(servers))?.[1] ?? 0);
        const before = await count();
        await standard(servers.open.base, async (stream, url) => {
            await post(url, INITIALIZE);
            await stream.until((block) => block.data.includes('"result"'), 'answer');
        });
        assert.ok((await count()) > before, 'a request over HTTP+SSE is not in it');
    },
    'metrics.session_duration_seconds': async (servers) =>
        assert.match(await metrics(servers), /session_duration_seconds_bucket\{[^}]*le="(3600|14400|43200|86400)"/, 'no bucket of hours'),

    'standard.stream': async ({ open }) => standard(open.base, async (_, __, response, endpoint) => {
        assert.match(endpoint, /^\/messages\?session_?[iI]d=[\w-]{16,}/);
        assert.match(response.headers.get('cache-control'), /no-cache|no-store/);
    }),
    'standard.session': async ({ open }) => standard(open.base, async (stream, url) => {
        await post(url, INITIALIZE);
        const answer = await stream.until((block) => block.data.includes('"result"'), 'answer');
        assert.equal(answer.event, 'message');
        await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' });
        for (const id of ['a', 7]) await post(url, { jsonrpc: '2.0', id, method: 'ping' });
        for (const id of ['"a"', '7']) await stream.until((block) => block.data.includes(`"id":${id}`), `answer ${id}`);
    }),
    'standard.isolation': async ({ open }) => standard(open.base, (first, firstUrl) =>
        standard(open.base, async (second) => {
            await post(firstUrl, INITIALIZE);
            await first.until((block) => block.data.includes('"result"'), 'answer');
            assert.ok(!second.blocks.some((block) => block.data.includes('"result"')));
        })),
    'standard.cleanup': async ({ open }) => {
        const url = await standard(open.base, async (_, messages) => messages);
        for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20))
            if ((await post(url, INITIALIZE)).status === 404) return;
        throw new Error('the session of a closed stream stays');
    },
    'standard.204': (servers) => server(servers, ['--sse.acceptedStatus=204'], ({ base }) =>
        standard(base, async (stream, url) => {
            assert.equal((await post(url, INITIALIZE)).status, 204);
            await stream.until((block) => block.data.includes('"result"'), 'answer');
        })),
    'standard.errors': async ({ open }) => standard(open.base, async (_, url) => {
        assert.equal((await fetch(url, { method: 'POST', headers: JSON_TYPE, body: '{' })).status, 400);
        assert.equal((await post(url.replace(/=[^=]*$/, '=unknown'), INITIALIZE)).status, 404);
        assert.equal((await fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: '{}' })).status, 415);
    }),
    'standard.errorEvent': async ({ open }) => standard(open.base, async (stream, url) => {
        await post(url, INITIALIZE);
        await post(url, { jsonrpc: '2.0', id: 5, method: 'nothing' });
        await stream.until((block) => block.data.includes('"error"'), 'error');
        await post(url, { jsonrpc: '2.0', id: 6, method: 'ping' });
        await stream.until((block) => block.data.includes('"id":6'), 'answer after an error');
    }),

    'backlog.query': async ({ guarded }) => withStream(`${guarded.base}/mcp/sse?token=team-secret`, {}, (stream) =>
        stream.until((block) => block.data.includes('connectionId'), 'welcome')),
    'backlog.auth': async (servers) => {
        await backlog(servers, 'team', async () => {});
        for (const path of ['/mcp/sse', '/mcp/sse?token=wrong'])
            assert.equal((await fetch(servers.guarded.base + path)).status, 401);
    },
    'backlog.welcome': (servers) => backlog(servers, 'team', async (stream, _, welcome) => {
        assert.ok(welcome.connectionId);
        assert.equal(stream.blocks.find((block) => block.data.includes('connectionId')).event, 'mcp-notification');
    }),
    'backlog.send': (servers) => backlog(servers, 'team', async (stream, send) => {
        assert.ok((await send({ method: 'tools/list' })).ok);
        await stream.until((block) => block.event === 'mcp-response' && block.data.includes('clock_now'), 'mcp-response');
        await send({ method: 'ping' });
    }),
    'backlog.tool': (servers) => backlog(servers, 'team', async (stream, send) => {
        await send({ method: 'tools/call', params: { name: 'clock_now', arguments: {} } });
        await stream.until((block) => block.event === 'tool-result', 'tool-result');
    }),
    'backlog.error': (servers) => backlog(servers, 'team', async (stream, send) => {
        await send({ method: 'nothing' });
        await stream.until((block) => block.event === 'mcp-error', 'mcp-error');
    }),
    'backlog.errorCode': (servers) => backlog(servers, 'team', async (stream, send) => {
        await send({ method: 'tools/call', params: { name: 'nothing' } });
        const error = json(await stream.until((block) => block.event === 'mcp-error', 'mcp-error'));
        assert.equal(error.error.code, -32601, `the code is ${error.error.code}`);
    }),
    'backlog.heartbeat': (servers) => backlog(servers, 'team', async (stream, send) => {
        // A stream that is never silent has them as well.
        for (const end = Date.now() + 1500; Date.now() < end; await sleep(50)) await send({ method: 'ping' });
        assert.ok(stream.blocks.some((block) => block.event === 'heartbeat'), 'a busy stream has no heartbeat');
    }),
    'backlog.status': (servers) => backlog(servers, 'team', (stream) =>
        stream.until((block) => block.event === 'connection-status', 'connection-status')),
    'backlog.broadcast': (servers) => backlog(servers, 'team', (team) => backlog(servers, 'master', async (master) => {
        const sent = await post(`${servers.guarded.base}/mcp/sse/broadcast`,
            { type: 'mcp-notification', data: { message: 'to teams' }, message: 'to teams', filter: { tokenTypes: ['team'] } },
            bearer('master'));
        assert.ok(sent.ok, `status ${sent.status}`);
        await team.until((block) => block.data.includes('to teams'), 'broadcast');
        assert.ok(!master.blocks.some((block) => block.data.includes('to teams')));
    })),
    'backlog.broadcastPermissions': (servers) => backlog(servers, 'team', async () => {
        const sent = await post(`${servers.guarded.base}/mcp/sse/broadcast`,
            { type: 'mcp-notification', data: { message: 'x' }, message: 'x', filter: { permissions: ['nobody:has'] } },
            bearer('master'));
        assert.ok(sent.ok || sent.status === 400, `status ${sent.status}`);
    }),
    'backlog.master': async ({ guarded }) =>
        assert.equal((await post(`${guarded.base}/mcp/sse/broadcast`, { message: 'x' }, bearer('team'))).status, 403),
    'backlog.stats': (servers) => backlog(servers, 'team', async () => {
        const seen = await stats(servers);
        assert.ok(seen.totalConnections >= 1 && seen.connectionsByType.team >= 1);
        assert.ok(seen.oldestConnection && seen.newestConnection);
    }),
    'backlog.eventCount': (servers) => backlog(servers, 'team', async (stream, send, welcome) => {
        await send({ method: 'tools/list' });
        await stream.until((block) => block.event === 'mcp-response', 'mcp-response');
        const mine = (await stats(servers)).connections.find((one) => one.id === welcome.connectionId);
        const counted = mine.eventCount ?? mine.events ?? 0;
        assert.ok(counted >= 1, `it counts ${counted} events`);
    }),
    'backlog.progress': (servers) => backlog(servers, 'team', async (stream, send) => {
        await send({ method: 'tools/call', params: { name: 'sysinfo_sample', arguments: { seconds: 0.3, samples: 3 },
            _meta: { progressToken: 1 } } });
        await stream.until((block) => block.event === 'tool-result' && block.data.includes('"progress"'),
            'progress in a tool-result');
    }),
    'backlog.replay': async (servers) => {
        const { base } = servers.guarded;
        let place, id;
        await backlog(servers, 'team', async (stream, send, welcome) => {
            id = welcome.connectionId;
            await send({ method: 'ping' });
            place = (await stream.until((block) => block.event === 'mcp-response', 'mcp-response')).id;
            assert.ok(place, 'its events have no id');
        });
        // While it is away something happens.
        const send = (message) => post(`${base}/mcp/sse/send`, { connectionId: id, message }, bearer('team'));
        assert.ok((await send({ method: 'tools/list' })).ok, 'its session is gone at once');
        await withStream(`${base}/mcp/sse`, { ...bearer('team'), 'Last-Event-ID': place }, (stream) =>
            stream.until((block) => block.event === 'mcp-response' && block.data.includes('clock_now'), 'replay of what it missed'));
    },
    'backlog.stale': async (servers) => {
        const { base } = servers.guarded;
        const id = await backlog(servers, 'team', async (_, __, welcome) => welcome.connectionId);
        const send = () => post(`${base}/mcp/sse/send`, { connectionId: id, message: { method: 'ping' } }, bearer('team'));
        for (const end = Date.now() + 2 * PATIENCE_MS; Date.now() < end; await sleep(100))
            if ((await send()).status === 404) return;
        throw new Error('the session of a stream that nobody came back to stays');
    },
    'backlog.poll': async ({ guarded }) => {
        const poll = async (query = '') => {
            const response = await fetch(`${guarded.base}/mcp/sse/poll${query}`, { headers: bearer('team') });
            assert.ok(response.ok, `status ${response.status}`);
            return response.json();
        };
        const { connectionId, events } = await poll();
        assert.equal(events[0].event, 'mcp-notification');
        await post(`${guarded.base}/mcp/sse/send`, { connectionId, message: { method: 'tools/list' } }, bearer('team'));
        const next = await poll(`?connectionId=${connectionId}&after=${events.at(-1).id}&wait=10`);
        assert.ok(next.events.some(({ event, data }) => event === 'mcp-response' && data.result.tools.length > 0));
        assert.deepEqual((await poll(`?connectionId=${connectionId}&after=${next.events.at(-1).id}`)).events, []);
    },
    'backlog.filter': (servers) => backlog(servers, 'team', async (stream, send) => {
        await send({ method: 'ping' });
        await send({ method: 'tools/call', params: { name: 'clock_now', arguments: {} } });
        await stream.until((block) => block.event === 'tool-result', 'tool-result');
        assert.ok(!stream.blocks.some((block) => block.event === 'mcp-response'), 'filtered events come');
    }, '?events=tool-result'),
    'curl.stream': async ({ guarded }) => {
        const { stdout } = await run('curl', ['-sN', '--max-time', '1', '-H', 'Authorization: Bearer team-secret',
            `${guarded.base}/mcp/sse`]).catch((error) => error);
        assert.match(stdout, /connectionId/);
    },
    'curl.send': (servers) => backlog(servers, 'team', async (stream, _, welcome) => {
        await run('curl', ['-sf', '-X', 'POST', '-H', 'Authorization: Bearer team-secret', '-H',
            'Content-Type: application/json', '-d',
            JSON.stringify({ connectionId: welcome.connectionId, message: { method: 'tools/list' } }),
            `${servers.guarded.base}/mcp/sse/send`]);
        await stream.until((block) => block.event === 'mcp-response', 'mcp-response');
    }),

    progress: async ({ open }) => {
        const answer = await ask(open.base, 'tools/call', { name: 'sysinfo_sample', arguments: { seconds: 0.3, samples: 3 } });
        assert.ok((await answer.text()).includes('"result"'));
        const session = await initialize(open.base);
        await session.arrayBuffer();
        const headers = { Accept: 'text/event-stream', 'Mcp-Session-Id': session.headers.get('mcp-session-id'),
            'MCP-Protocol-Version': '2025-11-25' };
        const told = await (await post(`${open.base}/mcp`, { jsonrpc: '2.0', id: 2, method: 'tools/call', params: {
            name: 'sysinfo_sample', arguments: { seconds: 0.3, samples: 3 }, _meta: { progressToken: 7 } } }, headers)).text();
        assert.match(told, /notifications\/progress[^]*"id":2,"result"/);
    },
    cacheable: async ({ open }) => {
        const { result } = await (await ask(open.base, 'tools/list')).json();
        assert.ok(result.ttlMs > 0, 'a list does not say how long it is good');
    },

    'rails.plain': async ({ open }) => {
        const response = await post(`${open.base}/mcp`, { jsonrpc: '2.0', id: 1, method: 'tools/list' },
            { Accept: 'application/json' });
        assert.equal(response.status, 200, `status ${response.status}`);
        assert.ok((await response.json()).result.tools.length > 0);
    },
    'rails.health': async ({ open }) => assert.equal((await (await fetch(`${open.base}/mcp`)).json()).status, 'healthy'),
    'rails.stream': (servers) => rails(servers, async () => {}),
    'rails.message': (servers) => rails(servers, async (stream, send) => {
        await send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
        await stream.until((block) => block.event === 'mcp_response' && block.data.includes('clock_now'), 'mcp_response');
    }),
    'rails.heartbeat': (servers) => rails(servers, (stream) =>
        stream.until((block) => block.event === 'heartbeat', 'heartbeat')),
    'rails.error': (servers) => rails(servers, async (stream, send) => {
        await send({ jsonrpc: '2.0', id: 1, method: 'nothing' });
        await stream.until((block) => block.event === 'error', 'error event');
    })
};
