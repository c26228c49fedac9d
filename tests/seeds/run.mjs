// Drives every row of rows.txt against the real server; README.md beside this file has the format.
//
//   run.mjs TENON PLUGINS BUILD [--run] [--write]
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { load } from '../clients/modules.mjs';
import { startServer } from '../clients/server.mjs';
import { BROWSER_PROBES } from './browser.mjs';
import { LIMIT_PROBES } from './limits.mjs';
import { PROBES as SHARED_PROBES } from './probes.mjs';

const [binary, plugins, build, ...options] = process.argv.slice(2);
const write = options.includes('--write');
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const table = join(root, 'docs/seeds.md');
const PROBES = { ...SHARED_PROBES, ...LIMIT_PROBES };
const MARKS = ['absent', 'partly', 'works'];
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

const rows = readFileSync(join(here, 'rows.txt'), 'utf8').split('\n').filter((line) => line && line[0] !== '#').map((line) => {
    const [document, item, how] = line.split(' | ');
    return { document, item, checks: how.startsWith('-:') ? [] : how.split(' '), why: how.startsWith('-:') ? how.slice(2).trim() : '' };
});

async function startServers() {
    const common = [`--plugins.directory=${plugins}`, '--sse.profiles=standard,path-session,backlog,rails',
        '--timeouts.heartbeatMs=300', '--sse.resumeMs=2s', '--http.webSocket=true'];
    const tokens = ['team', 'readonly', 'master'].flatMap((type) => [`--auth.token.${type}.sha256=${sha256(`${type}-secret`)}`,
        `--auth.token.${type}.type=${type}`]);
    const servers = { binary, plugins };
    for (const [name, settings] of [['open', []], ['guarded', ['--auth.type=bearer', '--auth.queryToken=true', ...tokens]]]) {
        servers[name] = await startServer(binary, [...common, ...settings]);
        servers[name].base = servers[name].mcpUrl.origin;
        for (let left = 500; left > 0 && (await fetch(`${servers[name].base}/ready`)).status !== 200; --left)
            await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return servers;
}

async function startChromium() {
    let executablePath;
    try {
        executablePath = execFileSync('sh', ['-c', 'command -v "${TENON_CHROMIUM:-chromium}"']).toString().trim();
    } catch {
        return undefined;
    }
    const { chromium } = load('playwright-core');
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
    const pages = createServer((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html>'));
    await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
    return { browser, address: `http://127.0.0.1:${pages.address().port}/`,
        close: async () => (await browser.close(), pages.close(), pages.closeAllConnections()) };
}

const servers = await startServers();
const chromium = await startChromium();
const tests = new Set(execFileSync('ctest', ['--test-dir', build, '-N']).toString().split('\n')
    .map((line) => /Test +#\d+: (\S+)/.exec(line)?.[1]).filter(Boolean));
const seen = new Map();

async function inPage(name) {
    if (!chromium) return undefined;
    const page = await chromium.browser.newPage();
    try {
        await page.goto(chromium.address);
        await BROWSER_PROBES[name](page, servers);
    } finally {
        await page.close();
    }
    return true;
}

/** How a test of ctest ended: in the run that this is a part of, else in the last one, or now if that is wanted. */
function testOutcome(name) {
    if (!tests.has(name)) return `there is no test ${name}`;
    // tests/run.sh runs the tests of all trees as one, in a folder beside them.
    for (const log of ['Testing/Temporary/LastTest.log.tmp', '../all/Testing/Temporary/LastTest.log.tmp', 'Testing/Temporary/LastTest.log']) {
        const text = existsSync(join(build, log)) ? readFileSync(join(build, log), 'utf8') : '';
        const begin = text.indexOf(` Testing: ${name}\n`);
        const how = begin < 0 ? null : /^Test (Passed|Failed|Timeout)|^(?=\d+\/\d+ Testing: )/m.exec(text.slice(begin + 10));
        if (how?.[1]) return how[1] === 'Passed' || `${name} fails`;
    }
    if (!options.includes('--run')) return undefined;
    try {
        execFileSync('ctest', ['--test-dir', build, '-R', `^${name.replace(/[.+]/g, '\\$&')}$`]);
        return true;
    } catch {
        return `${name} fails`;
    }
}

/** What a check gives: true, a text that says what is missing, or undefined if it could not be made. */
async function outcomeOf(check) {
    const [kind, rest] = [check.slice(0, check.indexOf(':')), check.slice(check.indexOf(':') + 1)];
    try {
        if (kind === 't') return testOutcome(rest);
        if (kind === 'f') {
            const [file, expression] = rest.split('~');
            const there = existsSync(join(root, file)) && new RegExp(expression).test(readFileSync(join(root, file), 'utf8'));
            return there || `${file} has nothing of it`;
        }
        if (kind === 'b') return await inPage(rest);
        if (!PROBES[rest]) throw new Error(`there is no probe ${rest}`);
        await PROBES[rest](servers);
        return true;
    } catch (error) {
        return String(error.message).split('\n')[0];
    }
}

async function once(check) {
    if (!seen.has(check)) seen.set(check, await outcomeOf(check));
    return seen.get(check);
}

async function markOf(row) {
    const outcomes = [];
    for (const check of row.checks) outcomes.push(await once(check));
    const made = outcomes.filter((outcome) => outcome !== undefined);
    const good = made.filter((outcome) => outcome === true).length;
    const note = row.why || made.filter((outcome) => outcome !== true).join('; ');
    const mark = made.length === 0 && outcomes.length > 0 ? undefined : good === 0 ? 0 : good < made.length ? 1 : 2;
    return { ...row, mark, note: note.replaceAll('|', '/').replace(/127\.0\.0\.1:\d+/g, 'HOST').slice(0, 120) };
}

const marked = [];
for (const row of rows) {
    const result = await markOf(row);
    marked.push(result);
    console.log(`${result.document.padEnd(5)}${(MARKS[result.mark] ?? 'not seen').padEnd(9)}${result.item}${result.note ? `: ${result.note}` : ''}`);
}
await chromium?.close();
servers.open.kill();
servers.guarded.kill();

const counts = () => [...MARKS.map((mark, at) => [mark, at]).reverse(), ['not seen', undefined]]
    .map(([mark, at]) => [marked.filter((row) => row.mark === at).length, mark])
    .filter(([count, mark]) => count > 0 || mark !== 'not seen').map((words) => words.join(' ')).join(', ');
console.log(`\n${rows.length} rows: ${counts()}`);

const kept = existsSync(table) ? readFileSync(table, 'utf8') : '';
if (write) {
    // What could not be seen here stays as it was.
    const before = new Map(kept.split('\n').map((line) => /^\| (.*?) \| (works|partly|absent) \| (.*?) ?\|$/.exec(line)).filter(Boolean)
        .map(([, item, mark, note]) => [item, { mark: MARKS.indexOf(mark), note }]));
    for (const row of marked) if (row.mark === undefined) Object.assign(row, before.get(row.item));
    const lines = ['# What the documents ask for', '', 'Tenon grew from five documents and a card that were written for other servers. Each line is',
        'something that they ask for, seen on the real server by `tests/seeds/run.mjs --write`; the test `seeds.rows` fails when',
        'one becomes worse.', '', `${rows.length} rows: ${counts()}.`, ''];
    for (const document of [...new Set(rows.map((row) => row.document))]) {
        lines.push(`## ${document}`, '', '| | | |', '|---|---|---|');
        for (const row of marked.filter((one) => one.document === document))
            lines.push(`| ${row.item} | ${MARKS[row.mark] ?? 'not seen'} | ${row.mark === 2 ? '' : row.note} |`);
        lines.push('');
    }
    writeFileSync(table, `${lines.join('\n').trimEnd()}\n`);
} else {
    const before = new Map(kept.split('\n').map((line) => /^\| (.*?) \| (works|partly|absent) \|/.exec(line)).filter(Boolean)
        .map(([, item, mark]) => [item, MARKS.indexOf(mark)]));
    const worse = marked.filter((row) => row.mark !== undefined && row.mark < (before.get(row.item) ?? 0));
    const better = marked.filter((row) => row.mark > (before.get(row.item) ?? row.mark));
    for (const row of better) console.log(`better than docs/seeds.md says: ${row.document} ${row.item}`);
    for (const row of worse) console.log(`WORSE than docs/seeds.md says: ${row.document} ${row.item}: ${row.note}`);
    process.exit(worse.length ? 1 : 0);
}
process.exit(0); // connections that fetch keeps open would hold it
