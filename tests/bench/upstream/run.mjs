// What Tenon adds to a server behind it: time to a call, memory to its own process.
//
//   run.mjs TENON PLUGINS [CALLS] [SERVERS]
//
// The server behind is Tenon itself over standard streams, with the plugin clock: it answers in tens of microseconds, so
// that what is added shows.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [binary, plugins, calls = '4000', servers = '100'] = process.argv.slice(2);
const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
const SERVER = [`--plugins.directory=${plugins}`, '--plugin.filesystem.enabled=false', '--plugin.sqlite.enabled=false',
    '--plugin.sysinfo.enabled=false', '--log.level=error'];

/** A server over standard streams. */
function open(settings) {
    const child = spawn(binary, ['--stdio', ...settings], { stdio: ['pipe', 'pipe', 'ignore'] });
    const waiting = new Map();
    createInterface({ input: child.stdout }).on('line', (line) => {
        const message = JSON.parse(line);
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
    });
    let id = 0;
    const ask = (method, params = {}) => new Promise((resolve) => {
        waiting.set(++id, resolve);
        child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta: META } })}\n`);
    });
    return { ask, child, close: () => child.stdin.end() };
}

async function ready(server, tool, count = 1) {
    for (let tries = 0; tries < 600; ++tries) {
        let found = 0, cursor;
        do {
            const { result } = await server.ask('tools/list', cursor ? { cursor } : {});
            found += result?.tools.filter((one) => one.name.endsWith(tool)).length ?? 0;
            cursor = result?.nextCursor;
        } while (cursor);
        if (found >= count) return;
        await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error('the tools do not come');
}

const timeOf = async (server) => {
    const began = process.hrtime.bigint();
    const { result } = await server.ask('tools/call', { name: 'clock_now', arguments: { zone: 'UTC' } });
    if (!result || result.isError) throw new Error('the call failed');
    return Number(process.hrtime.bigint() - began) / 1e6;
};
const at = (sorted, share) => sorted[Math.floor((sorted.length - 1) * share)];

async function latency() {
    const direct = open(SERVER);
    const through = open(['--plugins.directory=', `--upstream.b.command=${binary} --stdio ${SERVER.join(' ')}`, '--log.level=error']);
    await ready(direct, 'clock_now');
    await ready(through, 'clock_now');
    for (let i = 0; i < 200; ++i) await timeOf(direct), await timeOf(through);
    const times = { direct: [], through: [] };
    for (let i = 0; i < Number(calls); ++i) {
        times.direct.push(await timeOf(direct));
        times.through.push(await timeOf(through));
    }
    direct.close();
    through.close();
    for (const list of Object.values(times)) list.sort((a, b) => a - b);
    console.log('| | p50 ms | p99 ms |\n|---|---:|---:|');
    for (const [name, list] of Object.entries(times)) console.log(`| ${name} | ${at(list, 0.5).toFixed(3)} | ${at(list, 0.99).toFixed(3)} |`);
    console.log(`\nAdded to the median: ${(at(times.through, 0.5) - at(times.direct, 0.5)).toFixed(3)} ms.\n`);
}

const kilobytes = (pid, file, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))[1]);
const children = (pid) => readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ').filter(Boolean));

async function memory() {
    const none = open(['--plugins.directory=', '--log.level=error']);
    await none.ask('tools/list');
    const many = open(['--plugins.directory=', '--log.level=error', '--plugins.loadTimeoutMs=60s',
        ...Array.from({ length: Number(servers) }, (_, i) => [`--upstream.s${i}.command=${binary} --stdio ${SERVER.join(' ')}`,
            `--upstream.s${i}.prefix=s${i}_`, `--upstream.s${i}.startMs=60s`]).flat()]);
    await ready(many, 'clock_now', Number(servers));
    await new Promise((done) => setTimeout(done, 25_000)); // what is free goes back to the system every ten seconds
    const own = kilobytes(many.child.pid, 'status', 'VmRSS') - kilobytes(none.child.pid, 'status', 'VmRSS');
    const keepers = children(many.child.pid).map((pid) => kilobytes(pid, 'smaps_rollup', 'Pss'));
    console.log(`${servers} idle servers: ${(own / 1024).toFixed(1)} MB more in Tenon, ${kilobytes(many.child.pid, 'status', 'Threads')} threads, ` +
        `${(keepers.reduce((sum, one) => sum + one, 0) / 1024).toFixed(1)} MB (proportional) in the ${keepers.length} keepers of the programs.`);
    none.close();
    many.close();
}

await latency();
await memory();
process.exit();
