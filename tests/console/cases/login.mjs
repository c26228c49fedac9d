// Who may what.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { binary, closed, guarded, logIn, opened, run, serverWith, sha256, test } from '../harness.mjs';

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

test('one logs in with a user and password, or with a key', async () => {
    const hash = execFileSync(binary, ['hash-password'], { input: 'pässword\n', stdio: ['pipe', 'pipe', 'ignore'] }).toString().trim();
    const server = await serverWith([], '--auth.type=basic,apikey', `--auth.user.ada.password=${hash}`, '--auth.user.ada.type=master',
        `--auth.token.ci.sha256=${sha256('the-key')}`, '--auth.apikey.header=X-Console-Key');
    const page = await opened(server, 'overview');
    await page.getByLabel('User').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.locator('.fault').waitFor();
    await page.getByLabel('User').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('pässword');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('radio', { name: 'API key' }).check();
    assert.equal(await page.getByLabel('Header').inputValue(), 'X-Console-Key', 'the header that the server reads');
    await page.getByLabel('API key', { exact: true }).last().fill('the-key');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.goto(`${server.mcpUrl.origin}/console/#/tools/clock_now`);
    await run(page);
    await page.locator('.result').waitFor();
    await closed(page);
});

test('a console that is turned off is not there', async () => {
    const server = await serverWith([], '--console.enabled=false');
    for (const path of ['console/', 'console/index.html', 'console/api/server', 'console/api/events']) {
        const answer = await fetch(`${server.mcpUrl.origin}/${path}`);
        assert.equal(answer.status, 404, path);
    }
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

