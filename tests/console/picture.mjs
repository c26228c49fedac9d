// Makes docs/console.png: the console with the view of sysinfo, in light and dark beside each other.
//
//   picture.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS FOLDER
import { openedFrom, closed, picture, run, runAll, serverWith, test } from './harness.mjs';

const server = await serverWith([]);

test('the picture of README', async () => {
    const page = await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/#/tools/sysinfo_cpu`, { width: 1180, height: 640, colorScheme: 'dark' });
    await page.getByLabel(/perCore/).selectOption('true').catch(() => page.getByLabel(/perCore/).check());
    await run(page);
    const view = page.frameLocator('iframe.app').frameLocator('iframe');
    await view.locator('#memory').getByText(/\d %/).waitFor();
    await page.locator('iframe.app').scrollIntoViewIfNeeded();
    await page.waitForTimeout(30_000); // for the lines to be lines
    await page.locator('section.view').evaluate((section) => section.scrollIntoView({ block: 'end' }));
    await picture(page, 'console');
    await closed(page);
});

await runAll();
