// Resources, prompts, tasks.
import assert from 'node:assert/strict';
import { closed, open, opened, result, run, test } from '../harness.mjs';

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


test('a template is filled in with what the server completes', async () => {
    const page = await opened(open, 'resources');
    const form = page.locator('form.card', { hasText: 'test://template' }).first();
    await form.getByRole('combobox').or(form.getByRole('textbox')).first().fill('42');
    await form.getByRole('button', { name: 'Read' }).click();
    await page.locator('.contents').first().waitFor();
    await closed(page);
});

test('changes of a resource arrive while it is followed', async () => {
    const page = await opened(open, `resources/${encodeURIComponent('show://state')}`);
    await page.getByText(/touched \d+ times/).waitFor();
    const before = await page.locator('.contents').textContent();
    await page.getByLabel('follow its changes').check();
    const other = await opened(open, 'tools/show_touch');
    for (let attempt = 0; attempt < 20 && await page.getByText(/\d+ updates/).count() === 0; ++attempt) { // until the stream is open
        await run(other);
        await result(other).waitFor();
        await page.waitForTimeout(200);
    }
    await page.getByText(/\d+ updates/).waitFor();
    await page.waitForFunction((old) => document.querySelector('.contents')?.textContent !== old, before);
    await closed(other);
    await closed(page);
});

test('a task is seen with its state and its result', async () => {
    const page = await opened(open, 'tools/show_task');
    await page.getByLabel('Revision').selectOption('2025-11-25');
    await page.getByLabel('as a task').check();
    await run(page);
    await page.getByText('It goes on as a task').waitFor();
    await page.getByRole('link', { name: 'tasks', exact: true }).click();
    const row = page.locator('tbody tr').first();
    await row.getByText('completed').waitFor();
    await row.getByRole('button', { name: 'Result' }).click();
    await result(page).getByText('done as asked').waitFor();
    await closed(page);
});
