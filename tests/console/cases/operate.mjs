// What operators see and do.
import assert from 'node:assert/strict';
import { closed, go, guarded, logIn, open, opened, result, run, serverWith, SHOWCASE, test } from '../harness.mjs';

test('the overview shows plugins and what their tools did', async () => {
    const page = await opened(open, 'overview');
    await page.getByRole('heading', { name: /clock/ }).waitFor();
    await page.getByRole('link', { name: 'clock_now' }).waitFor();
    await closed(page);
});

test('a session is seen and ended', async () => {
    const page = await opened(open, 'tools/clock_now');
    await page.getByLabel('Revision').selectOption('2025-11-25');
    await run(page);
    await result(page).waitFor();
    await page.getByRole('link', { name: 'sessions', exact: true }).click();
    const rows = page.locator('.rows li');
    await rows.first().waitFor();
    const before = await rows.count();
    await rows.first().getByRole('button').click();
    await page.waitForFunction((count) => document.querySelectorAll('.rows li').length < count, before);
    await closed(page);
});


test('a plugin that crashed says so, with its trace, and is restarted', async () => {
    const page = await opened(open, 'tools/show_crash');
    await run(page);
    await page.getByText(/crashed/).first().waitFor();
    await go(page, open, 'overview');
    const card = page.locator('.card', { has: page.getByRole('heading', { name: /showcase/ }) });
    await card.getByText('Last crash').click();
    await card.getByText(/signal 6|SIGABRT|Aborted/i).first().waitFor();
    await card.locator('pre').getByText(/showcase/).first().waitFor();
    for (const fact of ['a worker', 'Sandbox', 'Digest', 'not pinned', 'Memory']) await card.getByText(fact).first().waitFor();
    await card.getByRole('button', { name: 'Restart showcase' }).click();
    await card.getByText('running', { exact: true }).waitFor();
    await card.getByRole('button', { name: 'Reload showcase' }).click();
    await card.getByText('running', { exact: true }).waitFor();
    assert.equal(await card.getByRole('alert').count(), 0);
    await closed(page);
});

test('a quarantine is seen and lifted', async () => {
    const server = await serverWith([SHOWCASE], '--plugin.showcase.isolation=process', '--plugin.showcase.maxCrashes=1');
    const page = await opened(server, 'tools/show_crash');
    await run(page);
    await page.getByText(/crashed/).first().waitFor();
    await go(page, server, 'overview');
    const card = page.locator('.card', { has: page.getByRole('heading', { name: /showcase/ }) });
    await card.getByText('quarantined', { exact: true }).waitFor({ timeout: 20000 });
    await card.getByRole('button', { name: 'Lift the quarantine of showcase' }).click();
    await card.getByText('running', { exact: true }).waitFor();
    await closed(page);
});

test('charts come from the server, and go on by themselves', async () => {
    const page = await opened(open, 'overview');
    await page.locator('.chart canvas').first().waitFor({ timeout: 40000 });
    assert.equal(await page.locator('.chart').count(), 4);
    await closed(page);
});

test('requests are seen as they come, found by words, and held', async () => {
    const page = await opened(open, 'live');
    await page.getByText('connected', { exact: true }).waitFor();
    const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
    const call = (name, args) => fetch(open.mcpUrl, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': name },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args, _meta: { traceparent: `00-${trace}-00f067aa0ba902b7-01`,
            'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } })
    }).then((response) => response.text());
    await call('clock_now', { zone: 'Asia/Tokyo' });
    await call('clock_now', { zone: 'No/Where' });
    const rows = page.getByRole('region', { name: 'Requests' }).locator('tbody tr');
    await rows.filter({ hasText: 'tool_error' }).first().waitFor();
    const good = rows.filter({ hasText: 'clock_now' }).filter({ has: page.getByText('ok', { exact: true }) }).first();
    await good.waitFor();
    assert.match(await good.textContent(), new RegExp(`tools/call.*clock_now.*anonymous.*${trace}`));
    await page.getByRole('searchbox').fill('tool_error');
    await page.waitForFunction(() => [...document.querySelectorAll('tbody tr')].every((row) => row.textContent.includes('tool_error')));
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Pause' }).click();
    const before = await rows.count();
    await call('clock_now', {});
    await page.waitForTimeout(800);
    assert.equal(await rows.count(), before);
    await page.getByRole('button', { name: 'Go on' }).click();
    await call('clock_now', {});
    await page.waitForFunction((count) => document.querySelectorAll('tbody tr').length > count, before);
    await closed(page);
});

test('the stream of a server that has just begun stays open', async () => {
    if (process.env.CONSOLE_LOOK) return; // takes its time, and has no looks
    const server = await serverWith([]);
    const page = await opened(server, 'live');
    await page.getByText('connected', { exact: true }).waitFor();
    await page.evaluate(() => {
        window.lost = 0;
        new MutationObserver(() => { if (document.querySelector('h2 .badge').textContent !== 'connected') ++window.lost; }).observe(document.querySelector('h2'), { characterData: true, childList: true, subtree: true });
    });
    await page.waitForTimeout(11_000); // the first sample is taken after ten seconds
    assert.equal(await page.evaluate(() => window.lost), 0);
    await closed(page);
});

test('a page that nobody sees asks for nothing', async () => {
    const page = await opened(open, 'live');
    const hide = (hidden) => page.evaluate((value) => {
        Object.defineProperty(document, 'hidden', { get: () => value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
    await page.getByText('connected', { exact: true }).waitFor();
    const streams = () => fetch(`${open.mcpUrl.origin}/metrics`).then((answer) => answer.text()).then((text) => Number(/^sse_connections_active (\d+)/m.exec(text)[1]));
    const before = await streams();
    await hide(true);
    await page.getByText('not connected', { exact: true }).waitFor();
    for (let i = 0; i < 50 && await streams() === before; ++i) await page.waitForTimeout(100);
    assert.equal(await streams(), before - 1);
    await hide(false);
    await page.getByText('connected', { exact: true }).waitFor();
    await closed(page);
});

test('refused requests and log lines are seen too', async () => {
    const page = await opened(guarded, 'live');
    await logIn(page, 'master-token');
    await page.getByText('connected', { exact: true }).waitFor();
    await fetch(guarded.mcpUrl, { method: 'POST', headers: { Authorization: 'Bearer nobody', 'Content-Type': 'application/json' }, body: '{}' });
    await page.getByRole('region', { name: 'Requests' }).locator('tr', { hasText: 'refused 401' }).first().waitFor();
    await fetch(`${guarded.mcpUrl.origin}/plugins/clock/restart`, { method: 'POST', headers: { Authorization: 'Bearer master-token' } });
    const lines = page.getByRole('list', { name: 'Log' }).locator('li');
    await lines.filter({ hasText: 'clock' }).first().waitFor();
    await page.getByLabel('Log level').selectOption('error');
    await page.waitForFunction(() => [...document.querySelectorAll('ul.log li')].every((line) => /error|critical|fatal/.test(line.textContent)));
    await closed(page);
});

test('what a type or a token would see is told', async () => {
    const page = await opened(guarded, 'access');
    await logIn(page, 'master-token');
    const tools = page.locator('.card', { has: page.getByRole('heading', { name: 'tools' }) });
    await tools.getByText('sqlite_execute').waitFor();
    await page.getByLabel('A type of principals').selectOption('readonly');
    await page.waitForFunction(() => !document.body.textContent.includes('sqlite_execute'));
    await tools.getByText('clock_now').waitFor();
    await page.getByLabel('Or the holder of a token').fill('reader-token');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByRole('heading', { name: /reader/ }).waitFor();
    await page.getByLabel('Or the holder of a token').fill('wrong');
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByRole('alert').first().waitFor();
    await closed(page);
});

test('the doctor looks at the server', async () => {
    const page = await opened(open, 'connect');
    await page.getByRole('button', { name: 'Look for faults' }).click();
    const findings = page.getByRole('list', { name: 'Findings' }).locator('li');
    await findings.first().waitFor({ timeout: 30000 });
    assert.ok(await findings.count() > 5);
    await closed(page);
});
