// The server that cases are sent to: a process, and what is said to it over HTTP or stdio.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

export const PATIENCE_MS = 30_000;

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function deadline(promise, what) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no ${what} within ${PATIENCE_MS} ms`)), PATIENCE_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A server process; `log` is what it has written to its standard error so far. */
export class Server {
    constructor(tenon, settings, folder, extra = [], environment = {}) {
        this.settingsFile = path.join(folder, `tenon-${extra.join('')}.properties`);
        fs.writeFileSync(this.settingsFile, Object.entries({ 'http.port': '0', ...settings }).map(([key, value]) => `${key} = ${value}\n`).join(''));
        this.log = '';
        this.output = '';
        this.waiting = []; // for the answers on standard output, in order
        this.told = []; // the notifications there
        this.asks = () => {}; // is given the requests of the server there
        this.process = spawn(tenon, [`--config=${this.settingsFile}`, ...extra],
            { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
        this.process.stderr.on('data', (data) => (this.log += data));
        this.process.stdout.on('data', (data) => this.#take(String(data)));
        this.ended = new Promise((resolve) => this.process.on('exit', resolve));
    }

    #take(text) {
        this.output += text;
        for (let end; (end = this.output.indexOf('\n')) >= 0; this.output = this.output.slice(end + 1)) {
            const line = this.output.slice(0, end);
            if (/^\{"jsonrpc":"2.0","id":[^,]*,"method":/.test(line)) this.asks(JSON.parse(line));
            else if (/^\{"jsonrpc":"2.0","method":/.test(line)) this.told.push(line);
            else this.waiting.shift()?.(line);
        }
    }

    async until(condition, what) {
        const end = Date.now() + PATIENCE_MS;
        for (let value; ; await sleep(20)) {
            if ((value = await condition())) return value;
            if (Date.now() > end || this.process.exitCode !== null)
                throw new Error(`the server did not get to ${what}:\n${this.log}`);
        }
    }

    async ready(status = 200) {
        this.port = Number((await this.until(() => /127\.0\.0\.1:(\d+)/.exec(this.log), 'listening'))[1]);
        await this.until(async () => (await this.request('GET', '/ready')).status === status, 'being ready');
    }

    /** `onEvent` is given the JSON of each event of a stream as it comes. */
    request(method, target, headers = {}, body = undefined, onEvent = undefined) {
        return new Promise((resolve, reject) => {
            const request = http.request({ port: this.port, method, path: target, headers, agent: false }, (response) => {
                let text = '', told = 0;
                response.setEncoding('utf8');
                response.on('data', (part) => {
                    text += part;
                    if (!onEvent) return;
                    for (let end; (end = text.indexOf('\n\n', told)) >= 0; told = end + 2)
                        for (const line of text.slice(told, end).split('\n'))
                            if (line.startsWith('data:') && line.length > 6) onEvent(JSON.parse(line.slice(5)));
                });
                const done = () => resolve({ status: response.statusCode, headers: response.headers, text });
                response.on('end', done);
                response.on('error', done); // a stream that is cut ends, too
            });
            request.on('error', reject);
            request.end(body);
            if (onEvent) onEvent.destroy = () => request.destroy();
        });
    }

    write(bytes) {
        this.process.stdin.write(bytes);
        this.process.stdin.write('\n');
    }

    line(bytes) {
        const answer = new Promise((resolve) => this.waiting.push(resolve));
        this.write(bytes);
        return answer;
    }

    async stop() {
        this.process.stdin.end();
        this.process.kill('SIGTERM');
        await Promise.race([this.ended, sleep(10_000).then(() => this.process.kill('SIGKILL'))]);
    }
}

/** The last JSON text in a body that may be an event stream: the answer. */
export function answerOf(text) {
    if (!/^(event|data|id|retry|:)/m.test(text) || text.startsWith('{') || text.startsWith('[')) return text;
    const events = text.split('\n').filter((line) => line.startsWith('data:') && line.length > 6);
    return events.length ? events[events.length - 1].slice(5).trim() : '';
}

/** Whether `found` has what `expected` says; README.md has the forms. */
export function check(expected, found, place) {
    if (expected === null || typeof expected !== 'object') return assert.deepEqual(found, expected, `${place}: expected ` +
        `${JSON.stringify(expected)}, found ${JSON.stringify(found)}`);
    const text = typeof found === 'string' ? found : JSON.stringify(found) ?? '';
    const shown = `, found ${text.length > 600 ? `${text.slice(0, 600)}...` : text}`;
    if ('$has' in expected) return assert.ok(text.includes(expected.$has), `${place}: expected "${expected.$has}"${shown}`);
    if ('$lacks' in expected) return assert.ok(!text.includes(expected.$lacks), `${place}: "${expected.$lacks}"${shown}`);
    if ('$like' in expected) return assert.match(text, new RegExp(expected.$like, 'u'), `${place}: expected ${expected.$like}${shown}`);
    if ('$absent' in expected) return assert.equal(found, undefined, `${place}: expected nothing${shown}`);
    if ('$size' in expected) return assert.equal(found?.length, expected.$size, `${place}: size${shown}`);
    if (Array.isArray(expected)) {
        assert.ok(Array.isArray(found) && found.length === expected.length, `${place}: ${expected.length} elements${shown}`);
        return expected.forEach((one, at) => check(one, found[at], `${place}[${at}]`));
    }
    assert.ok(found !== null && typeof found === 'object', `${place}: expected an object${shown}`);
    for (const [name, one] of Object.entries(expected)) check(one, found[name], `${place}.${name}`);
}
