// WebSocket on the MCP endpoint: the official client 1.x, both eras on the wire, the cases of the Autobahn suite that
// apply, admission, heartbeat, readers that do not read, many idle connections, drain.
//
//   websocket.mjs TENON PLUGINS [CONNECTIONS]
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { assertNoErrors, exercise, exerciseProgress } from './exercise.mjs';
import { load } from './modules.mjs';
import { makeCertificate, makeWorkspace, settingsFor, startServer } from './server.mjs';

const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
const { WebSocketClientTransport } = load('@modelcontextprotocol/sdk/client/websocket.js');

const [binary, plugins, many = '1000'] = process.argv.slice(2);
const workspace = await makeWorkspace();
const settings = ['--http.webSocket=true', ...settingsFor(plugins, workspace)];
const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

function frame(opcode, payload = '', { final = true, mask = true, bits = 0 } = {}) {
    const data = Buffer.from(payload);
    const length = data.length < 126 ? Buffer.from([data.length]) : Buffer.alloc(data.length < 65536 ? 3 : 9);
    if (length.length === 3) length.writeUInt8(126), length.writeUInt16BE(data.length, 1);
    if (length.length === 9) length.writeUInt8(127), length.writeBigUInt64BE(BigInt(data.length), 1);
    if (!mask) return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | bits | opcode]), length, data]);
    length[0] |= 0x80;
    const key = randomBytes(4);
    for (let i = 0; i < data.length; i++) data[i] ^= key[i % 4];
    return Buffer.concat([Buffer.from([(final ? 0x80 : 0) | bits | opcode]), length, key, data]);
}

const closing = (status, reason = '') => {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason, 'latin1'));
    payload.writeUInt16BE(status);
    payload.write(reason, 2, 'latin1');
    return frame(CLOSE, payload);
};

/** A WebSocket without a library, which can do what none would. */
class Socket {
    #bytes = Buffer.alloc(0);
    #waiting = [];
    frames = [];
    ended = false;
    answersPings = true;

    constructor(socket) {
        this.socket = socket;
        socket.on('data', (bytes) => {
            this.#bytes = this.#bytes.length ? Buffer.concat([this.#bytes, bytes]) : bytes;
            while (this.#take());
            this.#wake();
        });
        socket.on('error', () => {});
        socket.on('close', () => {
            this.ended = true;
            this.#wake();
        });
    }

    #take() {
        const bytes = this.#bytes;
        if (bytes.length < 2) return false;
        assert.equal(bytes[1] & 0x80, 0, "a server's frame has a mask");
        const short = bytes[1] & 0x7f;
        const head = short < 126 ? 2 : short === 126 ? 4 : 10;
        if (bytes.length < head) return false;
        const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
        if (bytes.length < head + length) return false;
        const seen = { opcode: bytes[0] & 0x0f, final: (bytes[0] & 0x80) !== 0, data: bytes.subarray(head, head + length) };
        this.#bytes = bytes.subarray(head + length);
        if (seen.opcode === PING && this.answersPings) this.socket.write(frame(PONG, seen.data));
        this.frames.push(seen);
        return true;
    }

    #wake() {
        for (const wake of this.#waiting.splice(0)) wake();
    }

    write(...frames) {
        return this.socket.write(Buffer.concat(frames));
    }

    ask(message) {
        return this.write(frame(TEXT, JSON.stringify({ jsonrpc: '2.0', ...message })));
    }

    /** The first frame that `wanted` takes; others stay. Throws when the connection ends before. */
    async find(what, wanted) {
        const late = setTimeout(() => this.socket.destroy(new Error('late')), 60_000);
        try {
            for (;;) {
                const at = this.frames.findIndex(wanted);
                if (at >= 0) return this.frames.splice(at, 1)[0];
                assert.ok(!this.ended, `${what}: the connection ended`);
                await new Promise((wake) => this.#waiting.push(wake));
            }
        } finally {
            clearTimeout(late);
        }
    }

    message(what, wanted) {
        return this.find(what, (seen) => seen.opcode === TEXT && wanted(JSON.parse(seen.data))).then((seen) =>
            JSON.parse(seen.data));
    }

    answer(id) {
        return this.message(`the answer to ${id}`, (message) => message.id === id);
    }

    /** The status it is closed with; answers as a peer should, and waits for the end. */
    async closed() {
        const seen = await this.find('close', (one) => one.opcode === CLOSE);
        if (!this.socket.writableEnded) this.socket.end(frame(CLOSE, seen.data));
        if (!this.ended) await once(this.socket, 'close');
        return seen.data.length < 2 ? 1005 : seen.data.readUInt16BE();
    }
}

/** The answer to a handshake: a Socket, or the status of a refusal. */
function open(url, headers = {}, trust = {}) {
    const key = randomBytes(16).toString('base64');
    return new Promise((resolve, reject) => {
        const request = (new URL(url).protocol === 'https:' ? getSecurely : get)(new URL(url), {
            agent: false,
            ...trust,
            headers: {
                Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': key,
                'Sec-WebSocket-Protocol': 'mcp', 'Sec-WebSocket-Extensions': 'permessage-deflate', ...headers
            }
        });
        request.on('upgrade', (response, socket, head) => {
            const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
            assert.equal(response.headers['sec-websocket-accept'], expected);
            assert.equal(response.headers['sec-websocket-protocol'], 'mcp');
            assert.equal(response.headers['sec-websocket-extensions'], undefined);
            assert.equal(head.length, 0);
            socket.setNoDelay(true);
            resolve(new Socket(socket));
        });
        request.on('response', (response) => {
            response.resume();
            resolve(response.statusCode);
        });
        request.on('error', reject);
    });
}

const ping = (id) => frame(TEXT, JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list', params: { _meta: META } }));
const status = (pid, name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);

async function until(what, look) {
    for (let tries = 0; tries < 600; tries++) {
        if (await look()) return;
        await new Promise((done) => setTimeout(done, 100));
    }
    assert.fail(what);
}

async function official(server) {
    const url = new URL(server.mcpUrl);
    url.protocol = 'ws:';
    const client = new Client({ name: 'tenon-tests-ws', version: '1' }, { capabilities: {} });
    const errors = [];
    await client.connect(new WebSocketClientTransport(url));
    client.onerror = (error) => errors.push(error);
    await client.ping();
    await exercise(client);
    await exerciseProgress((params, onprogress) => client.callTool(params, undefined, { onprogress }));
    const abort = new AbortController();
    setTimeout(() => abort.abort('enough'), 100);
    await assert.rejects(client.callTool({ name: 'sysinfo_sample', arguments: { seconds: 20, samples: 2 } }, undefined,
        { signal: abort.signal }));
    const sessions = (await (await fetch(new URL('/stats', server.mcpUrl))).json());
    assert.match(JSON.stringify(sessions), /websocket/);
    assertNoErrors(errors);
    client.onerror = undefined;
    await client.close();
}

/** `tenon` itself as the client, in both eras. */
async function ownClient(server) {
    const run = promisify(execFile);
    const url = server.mcpUrl.href.replace('http', 'ws');
    for (const revision of ['2026-07-28', '2025-11-25', '2024-11-05']) {
        const listed = JSON.parse((await run(binary, ['list', url, `--revision=${revision}`, '--output=json'])).stdout);
        assert.ok(listed.tools.some((tool) => tool.name === 'clock_now'), revision);
        const { stdout } = await run(binary, ['call', url, 'clock_now', 'zone=Europe/Berlin', `--revision=${revision}`]);
        assert.match(stdout, /\d{4}-\d\d-\d\d/);
    }
    const nobody = await run(binary, ['list', 'ws://127.0.0.1:1/mcp']).catch((error) => error);
    assert.equal(nobody.code, 3, nobody.stderr);
    const noSocket = await run(binary, ['list', new URL('/sse', url).href]).catch((error) => error);
    assert.notEqual(noSocket.code ?? 0, 0);
}

async function modern(server) {
    const socket = await open(server.mcpUrl);
    socket.ask({ id: 1, method: 'server/discover', params: { _meta: META } });
    assert.ok((await socket.answer(1)).result.supportedVersions.includes('2026-07-28'));
    // Answers overtake what takes long, and its progress comes in between.
    socket.ask({
        id: 2, method: 'tools/call',
        params: { name: 'sysinfo_sample', arguments: { seconds: 0.5, samples: 5 }, _meta: { ...META, progressToken: 'p' } }
    });
    socket.ask({ id: 'three', method: 'tools/call', params: { name: 'clock_now', arguments: {}, _meta: META } });
    assert.ok((await socket.answer('three')).result.content);
    assert.ok(socket.frames.every((seen) => JSON.parse(seen.data).id !== 2), 'the short call waited for the long one');
    await socket.message('progress', (message) => message.method === 'notifications/progress');
    assert.ok((await socket.answer(2)).result.content);
    // Cancelled, it gets no answer; what listens ends with the connection.
    socket.ask({ id: 4, method: 'tools/call', params: { name: 'sysinfo_sample', arguments: { seconds: 20, samples: 2 }, _meta: META } });
    socket.ask({ method: 'notifications/cancelled', params: { requestId: 4, _meta: META } });
    socket.ask({ id: 5, method: 'subscriptions/listen', params: { notifications: { toolsListChanged: true }, _meta: META } });
    await socket.message('the acknowledgement', (message) => message.method === 'notifications/subscriptions/acknowledged');
    socket.ask({ id: 6, method: 'nothing/at-all', params: { _meta: META } });
    assert.equal((await socket.answer(6)).error.code, -32601);
    socket.write(frame(TEXT, 'no JSON'));
    assert.equal((await socket.message('a parse error', (message) => message.error)).error.code, -32700);
    socket.write(closing(1000));
    assert.equal(await socket.closed(), 1000);
    await until('calls of a closed connection go on', async () => {
        const found = /tenon_calls_in_flight(?:\{[^}]*\})? (\d+)/.exec(await (await fetch(new URL('/metrics', server.mcpUrl))).text());
        return !found || Number(found[1]) === 0;
    });
}

/** Each case of the Autobahn suite that applies to a server of text messages: what is sent, and what must come of it. */
function cases(maxBytes) {
    const list = [];
    const add = (name, frames, end) => list.push({ name, frames, end });
    const request = JSON.stringify({ jsonrpc: '2.0', id: 'here', method: 'tools/list', params: { _meta: META } });
    const pad = (length) => request + ' '.repeat(Math.max(0, length - request.length));
    const inPieces = (text, size, between = () => []) => {
        const frames = [];
        for (let at = 0; at < text.length; at += size)
            frames.push(frame(at === 0 ? TEXT : 0, text.slice(at, at + size), { final: at + size >= text.length }), ...between(at));
        return frames;
    };
    for (const length of [0, 125, 126, 127, 128, 65535, 65536, 65537, 1 << 20, maxBytes])
        add(`1.1 a text of ${length} bytes`, [frame(TEXT, pad(length))], 'answer');
    add('1.2 a binary message', [frame(BINARY, 'x')], 1003);
    for (const length of [0, 1, 125]) add(`2 a ping of ${length} bytes`, [frame(PING, Buffer.alloc(length, 0xfe))], 'pong');
    add('2.5 a ping of 126 bytes', [frame(PING, Buffer.alloc(126))], 1002);
    add('2.7 a pong nobody asked for', [frame(PONG), frame(PONG, 'unsolicited'), frame(TEXT, request)], 'answer');
    add('2.10 ten pings', Array.from({ length: 10 }, (_, i) => frame(PING, `ping ${i}`)), 'pong');
    for (let bits = 1; bits < 8; bits++) add(`3 reserved bits ${bits}`, [frame(TEXT, request, { bits: bits << 4 })], 1002);
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) add(`4 opcode ${opcode}`, [frame(opcode, 'x')], 1002);
    add('5.1 a ping in fragments', [frame(PING, 'a', { final: false }), frame(0, 'b')], 1002);
    add('5.3 a message in fragments', inPieces(request, 40), 'answer');
    add('5.6 a ping between them', inPieces(request, 40, (at) => (at === 0 ? [frame(PING, 'between')] : [])), 'both');
    add('5.9 a continuation of nothing', [frame(0, 'x'), frame(TEXT, request)], 1002);
    add('5.13 the same, not final', [frame(0, 'x', { final: false }), frame(TEXT, request)], 1002);
    add('5.18 two messages at once', [frame(TEXT, 'a', { final: false }), frame(TEXT, 'b')], 1002);
    add('5.19 a byte a fragment, pings between', inPieces(request, 1, (at) => [frame(PING, String(at))]), 'both');
    for (const bad of [[0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xfe], [0xff], [0x80], [0xce], [0xf8, 0x88, 0x80, 0x80, 0x80]])
        add(`6 no text: ${Buffer.from(bad).toString('hex')}`, [frame(TEXT, Buffer.from(bad))], 1007);
    add('6.4 no text, before its end', [frame(TEXT, 'x', { final: false }), frame(0, Buffer.from([0xf4, 0x90, 0x80, 0x80]), { final: false })], 1007);
    add('6.6 characters cut', inPieces(JSON.stringify({ jsonrpc: '2.0', id: 'here', method: 'tools/list', params: { _meta: META, x: 'a' } }), 3), 'answer');
    add('7.1 a close', [closing(1000, 'done')], 1000);
    add('7.1.3 a ping after it', [closing(1000), frame(PING)], 1000);
    add('7.3.1 without a status', [frame(CLOSE)], 1000);
    add('7.3.2 half a status', [frame(CLOSE, 'x')], 1002);
    add('7.3.5 the longest reason', [closing(1000, '*'.repeat(123))], 1000);
    add('7.3.6 a longer one', [closing(1000, '*'.repeat(124))], 1002);
    add('7.5.1 a reason that is no text', [closing(1000, '\xff')], 1007);
    for (const good of [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]) add(`7.7 status ${good}`, [closing(good)], good);
    for (const bad of [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535]) add(`7.9 status ${bad}`, [closing(bad)], 1002);
    add('9 too large', [frame(TEXT, pad(maxBytes + 1))], 1009);
    add('9 too large in fragments', [...inPieces(pad(maxBytes + 1), 1 << 19)], 1009);
    add('a frame without a mask', [frame(TEXT, request, { mask: false })], 1002);
    return list;
}

async function framing(server) {
    const all = cases(4 * 1024 * 1024);
    for (const { name, frames, end } of all) {
        const socket = await open(server.mcpUrl);
        try {
            socket.write(...frames);
            if (end === 'answer' || end === 'both') {
                const first = JSON.parse((await socket.find(name, (seen) => seen.opcode === TEXT)).data);
                assert.ok(first.id === 'here' ? first.result : first.error, name); // an empty text is no JSON
            }
            if (end === 'pong' || end === 'both')
                assert.ok((await socket.find(name, (seen) => seen.opcode === PONG)).final);
            if (typeof end !== 'number') socket.write(closing(1000));
            assert.equal(await socket.closed(), typeof end === 'number' ? end : 1000, name);
        } catch (error) {
            error.message = `${name}: ${error.message}`;
            throw error;
        }
    }
    // In bytes, as a network may bring them.
    const socket = await open(server.mcpUrl);
    for (const byte of ping(1)) {
        socket.socket.write(Buffer.from([byte]));
        await new Promise((done) => setImmediate(done));
    }
    await socket.answer(1);
    socket.socket.destroy();
    return all.length;
}

async function admission(server) {
    assert.equal(await open(server.mcpUrl, { 'Sec-WebSocket-Version': '8' }), 426);
    assert.equal(await open(server.mcpUrl, { 'Sec-WebSocket-Key': 'short' }), 400);
    assert.equal(await open(server.mcpUrl, { 'Sec-WebSocket-Protocol': 'chat' }), 400);
    assert.equal(await open(server.mcpUrl, { Origin: 'https://elsewhere.example' }), 403);
    assert.equal(await open(server.mcpUrl, { Host: 'elsewhere.example' }), 403);
    const closed = await startServer(binary, [...settings.slice(1)]);
    assert.equal(await open(closed.mcpUrl), 405, 'it is off where nobody switched it on');
    await closed.stop();

    const guarded = await startServer(binary, [...settings, '--auth.type=bearer', '--limits.maxStreams=2',
        '--auth.token.one.type=master', `--auth.token.one.sha256=${createHash('sha256').update('secret-of-one').digest('hex')}`]);
    assert.equal(await open(guarded.mcpUrl), 401);
    assert.equal(await open(new URL(`${guarded.mcpUrl}?token=secret-of-one`)), 401, 'auth.queryToken is off');
    const let_in = { Authorization: 'Bearer secret-of-one' };
    const first = await open(guarded.mcpUrl, let_in);
    first.write(ping(1));
    await first.answer(1);
    const second = await open(guarded.mcpUrl, let_in);
    assert.equal(await open(guarded.mcpUrl, let_in), 503, 'limits.maxStreams');
    second.write(closing(1000));
    assert.equal(await second.closed(), 1000);
    first.write(closing(1000));
    await first.closed();
    await guarded.stop();

    const limited = await startServer(binary, [...settings, '--limits.rate=5']);
    const hasty = await open(limited.mcpUrl);
    for (let id = 1; id <= 20; id++) hasty.write(ping(id));
    const refused = await hasty.message('a refusal', (message) => message.error);
    assert.match(refused.error.message, /too many requests/i);
    hasty.socket.destroy();
    await limited.stop();
}

async function heartbeat() {
    const server = await startServer(binary, [...settings, '--timeouts.heartbeatMs=300', '--timeouts.bodyMs=1500']);
    const alive = await open(server.mcpUrl), dead = await open(server.mcpUrl), slow = await open(server.mcpUrl);
    dead.answersPings = false;
    slow.socket.write(ping(1).subarray(0, 20)); // and no more
    assert.equal((await dead.find('a ping', (seen) => seen.opcode === PING)).data.length, 0);
    await until('who answers no ping is kept', () => dead.ended);
    assert.equal(await slow.closed(), 1008);
    alive.write(ping(1));
    await alive.answer(1);
    alive.socket.destroy();
    await server.stop();
}

async function readers() {
    const server = await startServer(binary, settings);
    const socket = await open(server.mcpUrl);
    socket.write(ping(0));
    await socket.answer(0);
    const before = status(server.pid, 'VmRSS');
    // It asks, and does not read: the server stops reading, and holds next to nothing.
    socket.socket.pause();
    // Requests are large, since the system's buffers take some megabytes of them.
    const request = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'tools/list', params: { _meta: META } });
    const large = (id) => frame(TEXT, request.replace('"id":0', `"id":${id}`) + ' '.repeat(30_000));
    let asked = 0;
    while (asked < 1000) socket.write(large(++asked)); // most of them wait here
    await until('it reads on', async () => {
        const there = socket.socket.writableLength;
        await new Promise((done) => setTimeout(done, 300));
        return there > 0 && socket.socket.writableLength === there;
    });
    const held = status(server.pid, 'VmRSS') - before;
    assert.ok(held < 24 * 1024, `${held} kB are held for a client that does not read`);
    // Nothing is lost for one that reads late.
    socket.socket.resume();
    await until('the last answer', () => socket.ended || socket.frames.length >= asked);
    assert.equal(socket.frames.length, asked);
    const ids = new Set(socket.frames.map((seen) => /"id":(\d+)/.exec(seen.data.subarray(0, 60).toString())?.[1]));
    assert.equal(ids.size, asked);
    socket.socket.destroy();
    await server.stop();
    return `${asked} answers, ${held} kB`;
}

/** What `count` connections take of a server that has no others: of sockets and of streams at a time there are not the descriptors. */
async function idle(count, make, asleep, end) {
    const server = await startServer(binary, [...settings, '--limits.share=100', '--limits.maxSessions=40000', '--limits.maxStreams=40000',
        '--limits.maxConnections=40000']);
    const warm = await open(server.mcpUrl);
    warm.write(ping(0));
    await warm.answer(0);
    const before = [status(server.pid, 'VmRSS'), status(server.pid, 'Threads')];
    const all = [];
    for (let i = 0; i < count; i++) all.push(await make(server));
    const after = [status(server.pid, 'VmRSS'), status(server.pid, 'Threads')];
    await asleep?.(all.at(-1));
    for (const one of all) end(one);
    warm.socket.destroy();
    await server.stop();
    return { each: Math.round(((after[0] - before[0]) * 1024) / count), threads: after[1] - before[1] };
}

async function idleSockets(count) {
    const sockets = await idle(count, (server) => open(server.mcpUrl), async (last) => {
        last.write(ping(1));
        await last.answer(1);
    }, (one) => one.socket.destroy());
    const streams = await idle(count, (server) => new Promise((resolve, reject) => {
        const url = new URL('/sse', server.mcpUrl);
        const socket = connect(url.port, url.hostname, () => socket.write(`GET /sse HTTP/1.1\r\nHost: ${url.host}\r\nAccept: text/event-stream\r\n\r\n`));
        socket.once('data', () => resolve(socket));
        socket.on('error', reject);
    }), undefined, (one) => one.destroy());
    assert.ok(sockets.threads <= 4, `${sockets.threads} threads for ${count} connections`);
    assert.ok(sockets.each < 16_000, `${sockets.each} bytes for an idle connection`);
    return `${count}: ${sockets.each} bytes each, ${sockets.threads} more threads; event streams ${streams.each} bytes each`;
}

/** The same over TLS: both directions share one state, and neither may wait for the other. */
async function secure() {
    const tls = await makeCertificate(workspace);
    const server = await startServer(binary, [...settings, '--tls.enabled=true', `--tls.certificate=${tls.certificate}`, `--tls.key=${tls.key}`,
        '--timeouts.heartbeatMs=500']);
    const trust = { ca: readFileSync(tls.certificate) };
    assert.equal(server.mcpUrl.protocol, 'https:');
    const socket = await open(server.mcpUrl, {}, trust), other = await open(server.mcpUrl, {}, trust);
    // Many requests at once, the large ones in pieces; what comes meanwhile is answered too.
    const large = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'tools/list', params: { _meta: { ...META, words: 'x'.repeat(200_000) } } });
    socket.write(frame(TEXT, large.slice(0, 70_000), { final: false }), frame(PING, 'in between'), frame(0, large.slice(70_000, 70_001), { final: false }),
        frame(0, large.slice(70_001)));
    for (let id = 1; id <= 200; id++) socket.write(ping(id));
    assert.equal((await socket.find('a pong', (seen) => seen.opcode === PONG)).data.toString(), 'in between');
    for (let id = 0; id <= 200; id++) assert.ok((await socket.answer(id)).result.tools.length > 0);
    await other.find('a heartbeat', (seen) => seen.opcode === PING);
    other.write(ping(1));
    assert.ok((await other.answer(1)).result);
    other.write(frame(BINARY, 'no'));
    assert.equal(await other.closed(), 1003);
    assert.equal(await open(server.mcpUrl, { Origin: 'https://evil.example' }, trust), 403);
    const stopped = server.stop();
    assert.equal(await socket.closed(), 1001);
    await stopped;
}

async function drain() {
    const server = await startServer(binary, settings);
    const quiet = await open(server.mcpUrl), busy = await open(server.mcpUrl);
    busy.ask({ id: 1, method: 'tools/call', params: { name: 'sysinfo_sample', arguments: { seconds: 2, samples: 2 }, _meta: { ...META, progressToken: 1 } } });
    await busy.message('progress', (message) => message.method === 'notifications/progress');
    const stopped = server.stop();
    assert.equal(await quiet.closed(), 1001);
    assert.ok((await busy.answer(1)).result, 'the call that was running');
    assert.equal(await busy.closed(), 1001);
    await stopped;
}

try {
    const server = await startServer(binary, settings);
    try {
        if (globalThis.WebSocket) await official(server); // Node.js has one from 22 on
        console.log(`the official client 1.x: ${globalThis.WebSocket ? 'ok' : 'this Node.js has no WebSocket'}`);
        await modern(server);
        console.log('modern requests: ok');
        console.log(`framing: ${await framing(server)} cases`);
        await ownClient(server);
        console.log('tenon as the client: ok');
        await admission(server);
        console.log('admission: ok');
    } catch (error) {
        console.error(server.output());
        throw error;
    } finally {
        await server.stop().catch(() => server.kill());
    }
    await heartbeat();
    console.log('heartbeat: ok');
    console.log(`a reader that does not read: ${await readers()}`);
    console.log(`idle: ${await idleSockets(Number(many))}`);
    await drain();
    console.log('drain: ok');
    await secure();
    console.log('over TLS: ok');
} finally {
    await workspace.remove();
}
process.exit();
