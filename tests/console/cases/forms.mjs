// Forms from schemas, and results by their kind.
import assert from 'node:assert/strict';
import { closed, open, opened, result, run, test } from '../harness.mjs';

test('every kind of field makes what its schema says', async () => {
    const page = await opened(open, 'tools/show_form');
    const button = page.getByRole('button', { name: 'Run', exact: true });
    await page.getByLabel(/Your name/).waitFor();
    assert.ok(await button.isDisabled(), 'what is required is missing');
    await page.getByLabel(/Your name/).fill('Ada');
    await page.getByLabel('level').selectOption({ label: 'High' });
    assert.equal(await page.getByLabel(/^size/).inputValue(), '3', 'the default');
    await page.getByText('1 to 10.').waitFor();
    await page.getByLabel(/^size/).fill('7');
    await page.getByLabel('day').fill('2026-11-29');
    await page.getByLabel('mail').fill('ada@example.org');
    await page.getByLabel('flag').selectOption('true');
    await page.getByLabel('Red').check();
    await page.getByLabel('Green').check();
    await page.getByRole('group', { name: 'tags' }).getByRole('button', { name: 'Add an item' }).click();
    await page.getByLabel('tags 1', { exact: false }).first().fill('first');
    await page.getByLabel('city').fill('London');
    await page.getByLabel('x', { exact: true }).fill('1.5');
    await page.getByLabel('Square').check();
    await page.getByLabel(/^side/).fill('2');
    await page.getByLabel('as JSON').check();
    const beside = JSON.parse(await page.getByLabel('Arguments').inputValue());
    const expected = {
        name: 'Ada', level: 2, size: 7, day: '2026-11-29', mail: 'ada@example.org', flag: true, colours: ['r', 'g'], tags: ['first'],
        place: { city: 'London', position: { x: 1.5 } }, shape: { kind: 'square', side: 2 }
    };
    assert.deepEqual(beside, expected);
    await page.getByLabel('Arguments').fill(JSON.stringify({ ...expected, name: 'Grace', size: 8 }));
    assert.equal(await page.getByLabel(/Your name/).inputValue(), 'Grace', 'the form follows the JSON');
    await page.getByLabel('Arguments').fill('{"name":');
    await page.getByRole('alert').first().waitFor();
    await run(page);
    await result(page).getByText('"Grace"').waitFor();
    await closed(page);
});

test('what the form lets through and the schema does not is told by the server', async () => {
    const page = await opened(open, 'tools/show_form');
    await page.getByLabel('as JSON').check();
    await page.getByLabel('Arguments').fill('{"name":"A","level":2,"size":3}');
    await page.getByLabel('as JSON').uncheck();
    await page.locator('form').first().evaluate((form) => { form.noValidate = true; });
    await run(page);
    await page.getByText('The tool reports an error.').waitFor();
    await closed(page);
});

test('Markdown becomes elements, tables become tables, beside their schema', async () => {
    const page = await opened(open, 'tools/show_markdown');
    await run(page);
    await result(page).getByRole('heading', { name: 'A report' }).waitFor();
    assert.equal(await result(page).locator('strong').textContent(), 'strong');
    assert.equal(await result(page).getByRole('link', { name: 'link' }).getAttribute('href'), 'https://example.org/');
    assert.equal(await result(page).locator('table td').count(), 2);
    await page.goto(`${open.mcpUrl.origin}/console/#/tools/show_table`);
    await run(page);
    await result(page).getByRole('columnheader', { name: 'people' }).waitFor();
    assert.equal(await result(page).locator('tbody tr').count(), 2);
    await result(page).getByText('Its schema').click();
    await result(page).locator('.schema').getByText('"integer"').waitFor();
    await closed(page);
});
