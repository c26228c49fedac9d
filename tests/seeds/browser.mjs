// The documents' clients in Chromium: each gets a page and the servers, as the probes do.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

import { adapt, read } from '../clients/seeds/snippets.mjs';

const PATIENCE_MS = 10_000;

/** Runs a snippet in the page, its console kept in `window.lines`, `kept` as names of the window. */
async function runIn(page, text, kept = []) {
    await page.evaluate(`window.lines ??= []; window.keep ??= {};
        (async (console) => { ${text}
            ${kept.map((name) => `window.keep.${name} = ${name};`).join('\n')} })(
            { log: (...values) => window.lines.push(values), error: (...values) => window.lines.push(values) });`);
}

const line = (page, what) => page.waitForFunction((first) => window.lines.find(([word]) => word === first), what,
    { timeout: PATIENCE_MS }).then((handle) => handle.jsonValue());

export const BROWSER_PROBES = {
    browser: async (page, { guarded }) => {
        await runIn(page, adapt(await read('002-browser.js'), guarded.base, { 'your-token': 'team-secret' }));
        assert.ok((await line(page, 'Welcome:'))[1].connectionId);
    },
    send: async (page, { guarded }) => {
        await runIn(page, adapt(await read('002-browser.js'), guarded.base, { 'your-token': 'team-secret' }));
        const { connectionId } = (await line(page, 'Welcome:'))[1];
        await runIn(page, adapt(await read('002-send.js'), guarded.base,
            { 'your-token': 'team-secret', 'your-connection-id': connectionId }));
        assert.ok((await line(page, 'Response:'))[1].tools.length > 0);
    },
    rails: async (page, { open }) => {
        const [definitions, usage] = adapt(await read('003.js'), open.base).split('// Example usage');
        await runIn(page, definitions, ['sendMCPRequest']);
        await line(page, 'Connected with ID:');
        await runIn(page, `const sendMCPRequest = window.keep.sendMCPRequest; ${usage}`);
        await line(page, 'MCP Response:');
    },
    reconnect: async (page, { open }) => {
        // What the page is connected to goes away and comes back.
        let response;
        let opened = 0;
        const proxy = createServer((request, answer) => {
            response = answer;
            ++opened;
            answer.writeHead(200, { 'Content-Type': 'text/event-stream', 'Access-Control-Allow-Origin': '*' });
            fetch(`${open.base}/sse`, { headers: { Accept: 'text/event-stream' } }).then(async (stream) => {
                for await (const part of stream.body) answer.write(part);
            }).catch(() => {});
        });
        await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
        try {
            await page.evaluate((url) => {
                window.opened = 0;
                new EventSource(url).addEventListener('endpoint', () => ++window.opened);
            }, `http://127.0.0.1:${proxy.address().port}/`);
            await page.waitForFunction(() => window.opened === 1, undefined, { timeout: PATIENCE_MS });
            response.destroy();
            await page.waitForFunction(() => window.opened === 2, undefined, { timeout: PATIENCE_MS });
            assert.ok(opened >= 2);
        } finally {
            proxy.close();
            proxy.closeAllConnections();
        }
    }
};
