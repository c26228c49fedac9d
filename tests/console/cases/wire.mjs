// The wire, and how other clients connect.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closed, guarded, logIn, open, opened, result, run, test } from '../harness.mjs';

const shell = (line, more = {}) => new Promise((resolve, reject) => execFile('bash', ['-c', line], { env: { ...process.env, ...more } }, (error, out) => (error ? reject(error) : resolve(out))));

/** What the button of that name puts on the clipboard. */
async function copiedFrom(page, name) {
    await page.getByRole('button', { name }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    await page.getByRole('button', { name }).waitFor();
    return text;
}

test('the wire is shown', async () => {
    const page = await opened(open, 'tools/clock_now');
    await run(page);
    await result(page).waitFor();
    await page.getByRole('button', { name: 'Wire' }).click();
    await page.getByRole('button', { name: /tools\/call/ }).first().click();
    await page.getByText(/"method": "tools\/call"/).waitFor();
    await closed(page);
});

test('snippets carry the real address', async () => {
    const page = await opened(open, 'connect');
    await page.getByText(`claude mcp add --transport http tenon ${open.mcpUrl.href}`).waitFor();
    for (const name of ['Claude Code', 'Claude Desktop', 'VS Code', 'Cursor', 'curl', 'tenon']) await page.getByRole('heading', { name, exact: true }).waitFor();
    const textOf = (name) => page.locator('section.card', { has: page.getByRole('heading', { name, exact: true }) }).locator('pre').textContent();
    assert.equal(JSON.parse(await textOf('Cursor')).mcpServers.tenon.url, open.mcpUrl.href);
    assert.equal(JSON.parse(/'(.*)'/s.exec(await textOf('VS Code'))[1]).url, open.mcpUrl.href);
    assert.equal(JSON.parse(await textOf('Claude Desktop')).mcpServers.tenon.command, 'tenon');
    assert.match(await shell(await textOf('curl')), /clock_now/);
    await closed(page);
});

test('what is copied where one logged in has a place for the token', async () => {
    const page = await opened(guarded, 'tools/clock_now');
    await logIn(page, 'master-token');
    await page.getByLabel('zone').fill('Asia/Tokyo');
    for (const name of ['Copy as curl', 'as tenon call']) {
        const line = await copiedFrom(page, name);
        assert.match(await shell(line.replace(/^tenon/, process.argv[2]), { TOKEN: 'master-token' }), /Asia\/Tokyo/, line);
    }
    assert.match(await copiedFrom(page, 'as TypeScript'), /Authorization: `Bearer \$\{process\.env\.TOKEN\}`/);
    await page.goto(`${guarded.mcpUrl.origin}/console/#/connect`);
    const curl = page.locator('section.card', { has: page.getByRole('heading', { name: 'curl', exact: true }) }).locator('pre');
    assert.match(await shell(await curl.textContent(), { TOKEN: 'master-token' }), /clock_now/);
    await closed(page);
});

test('the same call is copied as curl, TypeScript and tenon call', async () => {
    const page = await opened(open, 'tools/clock_now');
    await page.getByLabel('zone').fill("Asia/Tokyo");
    const copied = (name) => copiedFrom(page, name);
    assert.match(await shell(await copied('Copy as curl')), /Asia\/Tokyo/);
    assert.match(await copied('as TypeScript'), /callTool\(\{ name: "clock_now"/);
    const command = await copied('as tenon call');
    assert.ok(command.startsWith('tenon call'), command);
    assert.match(await shell(command.replace(/^tenon/, process.argv[2])), /Asia\/Tokyo/);
    await closed(page);
});
