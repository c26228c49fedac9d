// Sends the cases in *.json to the real server and compares. README.md beside this file has the format.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Conversation } from './conversation.mjs';
import { check, deadline, Server, sleep } from './server.mjs';

const all = process.argv.includes('--all');
const [tenon, plugins, fixtures, field, ...named] = process.argv.slice(2).filter((word) => word !== '--all').map((name) => path.resolve(name));
const here = path.dirname(new URL(import.meta.url).pathname);

/** `${FOLDER}` and the like in every text of a value. */
function filled(value, folder) {
    const places = { FOLDER: folder, PLUGINS: plugins, FIXTURES: fixtures, FIELD: field };
    if (typeof value === 'string') return value.replace(/\$\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
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
    const server = new Server(tenon, { 'plugins.directory': plugins, 'plugin.sqlite.database': file, 'plugin.sqlite.readOnly': 'false' },
        folder, ['--stdio']);
    const conversation = new Conversation('stdio', server);
    for (const sql of statements) {
        const answer = await conversation.request('tools/call', { name: 'sqlite_execute', arguments: { sql } });
        assert.ok(!answer.text.includes('"isError":true'), answer.text);
    }
    await server.stop();
}

/** Steps that change the case's folder. */
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

/** Steps about the server and about streams. */
const MOMENTS = {
    log: ({ log }, { server }) => server.until(() => server.log.includes(log), `log "${log}"`),
    noLog: ({ noLog }, { server }) => assert.ok(!server.log.includes(noLog), `the log has "${noLog}":\n${server.log}`),
    get: async (step, { server }) => {
        const matches = async () => {
            const answer = await server.request('GET', step.get);
            check(step.expect, JSON.parse(answer.text), step.get);
            if ('status' in step) assert.equal(answer.status, step.status);
            return true;
        };
        await server.until(() => matches().catch((error) => ((step.last = error), false)), `${step.get} as expected`)
            .catch((error) => { throw step.last ?? error; });
    },
    listen: (step, conversation) => conversation.listen(step.revision, step.listen),
    comes: async ({ comes, on }, { server, streams }) => {
        const count = () => on.reduce((sum, name) => sum + streams[name].messages.filter((one) => one.method === comes.method).length, 0);
        await server.until(() => count() >= comes.times, `${comes.method} on a stream`);
        await sleep(500); // for what should not come
        assert.equal(count(), comes.times, `${comes.method} on ${on.join(', ')}`);
        for (const name of on) assert.ok(streams[name].open, `the stream ${name} has ended`);
        if (comes.params) check(comes.params, on.flatMap((name) => streams[name].messages).find((one) => one.method === comes.method).params, comes.method);
    },
    wrapped: async (step, conversation) => check(step.expectStream, await conversation.wrapped(step.wrapped), 'stream'),
    begin: async (step, conversation) => {
        await conversation.open(step.revision);
        conversation.begun[step.begin] = conversation.inSession(step.revision, 'tools/call', { name: step.name, arguments: {} });
        await sleep(500); // until it is inside
    },
    deleteSession: async (_, conversation) => {
        const answer = await conversation.server.request('DELETE', '/mcp', conversation.sessionHeaders);
        assert.ok(answer.status < 300, `the session cannot be deleted: ${answer.status}`);
    },
    stop: (_, { server }) => void server.process.kill('SIGTERM'),
    ended: async (step, conversation) => {
        const answer = await deadline(conversation.begun[step.ended], `end of ${step.ended}`);
        check(step.expect, JSON.parse(answer.text), 'answer');
    },
};

async function answerTo(step, conversation, asked) {
    const params = { name: step.tool, arguments: 'arguments' in step ? step.arguments : {} };
    if ('revision' in step)
        return conversation.inSession(step.revision, step.method ?? 'tools/call', step.method ? step.params ?? {} : params, step.answers, asked);
    if (step.task) return conversation.askInTask(params, step.answers ?? [], asked);
    if ('answers' in step) return conversation.ask(params, step.answers, asked, step.afterMs ?? 0);
    if ('tool' in step) return conversation.request('tools/call', params);
    if ('method' in step) return conversation.request(step.method, step.params ?? {});
    const bytes = step.base64 ? Buffer.from(step.base64, 'base64') : Buffer.from(bytesOf(step.raw));
    if (!step.silent) return conversation.bytes(bytes, step.headers);
    // Nothing may come: over stdio the next step's answer would be another.
    if (conversation.over === 'stdio') conversation.server.write(bytes);
    else assert.equal((await conversation.bytes(bytes, step.headers)).text, '');
    return undefined;
}

async function runStep(step, conversation, folder) {
    const at = (name) => path.resolve(folder, name);
    for (const [kind, happen] of Object.entries(HAPPENINGS)) if (kind in step) return happen(step, at, folder);
    for (const [kind, happen] of Object.entries(MOMENTS)) if (kind in step) return happen(step, conversation);
    const asked = [];
    const answer = await answerTo(step, conversation, asked);
    if ('asked' in step) check(step.asked, asked, 'questions');
    if (!answer) return undefined;
    if ('expectStream' in step) check(step.expectStream, answer.stream, 'stream');
    if ('expectText' in step) check(step.expectText, answer.text, 'text');
    if ('status' in step && conversation.over === 'http') check(step.status, answer.status, 'status');
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
    const { settings = {}, environment = {}, before = [], ready, cases } = filled(JSON.parse(fs.readFileSync(file)), folder);
    const wanted = cases.filter((one) => (!one.over || one.over.includes(over)) && (all || !one.pending));
    for (const one of cases) if (one.pending && !all) console.log(`pending ${over.padEnd(5)} ${one.name} (${one.report})`);
    let failed = 0;
    let server;
    try {
        if (!wanted.length) return 0;
        for (const step of before) await runStep(step, undefined, folder);
        server = new Server(tenon, { 'plugins.directory': plugins, ...settings }, folder, over === 'stdio' ? ['--stdio'] : [], environment);
        if (over === 'http') await server.ready(ready);
        for (const one of wanted) {
            const conversation = new Conversation(over, server);
            try {
                for (const step of one.steps) await runStep(step, conversation, folder);
                console.log(`ok      ${over.padEnd(5)} ${one.name} (${one.report})`);
            } catch (error) {
                ++failed;
                console.log(`FAILED  ${over.padEnd(5)} ${one.name} (${one.report})\n        ${error.message}`);
            } finally {
                conversation.leave();
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
