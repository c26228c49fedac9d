// The console beside a busy server: 5,000 tools, 10,000 sessions, 1,000 requests a second. No task of the page may be long,
// and the server must spend its time on calls, whether somebody watches or not. On request only: it takes 20 minutes, and for the
// first of both a machine of its own.
//
//   scale.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS SCREENSHOTS
//
//   CONSOLE_SESSIONS   10000
//   CONSOLE_ROUNDS     5, of twice five seconds alone and twice watched, for each view
//   CONSOLE_RATE       200 calls a second while costs are measured
//   CONSOLE_VIEWS      all, those of these names
//   CONSOLE_CASE       words of the one case to run
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { closed, go, openedFrom, picture, result, run, runAll, serverWith, SHOWCASE, test } from './harness.mjs';

const LONGEST = 100; // ms of one task
const MOST_LOST = 0.01; // of a processor
const SESSIONS = Number(process.env.CONSOLE_SESSIONS ?? 10000);
const ROUNDS = Number(process.env.CONSOLE_ROUNDS ?? 5);
const server = await serverWith([SHOWCASE], '--plugin.showcase.tools=5000', '--plugins.loadTimeoutMs=120000', '--limits.maxSessions=20000', '--limits.share=100');
while (!(await fetch(`${server.mcpUrl.origin}/ready`).then((answer) => answer.ok, () => false))) await pause(200); // so many tools take their time

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** A process beside the server's processor that runs until the function it gives is called. */
function traffic(...args) {
    const child = spawn('taskset', ['-c', '1', process.execPath, here('traffic.mjs'), ...args.map(String)], { stdio: 'inherit' });
    return () => child.kill();
}

/** The calls that the server has answered, by its own count. */
async function answered() {
    const answer = await fetch(`${server.mcpUrl.origin}/console/api/tools?limit=1`, { headers: { Connection: 'close' } });
    return (await answer.json()).tools[0]?.calls ?? 0;
}

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

const VIEWS = ['overview', 'tools', 'resources', 'prompts', 'tasks', 'sessions', 'live', 'access', 'connect'];
const RATE = Number(process.env.CONSOLE_RATE ?? 200);
const WINDOW = 5000; // ms; a view asks each two, five or ten seconds

/** Processor time of the server so far, in ms, that of threads which have ended included: clock_getcpuclockid's clock of the process. */
const processorMs = () => Number(execFileSync('taskset', ['-c', '1', 'python3', '-c', 'import sys, time; print(time.clock_gettime_ns(~int(sys.argv[1]) << 3 | 2))', String(server.pid)])) / 1e6;

/** Processor time that the server takes in a second, and the calls that it answers in it. */
async function measured() {
    const began = [processorMs(), await answered(), performance.now()];
    await pause(WINDOW);
    const seconds = (performance.now() - began[2]) / 1000;
    return { ms: (processorMs() - began[0]) / seconds, calls: (await answered() - began[1]) / seconds };
}

const median = (numbers) => numbers.sort((one, other) => one - other)[Math.floor(numbers.length / 2)];

// What a console costs is the processor time that the server takes in a second with it beyond what it takes without, at the same
// calls a second: so much of a second of a processor is lost to calls, and it is that share of the throughput of a server that
// has one processor to itself. Counted is the server's own time, so that who else uses the machine is not in it, nor what the
// page costs its own machine; and what lasts, not what opening a view costs. The event stream carries 200 lines a second at most,
// however many calls there are: at so many its cost is all there, and little else that could hide it.
test('an open console costs no throughput', async () => {
    execFileSync('taskset', ['-acp', '0', String(server.pid)], { stdio: 'ignore' });
    const stop = traffic('calls', server.mcpUrl.href, RATE);
    const costs = {};
    try {
        const page = await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/`);
        for (const view of VIEWS.filter((name) => !process.env.CONSOLE_VIEWS || process.env.CONSOLE_VIEWS.split(',').includes(name))) {
            const extra = [];
            let [alone, calls] = [0, 0];
            for (let round = 0; round < ROUNDS; ++round) {
                const found = [[], []]; // closed, open
                for (const open of round % 2 ? [1, 0, 0, 1] : [0, 1, 1, 0]) {
                    if (open) await go(page, server, view);
                    else await page.goto(`${server.mcpUrl.origin}/console/icon.svg`);
                    await pause(2000); // for what opening costs to be over
                    found[open].push(await measured());
                }
                const mean = (list, name) => list.reduce((sum, one) => sum + one[name], 0) / list.length;
                extra.push(mean(found[1], 'ms') - mean(found[0], 'ms'));
                alone += mean(found[0], 'ms') / ROUNDS;
                calls += mean(found.flat(), 'calls') / ROUNDS;
            }
            const scatter = Math.max(...extra) - Math.min(...extra);
            costs[view] = median(extra) / 1000;
            console.log(`${view}: ${alone.toFixed(1)} ms of the processor a second alone, ${Math.round(calls)} calls; ${median(extra).toFixed(2)} ms more with it (rounds within ${scatter.toFixed(2)}): ` +
                `${(costs[view] * 100).toFixed(2)} % of a processor, ${(median(extra) / alone * 100).toFixed(1)} % of what these calls take`);
        }
        await closed(page);
    } finally {
        stop();
    }
    assert.deepEqual(Object.entries(costs).filter(([, cost]) => cost > MOST_LOST), []);
});

await runAll();
