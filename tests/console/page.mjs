// The console in Chromium, as a person uses it.
//
//   page.mjs TENON PLUGINS CONFORMANCE-PLUGINS SCREENSHOTS
//
// Screenshots of every view, in both colour schemes and at two widths, are left in SCREENSHOTS. Ends with 77 where there is
// no Chromium.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { load } from '../clients/modules.mjs';
import { makeWorkspace, settingsFor, startServer } from '../clients/server.mjs';

const [binary, plugins, conformance, pictures] = process.argv.slice(2);
const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
if (!CHROMIUM) {
    console.log('Chromium is not installed');
    process.exit(77);
}
const { chromium } = load('playwright-core');
const axe = load('axe-core').source;
mkdirSync(pictures, { recursive: true });

const workspace = await makeWorkspace();
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const open = await startServer(binary, settingsFor(`${plugins},${conformance}`, workspace));
const guarded = await startServer(binary, [
    ...settingsFor(plugins, workspace), '--auth.type=bearer',
    `--auth.token.boss.sha256=${sha256('master-token')}`, '--auth.token.boss.type=master',
    `--auth.token.reader.sha256=${sha256('reader-token')}`, '--auth.token.reader.type=readonly'
]);
const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync']
});

/** A page whose errors and foreign requests fail the test. */
async function opened(server, route, { colorScheme = 'light', width = 1280 } = {}) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    const origin = server.mcpUrl.origin;
    page.faults = [];
    page.on('pageerror', (error) => page.faults.push(error.message));
    page.on('console', (message) => {
        if (message.type() === 'error' && !/status of 4\d\d/.test(message.text())) page.faults.push(message.text());
    });
    page.on('request', (request) => {
        if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) page.faults.push(`a request to ${request.url()}`);
    });
    await page.goto(`${origin}/console/#/${route}`);
    return page;
}

async function closed(page) {
    assert.deepEqual(page.faults, []);
    await page.context().close();
}

const tests = [];
const test = (name, run) => tests.push([name, run]);
const run = (page) => page.getByRole('button', { name: 'Run', exact: true }).click();
const result = (page) => page.locator('.result');

test('tools are found by words, and run with a form', async () => {
    const page = await opened(open, 'tools');
    await page.getByRole('searchbox').fill('time zones');
    await page.getByRole('link', { name: /clock_convert/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: /sqlite_query/ }).count(), 0);
    await page.getByRole('searchbox').fill('clock_now');
    await page.getByRole('link', { name: /clock_now/ }).click();
    await page.getByLabel('zone').fill('Europe/Berlin');
    await run(page);
    await result(page).getByText('Europe/Berlin').first().waitFor();
    await page.getByLabel('as JSON').check();
    await page.getByLabel('Arguments').fill('{"zone":"Asia/Tokyo"}');
    await run(page);
    await result(page).getByText('Asia/Tokyo').first().waitFor();
    await closed(page);
});

test('what a tool reports as an error is shown as one', async () => {
    const page = await opened(open, 'tools/clock_now');
    await page.getByLabel('zone').fill('No/Where');
    await run(page);
    await page.getByText('The tool reports an error.').waitFor();
    await closed(page);
});

for (const revision of ['2026-07-28', '2025-11-25']) {
    test(`${revision}: progress, log lines and the answer arrive`, async () => {
        const page = await opened(open, 'tools/test_tool_with_progress');
        await page.getByLabel('Revision').selectOption(revision);
        await run(page);
        await page.getByRole('progressbar').waitFor();
        await result(page).waitFor();
        await page.goto(`${open.mcpUrl.origin}/console/#/tools/test_tool_with_logging`);
        await page.getByLabel('Revision').selectOption(revision);
        await run(page);
        await page.getByText(/Log \(3\)/).waitFor();
        await closed(page);
    });

    test(`${revision}: a question is answered in a form, declined, and asked of a model`, async () => {
        const page = await opened(open, 'tools/test_elicitation');
        await page.getByLabel('Revision').selectOption(revision);
        await page.getByLabel('message').fill('Who are you?');
        await run(page);
        const question = page.getByRole('form', { name: 'A question of the server' });
        await question.getByText('Who are you?').waitFor();
        const fields = question.getByRole('textbox');
        for (let i = 0; i < await fields.count(); ++i) await fields.nth(i).fill('ada@example.org');
        await question.getByRole('button', { name: 'Accept' }).click();
        await result(page).getByText(/action=accept.*ada@example.org/).waitFor();
        await run(page);
        await page.getByRole('button', { name: 'Decline' }).click();
        await result(page).getByText(/action=decline/).waitFor();
        await page.goto(`${open.mcpUrl.origin}/console/#/tools/test_sampling`);
        await page.getByLabel('Revision').selectOption(revision);
        await page.getByLabel('prompt').fill('What is 6 times 7?');
        await run(page);
        await page.getByRole('form', { name: 'A message for a model' }).getByLabel('Answer').fill('Forty-two.');
        await page.getByRole('button', { name: 'Send' }).click();
        await result(page).getByText('LLM response: Forty-two.').waitFor();
        await closed(page);
    });
}

test('rounds of questions are a conversation', async () => {
    const page = await opened(open, 'tools/test_input_required_result_multi_round');
    await run(page);
    for (let round = 0; round < 5 && await result(page).count() === 0; ++round) {
        const accept = page.getByRole('button', { name: 'Accept' });
        await accept.or(result(page)).first().waitFor();
        if (await result(page).count() > 0) break;
        const fields = page.getByRole('form', { name: 'A question of the server' }).getByRole('textbox');
        for (let i = 0; i < await fields.count(); ++i) await fields.nth(i).fill(`answer ${round}`);
        await accept.click();
        await page.waitForTimeout(50);
    }
    await result(page).waitFor();
    await closed(page);
});

test('a running call is cancelled', async () => {
    const page = await opened(open, 'tools/slow_compute');
    await page.getByRole('spinbutton').first().fill('60');
    await run(page);
    await page.getByText(/^Running/).waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByText('cancelled').first().waitFor();
    await closed(page);
});

test('images, audio, structured content and links have their own forms', async () => {
    const page = await opened(open, 'tools/test_image_content');
    await run(page);
    await result(page).getByRole('img').waitFor();
    assert.ok(await result(page).getByRole('img').evaluate((image) => image.complete && image.naturalWidth > 0));
    await page.goto(`${open.mcpUrl.origin}/console/#/tools/test_audio_content`);
    await run(page);
    await page.locator('.result audio').waitFor();
    await page.goto(`${open.mcpUrl.origin}/console/#/tools/test_resource_link`);
    await run(page);
    await result(page).getByRole('button').first().click();
    await page.waitForURL(/#\/resources\//);
    await closed(page);
});


test('resources are read, by a template too', async () => {
    const page = await opened(open, 'resources');
    await page.locator('.entries a').first().waitFor();
    await page.locator('.entries a').first().click();
    await page.locator('.contents').first().waitFor();
    await closed(page);
});

test('prompts are filled in', async () => {
    const page = await opened(open, 'prompts');
    await page.getByRole('link', { name: /test_prompt_with_arguments/ }).click();
    const fields = page.locator('.detail form input');
    for (let i = 0; i < await fields.count(); ++i) await fields.nth(i).fill('one');
    await page.getByRole('button', { name: 'Get' }).click();
    await page.locator('.detail section.card').first().waitFor();
    await closed(page);
});

test('the overview shows plugins and what their tools did', async () => {
    const page = await opened(open, 'overview');
    await page.getByRole('heading', { name: /clock/ }).waitFor();
    await page.getByRole('link', { name: 'clock_now' }).waitFor();
    await closed(page);
});

test('a session is seen and ended', async () => {
    const page = await opened(open, 'tools/clock_now');
    await page.getByLabel('Revision').selectOption('2025-11-25');
    await run(page);
    await result(page).waitFor();
    await page.getByRole('link', { name: 'sessions', exact: true }).click();
    const rows = page.locator('.rows li');
    await rows.first().waitFor();
    const before = await rows.count();
    await rows.first().getByRole('button').click();
    await page.waitForFunction((count) => document.querySelectorAll('.rows li').length < count, before);
    await closed(page);
});

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

async function logIn(page, token) {
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
}

test('one logs in with a token, and a wrong one is refused', async () => {
    const page = await opened(guarded, 'overview');
    await logIn(page, 'wrong');
    await page.getByText('This server wants to know who you are.').waitFor();
    await logIn(page, 'master-token');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.reload();
    await page.getByText('This server wants to know who you are.').waitFor();
    await page.getByLabel(/keep it/).check();
    await logIn(page, 'master-token');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('This server wants to know who you are.').waitFor();
    assert.equal(await page.context().cookies().then((cookies) => cookies.length), 0);
    await closed(page);
});

test('a reader sees and does only what a reader may, by hand too', async () => {
    const page = await opened(guarded, 'tools');
    await logIn(page, 'reader-token');
    await page.getByRole('link', { name: /clock_now/ }).waitFor();
    assert.equal(await page.getByRole('link', { name: /sqlite_execute/ }).count(), 0);
    assert.equal(await page.getByRole('link', { name: 'sessions', exact: true }).count(), 0);
    const { origin } = guarded.mcpUrl;
    const by = (path, method = 'GET') => fetch(origin + path, { method, headers: { Authorization: 'Bearer reader-token' } });
    for (const path of ['history', 'tools', 'plugins', 'sessions']) assert.equal((await by(`/console/api/${path}`)).status, 403, path);
    assert.equal((await by('/stats/sessions/x', 'DELETE')).status, 403);
    assert.equal((await by('/plugins/clock/restart', 'POST')).status >= 403, true);
    await closed(page);
});

const VIEWS = ['overview', 'tools/clock_convert', 'resources', 'prompts', 'tasks', 'sessions', 'connect'];
for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
        test(`every view is accessible and fits: ${colorScheme}, ${width} px`, async () => {
            for (const view of VIEWS) {
                const page = await opened(open, view, { colorScheme, width });
                await page.locator('main h2, .entries a').first().waitFor({ state: 'attached' });
                await page.waitForLoadState('networkidle');
                await page.screenshot({ path: join(pictures, `${view.replace('/', '-')}-${colorScheme}-${width}.png`) });
                assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${view} is wider than the screen`);
                // The page's own policy keeps injected scripts out; a second world has none.
                const session = await page.context().newCDPSession(page);
                const { frameTree } = await session.send('Page.getFrameTree');
                const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id });
                const evaluate = async (expression) => {
                    const answer = await session.send('Runtime.evaluate', { expression, contextId, awaitPromise: true, returnByValue: true });
                    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails.exception));
                    return answer.result.value;
                };
                await evaluate(`${axe}; 0`);
                const faults = await evaluate(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })
                    .then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
                    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).slice(0, 3).join(' ')))`);
                assert.deepEqual(faults, [], view);
                await closed(page);
            }
        });
    }
}

let failed = 0;
for (const [name, body] of tests) {
    try {
        await body();
        console.log(`ok      ${name}`);
    } catch (error) {
        ++failed;
        console.log(`FAILED  ${name}\n${error.stack}`);
        let count = 0;
        for (const context of browser.contexts()) {
            for (const page of context.pages()) await page.screenshot({ path: join(pictures, `failed-${failed}-${++count}.png`) }).catch(() => undefined);
            await context.close();
        }
    }
}
await browser.close();
for (const server of [open, guarded]) await server.stop();
await workspace.remove();
console.log(`${tests.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
