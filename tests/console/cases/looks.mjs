// Every view in both colour schemes, on a phone and on a desk: it fits, and everybody can use it.
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { closed, go, open, opened, openedAt, picture, result, run, seriousFaults, test } from '../harness.mjs';

const VIEWS = ['overview', 'tools', 'tools/clock_convert', 'tools/show_form', 'resources', 'prompts', 'tasks', 'sessions', 'live', 'access', 'connect'];

async function check(page, name) {
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the screen`);
    assert.deepEqual(await seriousFaults(page), [], name);
}

for (const colorScheme of ['light', 'dark']) {
    for (const width of [360, 1280]) {
        test(`every view is accessible and fits: ${colorScheme}, ${width} px`, async () => {
            for (const view of VIEWS) {
                const page = await opened(open, view, { colorScheme, width });
                await page.locator('main h2, .entries a').first().waitFor({ state: 'attached' });
                await page.waitForTimeout(150);
                const name = `${view.replace('/', '-')}-${colorScheme}-${width}`;
                await picture(page, name);
                await check(page, name);
                await closed(page);
            }
        });

        test(`results, questions and the drawer too: ${colorScheme}, ${width} px`, async () => {
            const page = await opened(open, 'tools/show_table', { colorScheme, width });
            await run(page);
            await result(page).getByText('Berlin').first().waitFor();
            await page.getByRole('button', { name: 'Wire' }).click();
            await page.getByRole('button', { name: /tools\/call/ }).first().click();
            await picture(page, `result-wire-${colorScheme}-${width}`);
            await check(page, 'the drawer');
            await page.getByRole('button', { name: 'Close' }).click();
            await check(page, 'a result');
            await page.goto(`${open.mcpUrl.origin}/console/#/tools/test_elicitation`);
            await page.getByLabel('message').fill('Who are you?');
            await run(page);
            await page.getByRole('form', { name: 'A question of the server' }).waitFor();
            await picture(page, `question-${colorScheme}-${width}`);
            await check(page, 'a question');
            await page.getByRole('button', { name: 'Decline' }).click();
            await page.getByRole('list', { name: 'Conversation' }).waitFor();
            await check(page, 'a conversation');
            await closed(page);
        });
    }
}

test('everything is done with the keyboard', async () => {
    const page = await opened(open, 'tools');
    await page.getByRole('link', { name: /clock_now/ }).waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    await page.keyboard.press('Tab');
    await page.keyboard.type('clock_now');
    await page.getByText('1 tool').waitFor();
    await page.getByRole('link', { name: /clock_now/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /time/i }).first().waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).focus();
    await page.keyboard.press('Enter');
    await result(page).waitFor();
    await closed(page);
});

test('an address that changes while the page comes up is followed, and a broken one too', async () => {
    const page = await openedAt(open, 'health'); // of the same origin, so that what follows runs before the page
    await page.addInitScript(() => new MutationObserver((_, watching) => {
        if (!document.querySelector('nav a')) return;
        watching.disconnect();
        location.hash = '#/tools'; // between the first drawing and what follows it
    }).observe(document, { childList: true, subtree: true }));
    await page.goto(`${open.mcpUrl.origin}/console/#/overview`);
    await page.locator('nav a[aria-current]', { hasText: 'tools' }).waitFor();
    await page.getByRole('link', { name: /clock_now/ }).waitFor();
    await go(page, open, 'resources/%');
    await page.getByRole('heading', { name: '%' }).waitFor();
    await closed(page);
});

test('the page is small, and is not sent again', async () => {
    let bytes = 0;
    for (const file of ['', 'console.js', 'style.css', 'icon.svg', 'frame.html']) {
        const url = `${open.mcpUrl.origin}/console/${file}`;
        const sizes = await new Promise((resolve, reject) => get(url, { headers: { 'Accept-Encoding': 'gzip' } }, (answer) => {
            let size = 0;
            answer.on('data', (chunk) => { size += chunk.length; });
            answer.on('end', () => resolve({ size, packed: answer.headers['content-encoding'], etag: answer.headers.etag }));
        }).on('error', reject));
        assert.equal(sizes.packed, 'gzip', file);
        bytes += sizes.size;
        assert.equal((await fetch(url, { headers: { 'If-None-Match': sizes.etag } })).status, 304, file);
    }
    assert.ok(bytes > 10_000 && bytes <= 60_000, `${bytes} bytes`);
});
