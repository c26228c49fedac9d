// Views of tools in a host that is not ours: the one that the extension MCP Apps brings in its package.
//
//   host.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS SCREENSHOTS
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { load } from '../clients/modules.mjs';
import { closed, openedFrom, picture, runAll, serverWith, SHOWCASE, test } from './harness.mjs';

const here = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'host');
const { outputFiles: [bundle] } = await load('esbuild').build({
    entryPoints: [join(here, 'host.js')], bundle: true, write: false, format: 'iife', platform: 'browser', target: 'es2022', logLevel: 'error',
    nodePaths: [process.env.TENON_NODE_MODULES]
});

/** A page with one script, on a port of its own; what else is asked for is not there. */
async function site(script) {
    const server = createServer((request, response) => {
        if (request.url === '/page.js') response.setHeader('Content-Type', 'text/javascript').end(script);
        else if (request.url === '/') response.setHeader('Content-Type', 'text/html').end('<!doctype html><link rel="icon" href="data:,"><body style="height: 95vh"><script src="/page.js"></script>');
        else response.writeHead(404).end();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    server.unref();
    return `http://127.0.0.1:${server.address().port}`;
}
const host = await site(bundle.text);
const sandbox = await site(await readFile(join(here, 'sandbox.js')));
const server = await serverWith([SHOWCASE], '--http.cors=true', `--http.allowedOrigins=${host}`);
const view = (page) => page.frameLocator('iframe').frameLocator('iframe');
const show = (page, name, args) => page.evaluate(([...all]) => window.show(...all), [server.mcpUrl.href, sandbox, name, args]);

test('the reference host shows the view of sysinfo, and the view asks for more by itself', async () => {
    const page = await openedFrom([host, sandbox, server.mcpUrl.origin], host);
    await show(page, 'sysinfo_cpu', {});
    await view(page).locator('#cpu').getByText(/\d %/).waitFor();
    await view(page).locator('#memory').getByText(/\d %/).waitFor();
    await page.waitForFunction(() => window.noticed.sizes.length > 0);
    const noticed = await page.evaluate(() => window.noticed);
    assert.equal(noticed.resource, 'ui://sysinfo/live');
    assert.equal(noticed.app.name, 'sysinfo');
    assert.ok(noticed.sizes.at(-1).height > 50);
    await picture(page, 'reference-host-sysinfo');
    await page.evaluate(() => window.teardown());
    await closed(page);
});

test('the reference host gives a view its input and its result', async () => {
    const page = await openedFrom([host, sandbox, server.mcpUrl.origin], host);
    page.expects = /404|Failed to load resource|CORS|blocked|ERR_FAILED/;
    await show(page, 'show_view', { word: 'moon' });
    await view(page).locator('#out').getByText('result moon').waitFor();
    await view(page).locator('#out').getByText('host reference-host').waitFor();
    await closed(page);
});

await runAll();
