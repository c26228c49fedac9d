// The client in sdk/clients/js, in a real Chromium and in Node.js.
//
//   run.mjs TENON PLUGINS
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { load } from '../modules.mjs';
import { makeWorkspace, settingsFor, startServer } from '../server.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../sdk/clients/js');
const [binary, plugins] = process.argv.slice(2);

/** Where Chromium is; undefined if there is none. */
function findChromium() {
    for (const name of [process.env.TENON_CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome']) {
        try {
            if (name) return execFileSync('sh', ['-c', `command -v "${name}"`]).toString().trim();
        } catch {
            // The next one.
        }
    }
    return undefined;
}

/** What is the same in both: runs where the module is, so it must not use anything from here. */
async function exercise(McpClient, url) {
    const client = new McpClient(url);
    const server = await client.connect();
    const tools = (await client.listTools()).map((tool) => tool.name);
    const now = await client.callTool('clock_now', { zone: 'Europe/Berlin' });
    let progress = 0;
    await client.callTool('sysinfo_sample', { seconds: 0.3, samples: 3 }, { onProgress: () => ++progress });
    const wrong = await client.callTool('clock_now', { zone: 'No/Where' });
    const unknown = await client.callTool('nothing').catch((error) => error);
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    const cancelled = await client
        .callTool('sysinfo_sample', { seconds: 20, samples: 2 }, { signal: abort.signal })
        .catch((error) => error);
    await client.close();
    return {
        server: server.serverInfo.name, tools, zone: now.structuredContent.zone, progress, wrong: wrong.isError,
        unknown: unknown.code, cancelled: cancelled.name
    };
}

function check(seen) {
    assert.equal(seen.server, 'tenon');
    assert.ok(seen.tools.includes('clock_now') && seen.tools.includes('sqlite_query'));
    assert.equal(seen.zone, 'Europe/Berlin');
    assert.ok(seen.progress > 0, 'no progress was heard');
    assert.equal(seen.wrong, true);
    assert.equal(seen.unknown, -32602);
    assert.equal(seen.cancelled, 'AbortError');
}

/** The browser's own WebSocket: runs in the page. */
async function overWebSocket(url) {
    const socket = new WebSocket(url, 'mcp');
    const answers = new Map();
    socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        answers.get(message.id)?.(message);
    };
    await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: () => reject(new Error('no WebSocket')) }));
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
    const ask = (id, method, params) => new Promise((resolve) => {
        answers.set(id, resolve);
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }));
    });
    const { result } = await ask(1, 'tools/list', {});
    const now = await ask(2, 'tools/call', { name: 'clock_now', arguments: { zone: 'Europe/Berlin' } });
    const closed = new Promise((resolve) => (socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean })));
    socket.close(1000);
    return { protocol: socket.protocol, extensions: socket.extensions, tools: result.tools.length,
        zone: now.result.structuredContent.zone, ...(await closed) };
}

async function inChromium(executablePath, mcpUrl) {
    const { chromium } = load('playwright-core');
    const pages = createServer(async (request, response) => {
        const name = request.url === '/' ? 'example.html' : request.url.slice(1);
        const type = name.endsWith('.js') ? 'text/javascript' : 'text/html';
        const found = await readFile(join(folder, name)).catch(() => undefined);
        response.writeHead(found ? 200 : 404, { 'Content-Type': type }).end(found);
    });
    await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    try {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${pages.address().port}/`);
        const source = `(async () => {
            const { McpClient } = await import('/tenon-client.js');
            return (${exercise})(McpClient, ${JSON.stringify(mcpUrl.href)});
        })()`;
        check(await page.evaluate(source));
        const socket = await page.evaluate(`(${overWebSocket})(${JSON.stringify(mcpUrl.href.replace('http', 'ws'))})`);
        assert.ok(socket.tools > 4);
        assert.deepEqual({ ...socket, tools: 0 },
            { protocol: 'mcp', extensions: '', tools: 0, zone: 'Europe/Berlin', code: 1000, wasClean: true });
        await page.fill('#url', mcpUrl.href);
        await page.click('button');
        await page.waitForFunction(() => document.getElementById('output').textContent.includes('clock_now'));
    } finally {
        await browser.close();
        pages.close();
    }
}

const workspace = await makeWorkspace();
const server = await startServer(binary, ['--http.webSocket=true', ...settingsFor(plugins, workspace)]);
try {
    const { McpClient } = await import(pathToFileURL(join(folder, 'tenon-client.js')));
    check(await exercise(McpClient, server.mcpUrl.href));
    console.log('Node.js: ok');
    const chromium = findChromium();
    if (!chromium) {
        console.log('Chromium is not installed');
        process.exitCode = 77;
    } else {
        await inChromium(chromium, server.mcpUrl);
        console.log('Chromium: ok');
    }
} finally {
    server.kill();
    await workspace.remove();
}
process.exit(); // connections that fetch keeps open would hold it
