// Sends the cases in *.json to the real server and compares. README.md beside this file has the format.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const all = process.argv.includes('--all');
const [tenon, plugins, fixtures, ...named] = process.argv.slice(2).filter((word) => word !== '--all').map((name) => path.resolve(name));
const here = path.dirname(new URL(import.meta.url).pathname);
const MODERN = '2026-07-28';
const PATIENCE_MS = 30_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function deadline(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A server process; `log` is what it has written to its standard error so far. */
class Server {
    constructor(settings, folder, extra = []) {
        this.settingsFile = path.join(folder, `tenon-${extra.join('')}.properties`);
        const all = { 'plugins.directory': `${plugins}`, 'http.port': '0', ...settings };
        fs.writeFileSync(this.settingsFile, Object.entries(all).map(([key, value]) => `${key} = ${value}\n`).join(''));
        this.log = '';
        this.output = '';
        this.waiting = [];
        this.process = spawn(tenon, [`--config=${this.settingsFile}`, ...extra], { stdio: ['pipe', 'pipe', 'pipe'] });
        this.process.stderr.on('data', (data) => (this.log += data));
        this.process.stdout.on('data', (data) => this.#take(String(data)));
        this.ended = new Promise((resolve) => this.process.on('exit', resolve));
    }

    #take(text) {
        this.output += text;
        for (let end; (end = this.output.indexOf('\n')) >= 0; this.output = this.output.slice(end + 1))
            this.waiting.shift()?.(this.output.slice(0, end));
    }

    async until(condition, what) {
        const end = Date.now() + PATIENCE_MS;
        for (let value; ; await sleep(20)) {
            if ((value = await condition())) return value;
            if (Date.now() > end || this.process.exitCode !== null)
                throw new Error(`the server did not get to ${what}:\n${this.log}`);
        }
    }

    async ready() {
        this.port = Number((await this.until(() => /127\.0\.0\.1:(\d+)/.exec(this.log), 'listening'))[1]);
        await this.until(async () => (await this.request('GET', '/ready')).status === 200, 'being ready');
    }

    request(method, target, headers = {}, body = undefined) {
        return new Promise((resolve, reject) => {
            const request = http.request({ port: this.port, method, path: target, headers }, (response) => {
                const parts = [];
                response.on('data', (part) => parts.push(part));
                response.on('end', () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }));
                response.on('error', reject);
            });
            request.on('error', reject);
            request.end(body);
        });
    }

    line(bytes) {
        const answer = new Promise((resolve) => this.waiting.push(resolve));
        this.process.stdin.write(bytes);
        this.process.stdin.write('\n');
        return answer;
    }

    async stop() {
        this.process.stdin.end();
        this.process.kill('SIGTERM');
        await Promise.race([this.ended, sleep(5000).then(() => this.process.kill('SIGKILL'))]);
    }
}

/** The JSON texts in a body that may be an event stream; the last one is the answer. */
function answerOf(text) {
    if (!/^(event|data|id|retry|:)/m.test(text) || text.startsWith('{') || text.startsWith('[')) return text;
    const events = text.split('\n').filter((line) => line.startsWith('data:') && line.length > 6);
    return events.length ? events[events.length - 1].slice(5).trim() : '';
}

class Session {
    constructor(over, server) {
        this.over = over;
        this.server = server;
        this.id = 0;
    }

    async request(method, params) {
        const _meta = { 'io.modelcontextprotocol/protocolVersion': MODERN,
            'io.modelcontextprotocol/clientCapabilities': {} };
        const message = JSON.stringify({ jsonrpc: '2.0', id: ++this.id, method, params: { ...params, _meta } });
        const headers = { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': method };
        if (params.name ?? params.uri) headers['Mcp-Name'] = params.name ?? params.uri;
        return this.bytes(Buffer.from(message), headers);
    }

    async bytes(body, headers = { 'MCP-Protocol-Version': '2025-11-25' }) {
        if (this.over === 'stdio') return { text: await deadline(this.server.line(body), 'answer') };
        const answer = await deadline(this.server.request('POST', '/mcp', { 'Content-Type': 'application/json',
            Accept: 'application/json, text/event-stream', ...headers, 'Content-Length': body.length }, body), 'answer');
        return { ...answer, text: answerOf(answer.text) };
    }
}

function check(expected, found, place) {
    if (expected === null || typeof expected !== 'object') return assert.deepEqual(found, expected, `${place}: expected ` +
        `${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
    const text = typeof found === 'string' ? found : JSON.stringify(found) ?? '';
    const shown = `, found ${text.length > 600 ? `${text.slice(0, 600)}...` : text}`;
    if ('$has' in expected) return assert.ok(text.includes(expected.$has), `${place}: expected "${expected.$has}"${shown}`);
    if ('$lacks' in expected) return assert.ok(!text.includes(expected.$lacks), `${place}: "${expected.$lacks}"${shown}`);
    if ('$like' in expected) return assert.match(text, new RegExp(expected.$like, 'u'), place);
    if ('$absent' in expected) return assert.equal(found, undefined, `${place}: expected nothing${shown}`);
    if ('$size' in expected) return assert.equal(found?.length, expected.$size, `${place}: size${shown}`);
    if (Array.isArray(expected)) {
        assert.ok(Array.isArray(found) && found.length === expected.length, `${place}: ${expected.length} elements${shown}`);
        return expected.forEach((one, at) => check(one, found[at], `${place}[${at}]`));
    }
    assert.ok(found !== null && typeof found === 'object', `${place}: expected an object${shown}`);
    for (const [name, one] of Object.entries(expected)) check(one, found[name], `${place}.${name}`);
}

/** `${FOLDER}` and `${FIXTURES}` in every text of a value. */
function filled(value, folder) {
    if (typeof value === 'string') return value.replaceAll('${FOLDER}', folder).replaceAll('${FIXTURES}', fixtures);
    if (Array.isArray(value)) return value.map((one) => filled(one, folder));
    if (value === null || typeof value !== 'object') return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [filled(name, folder), filled(one, folder)]));
}

function bytesOf(content) {
    if (typeof content === 'string') return content;
    return 'base64' in content ? Buffer.from(content.base64, 'base64') : (content.before ?? '') +
        content.repeat.repeat(content.times) + (content.after ?? '');
}

async function makeDatabase(statements, file, folder) {
    const server = new Server({ 'plugin.sqlite.database': file, 'plugin.sqlite.readOnly': 'false' }, folder, ['--stdio']);
    const session = new Session('stdio', server);
    for (const sql of statements) {
        const answer = await session.request('tools/call', { name: 'sqlite_execute', arguments: { sql } });
        assert.ok(!answer.text.includes('"isError":true'), answer.text);
    }
    await server.stop();
}

/** Steps that change the case's folder, or wait for the log. */
const HAPPENINGS = {
    put: (step, at) => Object.entries(step.put).forEach(([name, content]) => {
        fs.mkdirSync(path.dirname(at(name)), { recursive: true });
        fs.writeFileSync(at(name), bytesOf(content));
    }),
    link: (step, at) => fs.symlinkSync(step.link[0], at(step.link[1])),
    move: (step, at) => fs.renameSync(at(step.move[0]), at(step.move[1])),
    delete: (step, at) => fs.rmSync(at(step.delete), { recursive: true }),
    directory: (step, at) => fs.mkdirSync(at(step.directory), { recursive: true }),
    sql: (step, at, folder) => makeDatabase(step.sql, at(step.file), folder),
};

async function runStep(step, session, folder) {
    const at = (name) => path.resolve(folder, name);
    for (const [kind, happen] of Object.entries(HAPPENINGS))
        if (kind in step) return happen(step, at, folder);
    if ('log' in step) return session.server.until(() => session.server.log.includes(step.log), `log "${step.log}"`);
    let answer;
    if ('tool' in step) answer = await session.request('tools/call', { name: step.tool, arguments: 'arguments' in step ? step.arguments : {} });
    else if ('method' in step) answer = await session.request(step.method, step.params ?? {});
    else answer = await session.bytes(Buffer.from(step.raw ?? step.base64, 'raw' in step ? 'utf8' : 'base64'), step.headers);
    if ('expectText' in step) check(step.expectText, answer.text, 'text');
    if ('status' in step && session.over === 'http') check(step.status, answer.status, 'status');
    if (!('expect' in step)) return undefined;
    let found;
    try {
        found = JSON.parse(answer.text);
    } catch {
        throw new Error(`no JSON: ${answer.text.slice(0, 300)}`);
    }
    return check(step.expect, found, 'answer');
}

/** One server, all the cases of a file that go over this transport. */
async function runFile(file, over) {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'tenon-field-')));
    const { settings = {}, before = [], cases } = filled(JSON.parse(fs.readFileSync(file)), folder);
    const wanted = cases.filter((one) => (!one.over || one.over.includes(over)) && (all || !one.pending));
    for (const one of cases) if (one.pending && !all) console.log(`pending ${over.padEnd(5)} ${one.name} (${one.report})`);
    let failed = 0;
    let server;
    try {
        if (!wanted.length) return 0;
        for (const step of before) await runStep(step, undefined, folder);
        server = new Server(settings, folder, over === 'stdio' ? ['--stdio'] : []);
        if (over === 'http') await server.ready();
        for (const one of wanted) {
            const session = new Session(over, server);
            try {
                for (const step of one.steps) await runStep(step, session, folder);
                console.log(`ok      ${over.padEnd(5)} ${one.name} (${one.report})`);
            } catch (error) {
                ++failed;
                console.log(`FAILED  ${over.padEnd(5)} ${one.name} (${one.report})\n        ${error.message}`);
            }
        }
    } finally {
        await server?.stop();
        fs.rmSync(folder, { recursive: true, force: true });
    }
    return failed;
}

const files = named.length ? named : fs.readdirSync(here).filter((name) =>
    name.endsWith('.json')).sort().map((name) => path.join(here, name));
let failed = 0;
for (const file of files) for (const over of ['http', 'stdio']) failed += await runFile(file, over);
console.log(failed ? `${failed} failed` : 'all as expected');
process.exit(failed ? 1 : 0);
