// Tools: found, filled in, run, cancelled; what they ask and what they answer.
import assert from 'node:assert/strict';
import { closed, open, opened, result, run, test } from '../harness.mjs';

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

