// A crashed program, debugged through the official client, in both eras of the protocol: a core file, a gdb that is restarted in
// the middle, two of them under one name, progress of a program that runs, and its cancellation.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from '../clients/modules.mjs';
import { startServer } from '../clients/server.mjs';

const { Client, StreamableHTTPClientTransport } = load('@modelcontextprotocol/client');

const { SERVER, GDB, CRASHER, SDK } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'tenon-gdb-'));
const socket = join(folder, 'attach.sock');
const core = join(folder, 'core');
const programs = [];

/** A gdb that lends itself, with the crasher, and with its core file or waiting for orders. */
function debug(...more) {
    const child = spawn(GDB, ['-q', '-nx', '-x', join(SDK, 'examples/gdb/tenon_gdb.py'), CRASHER, ...more],
        { stdio: ['pipe', 'ignore', 'inherit'], env: { ...process.env, TENON_ATTACH_SOCKET: socket } });
    programs.push(child);
    return child;
}

function end(child) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    return ended;
}

async function until(what, holds) {
    const patience = Date.now() + 60000;
    for (;;) {
        const value = await holds();
        if (value) return value;
        assert(Date.now() < patience, `never: ${what}\n${server.output()}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/** A core file of the crash, whatever the system does with core files itself. */
function makeCore() {
    spawnSync(GDB, ['-q', '-nx', '-batch', '-ex', 'set debuginfod enabled off', '-ex', 'run', '-ex', `generate-core-file ${core}`, CRASHER],
        { stdio: 'ignore' });
    assert(existsSync(core), 'gdb made no core file');
}

makeCore();
// A list is fresh for no time: whoever looks again sees the instance that came meanwhile.
const server = await startServer(SERVER, [`--plugins.directory=${join(folder, 'none')}`, '--attach.enabled=true',
    `--attach.socket=${socket}`, `--attach.gdb.users=${process.getuid()}`, '--attach.gdb.waitMs=60s',
    `--control.directory=${folder}`, '--mcp.listTtlMs=0']);

async function session(mode, work) {
    const client = new Client({ name: 'gdb-tests', version: '1' }, { capabilities: {}, versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(server.mcpUrl));
    const call = async (name, args = {}, options = {}) => {
        const result = await client.callTool({ name, arguments: args }, options);
        assert(!result.isError, `${name}: ${JSON.stringify(result.content)}`);
        return result.structuredContent ?? result.content[0].text;
    };
    try {
        await work({ client, call });
    } finally {
        await client.close();
    }
}

async function crash({ client, call }) {
    let gdb = debug(core);
    await until('the tools are listed', async () => (await client.listTools()).tools.some((tool) => tool.name === 'backtrace'));
    let { frames } = await call('backtrace');
    assert.deepEqual(frames.slice(0, 3).map((frame) => frame.function), ['divide', 'share', 'main']);
    assert.equal((await call('frame_locals', { level: 1 })).locals.children, '2');
    assert.equal(await call('evaluate', { expression: 'dividend + divisor' }), '7');

    await end(gdb); // in the middle
    const waiting = call('backtrace'); // waits for it
    gdb = debug(core);
    ({ frames } = await waiting);
    assert.equal(frames[0].function, 'divide');
    await end(gdb);
}

async function running({ client, call }) {
    const gdb = debug();
    await call('set_breakpoint', { location: 'main' });
    assert.equal((await call('run_program')).function, 'main');
    await call('evaluate', { expression: 'rounds = 100000' });

    // A program that runs is waited for, with progress, and is stopped when nobody waits any more.
    const controller = new AbortController();
    let heard = 0;
    await assert.rejects(call('continue_program', {}, {
        signal: controller.signal,
        onprogress: () => {
            if (++heard === 2) controller.abort();
        }
    }));
    assert(heard >= 2);
    await until('it was stopped', async () => {
        const { threads } = await call('threads');
        return threads.length > 0 && threads[0].stopped;
    });
    await call('evaluate', { expression: 'round = rounds', level: await levelOf(call, 'wait_a_while') });
    assert.equal((await call('continue_program')).function, 'divide'); // it crashes at last
    await end(gdb);
}

async function levelOf(call, name) {
    const { frames } = await call('backtrace');
    return frames.find((frame) => frame.function === name).level;
}

async function two({ client, call }) {
    const first = debug(core), second = debug();
    // Those that have just ended are listed for a while, as they might come back.
    const [dead, idle] = await until('both are there', async () => {
        const { tools } = await client.listTools();
        const titles = tools.find((tool) => tool.name === 'evaluate').inputSchema.properties.instance?.enum ?? [];
        const both = [first, second].map(({ pid }) => titles.find((title) => new RegExp(`\\b${pid}\\b`).test(title)));
        return both.every(Boolean) && both;
    });
    assert.equal((await call('backtrace', { instance: dead })).frames[0].function, 'divide');
    const refused = await client.callTool({ name: 'backtrace', arguments: { instance: idle } });
    assert(refused.isError, 'nothing runs there');
    await end(first);
    await end(second);
}

try {
    for (const [era, mode] of [['legacy', 'legacy'], ['modern', { pin: '2026-07-28' }]])
        for (const part of [crash, running, two]) {
            await session(mode, part);
            console.log(`${era}: ${part.name} (after ${Math.round(performance.now() / 1000)} s)`);
        }
} finally {
    for (const program of programs) program.kill('SIGKILL');
    await server.stop();
    rmSync(folder, { recursive: true });
}
