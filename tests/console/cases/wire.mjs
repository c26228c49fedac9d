// The wire, and how other clients connect.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { closed, open, opened, result, run, test } from '../harness.mjs';

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
    await closed(page);
});


test('the same call is copied as curl, TypeScript and tenon call', async () => {
    const page = await opened(open, 'tools/clock_now');
    await page.getByLabel('zone').fill("Asia/Tokyo");
    const copied = async (name) => {
        await page.getByRole('button', { name }).click();
        await page.getByRole('button', { name: 'Copied' }).waitFor();
        const text = await page.evaluate(() => navigator.clipboard.readText());
        await page.getByRole('button', { name }).waitFor();
        return text;
    };
    const shell = (line) => new Promise((resolve, reject) => execFile('bash', ['-c', line], (error, out) => (error ? reject(error) : resolve(out))));
    assert.match(await shell(await copied('Copy as curl')), /Asia\/Tokyo/);
    assert.match(await copied('as TypeScript'), /callTool\(\{ name: "clock_now"/);
    const command = await copied('as tenon call');
    assert.ok(command.startsWith('tenon call'), command);
    assert.match(await shell(command.replace(/^tenon/, process.argv[2])), /Asia\/Tokyo/);
    await closed(page);
});
