// The console beside a busy server: 5,000 tools, 10,000 sessions, 1,000 requests a second. No task of the page may be long,
// and the server must answer as many calls while somebody watches as it does alone. On request only: it takes minutes, and a
// machine of its own.
//
//   scale.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS SCREENSHOTS
//
//   CONSOLE_SESSIONS   10000
//   CONSOLE_ROUNDS     20, of three seconds alone and three watched, for each view
//   CONSOLE_VIEWS      all, those of these names
//   CONSOLE_CASE       words of the one case to run
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { closed, go, openedFrom, picture, result, run, runAll, serverWith, SHOWCASE, test } from './harness.mjs';
import { CALL, CALL_HEADERS } from './traffic.mjs';

const LONGEST = 100; // ms of one task
const MOST_LOST = 0.01; // of the calls that a server answers
const SESSIONS = Number(process.env.CONSOLE_SESSIONS ?? 10000);
const ROUNDS = Number(process.env.CONSOLE_ROUNDS ?? 20);
const server = await serverWith([SHOWCASE], '--plugin.showcase.tools=5000', '--plugins.loadTimeoutMs=120000', '--limits.maxSessions=20000', '--limits.share=100');
while (!(await fetch(`${server.mcpUrl.origin}/ready`).then((answer) => answer.ok, () => false))) await pause(200); // so many tools take their time

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** A process beside the server's processor that runs until the function it gives is called. */
function traffic(...args) {
    const child = spawn('taskset', ['-c', '1', process.execPath, here('traffic.mjs'), ...args.map(String)], { stdio: 'inherit' });
    return () => child.kill();
}

/** The calls that the server has answered, by its own count. */
const answered = () => fetch(`${server.mcpUrl.origin}/console/api/tools`).then((answer) => answer.json()).then(({ tools }) => tools[0]?.calls ?? 0);

execFileSync(process.execPath, [here('traffic.mjs'), 'sessions', server.mcpUrl.href, SESSIONS]);

test(`no task of the page takes ${LONGEST} ms`, async () => {
    const stop = traffic('calls', server.mcpUrl.href, 1000);
    try {
        const page = await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/`);
        await page.evaluate(() => {
            window.long = [];
            new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.long.push({ ms: Math.round(entry.duration), view: location.hash }); }).observe({ entryTypes: ['longtask'] });
        });
        await page.evaluate(() => setTimeout(() => { for (const until = performance.now() + 150; performance.now() < until;); }));
        await page.waitForFunction(() => window.long.some(({ ms }) => ms >= 150)); // a task that is long is seen
        await page.evaluate(() => { window.long = []; });
        const began = [await answered(), performance.now()];
        const filter = (words) => page.getByRole('searchbox').first().pressSequentially(words, { delay: 30 });
        for (const [view, use] of Object.entries({
            overview: () => page.waitForTimeout(11_000), // a sample and fresh tables
            tools: async () => {
                await page.getByText(/^50\d\d tools$/).waitFor();
                await filter('many_49');
                await page.getByText(/^111 tools$/).waitFor();
                await page.getByRole('searchbox').fill('');
                for (let i = 0; i < 40; ++i) await page.locator('.window').evaluate((list) => { list.scrollTop += 2000; });
            },
            'tools/many_4999': async () => { await run(page); await result(page).waitFor(); await page.getByRole('button', { name: 'Wire' }).click(); await page.waitForTimeout(300); await page.getByRole('button', { name: 'Close' }).click(); },
            resources: () => page.getByText(/resources$/).first().waitFor(),
            prompts: () => page.waitForTimeout(300),
            tasks: () => page.waitForTimeout(2500),
            sessions: async () => { await page.getByText(/^10\d* sessions$/).waitFor(); await filter('many'); await page.getByRole('button', { name: /Show more/ }).click(); await page.waitForTimeout(5500); },
            live: async () => { await page.waitForTimeout(3000); await filter('many_7'); await page.waitForTimeout(3000); },
            access: async () => { await page.getByText(/^50\d\d tools$/).waitFor(); await filter('many_7'); await page.getByText('many_7', { exact: true }).first().waitFor(); },
            connect: () => page.waitForTimeout(300)
        })) {
            if (process.env.CONSOLE_VIEWS && !process.env.CONSOLE_VIEWS.split(',').includes(view)) continue;
            const before = await page.evaluate(() => window.long.length);
            await go(page, server, view);
            await use();
            console.log(`${view}: ${await page.evaluate((from) => window.long.slice(from).map(({ ms }) => `${ms} ms`).join(', '), before) || 'no task beyond 50 ms'}`);
            await picture(page, `scale-${view.replace('/', '-')}`);
        }
        const long = await page.evaluate(() => window.long);
        const perSecond = (await answered() - began[0]) / (performance.now() - began[1]) * 1000;
        console.log(`${Math.round(perSecond)} requests/s, ${SESSIONS} sessions`);
        assert.ok(perSecond > 800, 'the load was not there');
        assert.deepEqual(long.filter(({ ms }) => ms > LONGEST), []);
        await closed(page);
    } finally {
        stop();
    }
});

/** What a view asks the server for once it is there: the paths, and how often. */
async function askedBy(view) {
    const WHILE = 21_000;
    const page = await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/#/${view}`);
    await page.waitForTimeout(1500);
    const paths = new Map();
    page.on('request', (request) => { const path = request.url().slice(server.mcpUrl.origin.length); paths.set(path, (paths.get(path) ?? 0) + 1); });
    await page.waitForTimeout(WHILE);
    await closed(page);
    return { paths: [...paths.keys()], everyMs: Math.round(WHILE / Math.max(1, ...paths.values())) };
}

/** Processor time of the server so far, in seconds. */
function processorSeconds() {
    const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Calls for each second of the processor that the server is kept on, as many as it can answer. */
async function throughput() {
    const began = processorSeconds();
    const environment = { ...process.env, BENCH_BODY: JSON.stringify(CALL), BENCH_HEADERS: Object.entries({ 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...CALL_HEADERS }).map((field) => field.join(': ')).join('\n') };
    const { stdout } = await promisify(execFile)('taskset', ['-c', '1', 'wrk', '-t1', '-c16', '-d3s', '-s', here('../bench/post.lua'), server.mcpUrl.href], { env: environment });
    const [, calls] = /(\d+) requests in/.exec(stdout);
    assert.match(stdout, /RESULT .* 0$/m, 'calls failed');
    return Number(calls) / (processorSeconds() - began);
}

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

// What is measured is throughput: the calls that one processor answers which the server has for itself and is never idle on. Who
// else uses the machine is not in it. Whoever watches asks for what the page asks for, from a process without a browser: what
// drawing costs is the watcher's own machine's.
test('an open console costs no throughput', async () => {
    if (!existsSync('/usr/bin/wrk')) return console.log('wrk is not installed');
    execFileSync('taskset', ['-acp', '0', String(server.pid)], { stdio: 'ignore' });
    await throughput();
    for (const view of (process.env.CONSOLE_VIEWS ?? 'live,overview,sessions,tools').split(',')) {
        const { paths, everyMs } = await askedBy(view);
        const lost = [];
        const sums = [0, 0]; // alone, watched
        for (let round = 0; round < ROUNDS; ++round) {
            const found = [0, 0];
            for (const watched of round % 2 ? [1, 0] : [0, 1]) {
                const stop = watched ? traffic('page', server.mcpUrl.origin, everyMs, ...paths) : undefined;
                await pause(1000); // what beginning costs is not what watching costs
                found[watched] = await throughput();
                stop?.();
            }
            lost.push(1 - found[1] / found[0]);
            sums[0] += found[0];
            sums[1] += found[1];
        }
        console.log(`${view}: ${paths.length} requests each ${everyMs} ms and the event stream; ${Math.round(sums[0] / ROUNDS)} calls a second alone, ${Math.round(sums[1] / ROUNDS)} watched: ` +
            `${(100 - sums[1] / sums[0] * 100).toFixed(2)} % less, median of the rounds ${(median(lost) * 100).toFixed(2)} %`);
        assert.ok(median(lost) < MOST_LOST);
    }
});

await runAll();
