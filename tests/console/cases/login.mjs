// Who may what.
import assert from 'node:assert/strict';
import { closed, guarded, logIn, opened, test } from '../harness.mjs';

test('one logs in with a token, and a wrong one is refused', async () => {
    const page = await opened(guarded, 'overview');
    await logIn(page, 'wrong');
    await page.getByText('This server wants to know who you are.').waitFor();
    await logIn(page, 'master-token');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.reload();
    await page.getByText('This server wants to know who you are.').waitFor();
    await page.getByLabel(/keep it/).check();
    await logIn(page, 'master-token');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('This server wants to know who you are.').waitFor();
    assert.equal(await page.context().cookies().then((cookies) => cookies.length), 0);
    await closed(page);
});

test('a reader sees and does only what a reader may, by hand too', async () => {
    const page = await opened(guarded, 'tools');
    await logIn(page, 'reader-token');
    await page.getByRole('link', { name: /clock_now/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: /sqlite_execute/ }).count(), 0);
    assert.equal(await page.getByRole('link', { name: 'sessions', exact: true }).count(), 0);
    const { origin } = guarded.mcpUrl;
    const by = (path, method = 'GET') => fetch(origin + path, { method, headers: { Authorization: 'Bearer reader-token' } });
    for (const path of ['history', 'tools', 'plugins', 'sessions', 'events', 'doctor', 'access/types', 'access/master']) assert.equal((await by(`/console/api/${path}`)).status, 403, path);
    assert.equal((await by('/stats')).status, 403);
    assert.equal((await by('/metrics')).status, 403);
    assert.equal((await by('/stats/sessions/x', 'DELETE')).status, 403);
    for (const verb of ['restart', 'reload']) assert.equal((await by(`/plugins/clock/${verb}`, 'POST')).status, 403, verb);
    assert.equal((await by('/broadcast', 'POST')).status, 403);
    const called = await fetch(guarded.mcpUrl, {
        method: 'POST',
        headers: { Authorization: 'Bearer reader-token', 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
            'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': 'sqlite_execute' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'sqlite_execute', arguments: { sql: 'CREATE TABLE x (y)' },
            _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } })
    }).then((response) => response.json());
    assert.ok(called.error, JSON.stringify(called));
    for (const view of ['sessions', 'live']) {
        await page.goto(`${origin}/console/#/${view}`);
        await page.locator('.fault, .badge.warn').first().waitFor();
    }
    await closed(page);
});

