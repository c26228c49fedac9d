// What the cases share: a browser, servers, and pages that watch for what must not happen.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../clients/modules.mjs';
import { makeWorkspace, settingsFor, startServer } from '../clients/server.mjs';

export const [binary, plugins, conformance, showcase, pictures] = process.argv.slice(2);
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
if (!CHROMIUM) {
    console.log('Chromium is not installed');
    process.exit(77);
}
const { chromium } = load('playwright-core');
const axe = load('axe-core').source;
mkdirSync(pictures, { recursive: true });

const workspace = await makeWorkspace();
export const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const started = [];

/** A server with the plugins that ship, and the settings that a case needs; stopped at the end. */
export async function serverWith(folders, ...settings) {
    const server = await startServer(binary, [...settingsFor([plugins, ...folders].join(','), workspace), ...settings]);
    started.push(server);
    return server;
}

/** Nobody has to log in; plugins with everything to show. */
export const open = await serverWith([conformance, showcase], '--plugin.showcase.isolation=process');

export const TOKENS = [
    '--auth.type=bearer', `--auth.token.boss.sha256=${sha256('master-token')}`, '--auth.token.boss.type=master',
    `--auth.token.reader.sha256=${sha256('reader-token')}`, '--auth.token.reader.type=readonly'
];
/** Tokens of a master and a reader. */
export const guarded = await serverWith([], ...TOKENS);
export const SHOWCASE = showcase;

const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync']
});

/** How pages look where a case does not say: as on a desk by day, or on a phone at night. */
const LOOK = process.env.CONSOLE_LOOK === 'phone' ? { colorScheme: 'dark', width: 360 } : { colorScheme: 'light', width: 1280 };

/** A page whose errors, and requests to others than `origins`, fail the test. */
export async function openedFrom(origins, url, { colorScheme = LOOK.colorScheme, width = LOOK.width, height = 800, scale = 1 } = {}) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height }, deviceScaleFactor: scale, permissions: ['clipboard-read', 'clipboard-write'] });
    const page = await context.newPage();
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(error.message));
    page.on('console', (message) => {
        const allowed = /status of 4\d\d|status of 503/.test(message.text()) || page.expects?.test(message.text());
        if (message.type() === 'error' && !allowed) page.faults.push(message.text());
    });
    page.on('request', (request) => {
        const url = request.url();
        if (!origins.some((origin) => url.startsWith(origin)) && !/^(data|about|blob):/.test(url)) page.faults.push(`a request to ${url}`);
    });
    await page.goto(url);
    return page;
}

/** Shape: `path` is "console/#/tools". */
export const openedAt = (server, path, how) => openedFrom([server.mcpUrl.origin], `${server.mcpUrl.origin}/${path}`, how);

export const opened = (server, route, how) => openedAt(server, `console/#/${route}`, how);

export async function closed(page) {
    assert.deepEqual(page.faults, []);
    await page.context().close();
}

export async function go(page, server, route) {
    await page.goto(`${server.mcpUrl.origin}/console/#/${route}`);
}

export const run = (page) => page.getByRole('button', { name: 'Run', exact: true }).click();
export const result = (page) => page.locator('.result');

export async function logIn(page, token) {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
}

export const picture = (page, name) => page.screenshot({ path: join(pictures, `${name}.png`) });

/** What axe finds serious. The page's own policy keeps injected scripts out; a second world has none. */
export async function seriousFaults(page) {
    const session = await page.context().newCDPSession(page);
    const { frameTree } = await session.send('Page.getFrameTree');
    const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
    const evaluate = async (expression) => {
        const answer = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true });
        if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails.exception));
        return answer.result.value;
    };
    await evaluate(`${axe}; 0`);
    return evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], iframes: false })
        .then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')))`);
}

const tests = [];
export const test = (name, body) => tests.push([name, body]);

/** Runs every case, says how it went, and ends the process. */
export async function runAll() {
    const only = process.env.CONSOLE_CASE;
    const chosen = tests.filter(([name]) => !only || name.includes(only));
    let failed = 0;
    for (const [name, body] of chosen) {
        try {
            await body();
            console.log(`ok      ${name}`);
        } catch (error) {
            ++failed;
            console.log(`FAILED  ${name}\n${error.stack}`);
            let count = 0;
            for (const context of browser.contexts()) {
                for (const page of context.pages()) {
                    if (page.faults?.length) console.log(page.faults);
                    await picture(page, `failed-${failed}-${++count}`).catch(() => undefined);
                }
                await context.close();
            }
        }
    }
    await browser.close();
    for (const server of started) await server.stop();
    await workspace.remove();
    console.log(`${chosen.length - failed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
}
