// Views of tools (MCP Apps): the console as their host.
import assert from 'node:assert/strict';
import { closed, open, opened, picture, run, test } from '../harness.mjs';

const inner = (page) => page.frameLocator('iframe.app').frameLocator('iframe');

test('a view speaks with its host, and reaches nothing else', async () => {
    const page = await opened(open, 'tools/show_view');
    page.expects = /Content Security Policy|Content-Security-Policy|Failed to fetch|violates/; // what keeps the view in
    await page.getByLabel('word').fill('moon');
    await run(page);
    const out = inner(page).locator('#out');
    await out.getByText(/view says own/).waitFor();
    await out.getByText(/apart/).waitFor();
    const text = await out.textContent();
    for (const words of ['host tenon-console', 'refused', 'input {"word":"moon"}', 'result moon', 'kept in']) assert.ok(text.includes(words), `${words} in: ${text}`);
    assert.ok(!/REACHED|ESCAPED/.test(text), text);
    await closed(page);
});

test('tools for views alone say so', async () => {
    const page = await opened(open, 'tools/show_for_view');
    await page.getByText('for views only').waitFor();
    await closed(page);
});

for (const colorScheme of ['light', 'dark']) {
    test(`the view of sysinfo lives: ${colorScheme}`, async () => {
        const page = await opened(open, 'tools/sysinfo_cpu', { colorScheme, height: 1000 });
        await run(page);
        await inner(page).locator('#cpu').getByText(/\d %/).waitFor();
        await inner(page).locator('#memory').getByText(/\d %/).waitFor();
        const first = await inner(page).locator('#cpuLine').getAttribute('d');
        await page.waitForFunction(() => true);
        await inner(page).locator(`#cpuLine:not([d="${first}"])`).waitFor({ state: 'attached' });
        await picture(page, `view-sysinfo-${colorScheme}`);
        await closed(page);
    });
}

test('clients are told of the extension', async () => {
    const answer = await fetch(open.mcpUrl, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'server/discover' },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'server/discover', params: { _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } })
    }).then((response) => response.json());
    assert.deepEqual(answer.result.capabilities.extensions['io.modelcontextprotocol/ui'], { mimeTypes: ['text/html;profile=mcp-app'] });
});
