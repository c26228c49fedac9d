// Makes docs/console.png: the console with the view of sysinfo.
//
//   picture.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS FOLDER
import { openedFrom, closed, picture, run, runAll, serverWith, test } from './harness.mjs';

const server = await serverWith([]);

test('the picture of README', async () => {
    const page = await openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/console/#/tools/sysinfo_cpu`, { width: 1180, height: 790, colorScheme: 'dark' });
    await page.getByLabel(/perCore/).selectOption('true').catch(() => page.getByLabel(/perCore/).check());
    await run(page);
    const view = page.frameLocator('iframe.app').frameLocator('iframe');
    await view.locator('#memory').getByText(/\d %/).waitFor();
    await page.waitForTimeout(30_000); // for the lines to be lines
    await page.evaluate(() => { document.activeElement.blur(); scrollTo(0, 0); });
    await picture(page, 'console');
    await closed(page);
});

await runAll();
