// The console beside a busy server: 5,000 tools, 10,000 sessions, 1,000 requests a second; no task of the page may be long,
// and nobody may feel that somebody watches. On request only: it takes minutes, and a machine of its own.
//
//   scale.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS SCREENSHOTS
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { closed, go, openedFrom, picture, runAll, serverWith, SHOWCASE, test } from './harness.mjs';

const LONGEST = 100; // ms of one task
const SESSIONS = Number(process.env.TENON_CONSOLE_SESSIONS ?? 10000);
const server = await serverWith([SHOWCASE], '--plugin.showcase.tools=5000', '--plugins.loadTimeoutMs=120000', '--limits.maxSessions=20000', '--limits.share=100');
while (!(await fetch(`${server.mcpUrl.origin}/ready`).then((answer) => answer.ok, () => false))) await new Promise((resolve) => setTimeout(resolve, 500)); // so many tools take their time
const agent = new Agent({ keepAlive: true, maxSockets: 16 });

const post = (body, headers) => new Promise((resolve, reject) => {
    const sent = request(server.mcpUrl, { method: 'POST', agent, headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers } }, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer));
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(body));
});
const call = () => post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'many_7', arguments: {}, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } },
    { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': 'many_7' });
const initialize = () => post({ jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'many', version: '1' } } }, {});

test(`no task of the page takes ${LONGEST} ms`, async () => {
    for (let at = 0; at < SESSIONS; at += 16) await Promise.all(Array.from({ length: Math.min(16, SESSIONS - at) }, initialize));
    let count = 0;
    const load = setInterval(() => { for (let i = 0; i < 50; ++i) void call().then(() => ++count, () => undefined); }, 50);
    try {
        const page = await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/`);
        await page.evaluate(() => {
            window.long = [];
            new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.long.push({ ms: Math.round(entry.duration), where: location.hash }); }).observe({ entryTypes: ['longtask'] });
        });
        for (const [view, use] of Object.entries({
            tools: async () => {
                await page.getByText(/50\d\d tools/).waitFor();
                await page.getByRole('searchbox').pressSequentially('many_49', { delay: 30 });
                await page.getByRole('searchbox').fill('');
                for (let i = 0; i < 40; ++i) await page.locator('.window').evaluate((list) => { list.scrollTop += 2000; });
            },
            overview: () => page.waitForTimeout(12_000),
            sessions: async () => { await page.getByText(/sessions$/).first().waitFor(); await page.getByRole('searchbox').pressSequentially('many', { delay: 30 }); await page.waitForTimeout(3000); },
            live: async () => { await page.waitForTimeout(4000); await page.getByRole('searchbox').pressSequentially('many_7', { delay: 30 }); await page.waitForTimeout(4000); },
            access: () => page.getByText('many_7', { exact: true }).first().waitFor()
        })) {
            await go(page, server, view);
            await use();
            await picture(page, `scale-${view}`);
        }
        const long = await page.evaluate(() => window.long);
        console.log(`${count} requests, ${SESSIONS} sessions, long tasks: ${JSON.stringify(long)}`);
        assert.deepEqual(long.filter(({ ms }) => ms > LONGEST), []);
        await closed(page);
    } finally {
        clearInterval(load);
    }
});

/** Processor time of the server so far, in ms. */
function cpuMs() {
    const fields = readFileSync(`/proc/${server.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** As many calls as come in a while, and what they took. */
async function throughput(ms) {
    const [began, since] = [cpuMs(), performance.now()];
    const until = since + ms;
    let calls = 0;
    await Promise.all(Array.from({ length: 16 }, async () => { while (performance.now() < until) { await call(); ++calls; } }));
    return { calls, cpu: cpuMs() - began, ms: performance.now() - since };
}

test('an open console costs next to nothing', async () => {
    const sums = { alone: { calls: 0, cpu: 0, ms: 0 }, watched: { calls: 0, cpu: 0, ms: 0 } };
    await throughput(2000);
    for (let round = 0; round < 10; ++round) {
        for (const how of round % 2 ? ['alone', 'watched'] : ['watched', 'alone']) {
            const page = how === 'watched' ? await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/#/${round % 4 < 2 ? 'live' : 'overview'}`) : undefined;
            await page?.waitForTimeout(1500); // what loading costs is not what being open costs
            const found = await throughput(4000);
            sums[how].calls += found.calls;
            sums[how].cpu += found.cpu;
            sums[how].ms += found.ms;
            if (page) await closed(page);
        }
    }
    // What watching takes each second does not grow with the load, so it is a share of what a processor can do.
    const { alone, watched } = sums;
    const cost = (watched.cpu - watched.calls * alone.cpu / alone.calls) / watched.ms;
    console.log(`${alone.calls} calls alone took ${alone.cpu} ms of the processor, ${watched.calls} watched ${watched.cpu} ms in ${Math.round(watched.ms)} ms: ${(cost * 100).toFixed(2)} % of a processor`);
    assert.ok(cost < Number(process.env.TENON_CONSOLE_COST ?? 0.01));
});

await runAll();
