// The pages that documents of other servers promise, where their SSE profiles are on.
import assert from 'node:assert/strict';
import { closed, open, openedAt, picture, seriousFaults, serverWith, test, TOKENS } from '../harness.mjs';

const PAGES = [
    ['rails', 'mcp_sse_example.html', async (page) => {
        await page.locator('#status').getByText(/connected as/).waitFor();
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await page.getByText('mcp_response').first().waitFor();
        await page.getByText(/"clock_now"/).first().waitFor();
        await page.getByLabel('Method').selectOption('tools/call');
        await page.getByLabel('Params, JSON').fill('{"name":"clock_now","arguments":{"zone":"Asia/Tokyo"}}');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await page.getByText(/Asia\/Tokyo/).first().waitFor();
    }],
    ['backlog', 'demo-sse.html', async (page) => {
        await page.locator('#status').getByText('connected', { exact: true }).waitFor();
        await page.getByRole('button', { name: 'List tools' }).click();
        await page.getByText(/"clock_now"/).first().waitFor();
        await page.getByLabel('Any other, JSON').fill('{"method":"tools/call","params":{"name":"clock_now","arguments":{"zone":"Asia/Tokyo"}}}');
        await page.getByRole('button', { name: 'Send', exact: true }).click();
        await page.getByText('tool-result').first().waitFor();
        await page.getByRole('button', { name: 'Connection statistics' }).click();
        await page.getByText(/totalConnections/).first().waitFor();
    }]
];

for (const [profile, path, use] of PAGES) {
    test(`${path} does what its document says, with a token too`, async () => {
        assert.equal((await fetch(`${open.mcpUrl.origin}/${path}`)).status, 404, 'its profile is off');
        for (const settings of [[], [...TOKENS, '--auth.queryToken=true']]) {
            const server = await serverWith([], `--sse.profiles=${profile}`, ...settings);
            for (const [colorScheme, width] of [['light', 1280], ['dark', 360]]) {
                const page = await openedAt(server, path, { colorScheme, width });
                if (settings.length > 0) await page.getByLabel(/token/i).fill('master-token');
                await page.getByRole('button', { name: 'Connect to SSE' }).click();
                await use(page);
                await picture(page, `${profile}-${colorScheme}-${width}`);
                assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it is wider than the screen');
                assert.deepEqual(await seriousFaults(page), []);
                await page.getByRole('button', { name: 'Disconnect' }).click();
                await page.getByText('not connected').waitFor();
                await closed(page);
            }
        }
    });
}
