// Gives the same inputs to the official filesystem server and to the plugin, and compares the table that comes of it with
// plugins/filesystem/comparison.md.
//
//   compare.mjs TENON PLUGINS TABLE [--write]
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { load } from '../modules.mjs';
import { FILES, ROWS } from './rows.mjs';

const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
const { StdioClientTransport } = load('@modelcontextprotocol/sdk/client/stdio.js');

const [binary, plugins, table, write] = process.argv.slice(2);
const THEIRS = join(process.env.TENON_NODE_MODULES, '@modelcontextprotocol/server-filesystem/dist/index.js');
const SHOWN = 220;

async function makeFolder() {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tenon-compare-')));
    for (const [name, content] of Object.entries(FILES)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        if (content.target) await symlink(content.target.replace('/files', folder), join(folder, name));
        else await writeFile(join(folder, name), content, { mode: 0o644 });
    }
    return folder;
}

/** Replaces `/files` in every text of a value by the folder, or the other way round. */
function replaced(value, from, to) {
    return JSON.parse(JSON.stringify(value).replaceAll(from, to));
}

/** What a person sees of a result, on one line: without what changes from run to run. */
function shown(result, folder) {
    const parts = result.content.map((block) =>
        block.type === 'text' ? block.text :
        block.type === 'resource' ? `[resource ${block.resource.mimeType}: ${block.resource.text ?? block.resource.blob}]` :
        `[${block.type} ${block.mimeType}]`);
    // Times, and where a program lies, are other ones in every run.
    const text = parts.join(' ⏎ ').replaceAll(folder, '/files')
        .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
        .replace(/(created|modified|accessed): [A-Z][^\n]*/g, '$1: TIME')
        .replaceAll('\r', '␍').replaceAll('\n', '⏎').replaceAll('\0', '␀').replaceAll('|', '¦').replaceAll('`', "'");
    const characters = [...text];
    const cut = characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('')}… (${characters.length} characters)` : text;
    return (result.isError ? '**refused:** ' : '') + cut.replaceAll('  ', ' ').trim();
}

async function ask(command, args, tool, given, folder) {
    if (!tool) return '–';
    const client = new Client({ name: 'tenon-comparison', version: '1' });
    await client.connect(new StdioClientTransport({ command, args, stderr: 'ignore' }));
    try {
        return shown(await client.callTool({ name: tool, arguments: replaced(given, '/files', folder) }), folder);
    } catch (error) {
        return `**refused:** ${error.message}`;
    } finally {
        await client.close();
    }
}

async function answers(row) {
    const [, theirTool, theirArguments, ourTool, ourArguments] = row;
    const mine = ['--stdio', `--plugins.directory=${plugins}`, '--plugin.filesystem.writable=true',
        '--plugin.filesystem.deletable=true'];
    // Each has a folder of its own: what one changes the other does not see.
    const ask1 = async (command, args, tool, given, extra) => {
        const folder = await makeFolder();
        try {
            return await ask(command, [...args, ...extra(folder)], tool, given, folder);
        } finally {
            await rm(folder, { recursive: true, force: true });
        }
    };
    return [
        await ask1(process.execPath, [THEIRS], theirTool, theirArguments, (folder) => [folder]),
        await ask1(binary, mine, ourTool, ourArguments, (folder) => [`--plugin.filesystem.roots=${folder}`])
    ];
}

function inputOf(tool, given) {
    return tool ? `\`${tool}\` \`${JSON.stringify(given).replaceAll('|', '¦')}\`` : '–';
}

async function makeTable() {
    const version = JSON.parse(await readFile(join(dirname(THEIRS), '../package.json'))).version;
    const lines = [
        '# Beside the official filesystem server', '',
        `The same inputs given to \`@modelcontextprotocol/server-filesystem\` ${version} (theirs) and to this plugin (ours), writable`,
        'and deletable. Made by `tests/clients/filesystem/compare.mjs --write`; the test `clients.filesystem` makes it again and',
        'compares. Results that are long are cut; ⏎ stands for the end of a line.', ''
    ];
    for (const row of ROWS) {
        const [what, theirTool, theirArguments, ourTool, ourArguments, why] = row;
        const [theirs, ours] = await answers(row);
        lines.push(`## ${what[0].toUpperCase()}${what.slice(1)}`, '', '| | input | result |', '|---|---|---|',
            `| theirs | ${inputOf(theirTool, theirArguments)} | ${theirs} |`,
            `| ours | ${inputOf(ourTool, ourArguments)} | ${ours} |`, '', `Difference: ${why}.`, '');
    }
    return `${lines.join('\n').trimEnd()}\n`;
}

const made = await makeTable();
if (write === '--write') {
    await writeFile(table, made);
} else {
    const kept = (await readFile(table, 'utf8')).split('\n');
    const differing = made.split('\n').flatMap((line, at) => (line === kept[at] ? [] : [`- ${kept[at]}\n+ ${line}`]));
    if (differing.length) {
        console.log(`${table} is not what the servers say now:\n${differing.join('\n')}`);
        process.exit(1);
    }
    console.log(`${ROWS.length} rows as they are in ${table}`);
}
