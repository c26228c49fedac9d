// node everything.mjs TENON: the commands of `tenon` as a client against official servers: "everything" over stdio,
// Streamable HTTP and HTTP+SSE, every tool of it, and "filesystem" over stdio.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.mjs';

const [tenon] = process.argv.slice(2);
const modules = process.env.TENON_NODE_MODULES;
const home = mkdtempSync(join(tmpdir(), 'tenon-everything-'));
const everything = join(modules, '@modelcontextprotocol/server-everything/dist/index.js');
const filesystem = join(modules, '@modelcontextprotocol/server-filesystem/dist/index.js');
const environment = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'config') };

function run(...words) {
  return new Promise((resolve) => {
    const child = spawn(tenon, words, { env: environment, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    const outcome = { out: '', err: '' };
    child.stdout.on('data', (data) => (outcome.out += data));
    child.stderr.on('data', (data) => (outcome.err += data));
    child.on('close', (status) => resolve({ ...outcome, status }));
  });
}

async function fine(...words) {
  const outcome = await run(...words);
  assert.equal(outcome.status, 0, `${words.join(' ')}\n${outcome.err}${outcome.out}`);
  return outcome.out;
}

async function listens(port, child) {
  for (let tries = 0; tries < 600; tries++) {
    assert.equal(child.exitCode, null, `the server on port ${port} ended`);
    const answer = await fetch(`http://127.0.0.1:${port}/nothing`).catch(() => null);
    if (answer) return;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.fail('the server does not listen');
}

async function withServer(mode, path, use) {
  const port = await freePort();
  const child = spawn(process.execPath, [everything, mode], {
    env: { ...environment, PORT: String(port) }, cwd: home, stdio: 'ignore' });
  try {
    await listens(port, child);
    await use([`http://127.0.0.1:${port}${path}`], []);
  } finally {
    child.kill();
  }
}

// Arguments for each tool that needs some; a tool without a line here is called with none.
const ARGUMENTS = {
  echo: ['message=hello there'],
  'get-annotated-message': ['messageType=success', 'includeImage=yes'],
  'get-structured-content': ['location=Chicago'],
  'get-sum': ['a=2', 'b=3.5'],
  'get-resource-reference': ['resourceType=Text', 'resourceId=1'],
  'gzip-file-as-resource': ['name=x.txt.gz', 'data=data:text/plain,hello', 'outputType=resource'],
  'trigger-long-running-operation': ['duration=0.2', 'steps=2'],
  'simulate-research-query': ['topic=rain'],
};

async function useEverything(before, behind) {
  const listed = JSON.parse(await fine('list', ...before, '--output=json', ...behind));
  assert.match(listed.server.name, /everything/);
  assert.ok(listed.tools.length >= 10 && listed.resources.length > 0 && listed.prompts.length > 0);
  for (const { name } of listed.tools) {
    const outcome = await run('call', ...before, name, ...(ARGUMENTS[name] ?? []), ...behind);
    assert.equal(outcome.status, 0, `${name}: ${outcome.err}${outcome.out}`);
    assert.notEqual(outcome.out, '', name);
  }
  assert.match(await fine('call', ...before, 'get-sum', 'a=2', 'b=3.5', ...behind), /5\.5/);
  const wrong = await run('call', ...before, 'get-sum', 'a=two', 'b=3', ...behind);
  assert.equal(wrong.status, 2);
  assert.match(wrong.err, /a takes a number, not "two"/);
  await fine('read', ...before, listed.resources[0].uri, ...behind);
  assert.match(await fine('prompt', ...before, 'args-prompt', 'city=Bern', ...behind), /Bern/);
  return listed.tools.length;
}

const stdio = ['--', process.execPath, everything];
const tools = await useEverything([], stdio);
await withServer('streamableHttp', '/mcp', useEverything);
await withServer('sse', '/sse', useEverything);
await fine('call', 'get-tiny-image', '--out', join(home, 'media'), ...stdio);
assert.equal(readFileSync(join(home, 'media/image-1.png')).subarray(1, 4).toString(), 'PNG');

writeFileSync(join(home, 'note.txt'), 'written here');
writeFileSync(join(home, '.mcp.json'), JSON.stringify({ mcpServers: {
  files: { command: process.execPath, args: [filesystem, '${HOME}'] } } }));
assert.match(await fine('call', 'files', 'read_text_file', `path=${join(home, 'note.txt')}`), /written here/);
assert.equal((await run('call', 'files', 'read_text_file', 'path=/etc/passwd')).status, 1);

console.log(`everything: ${tools} tools over stdio, Streamable HTTP and HTTP+SSE; filesystem by its name`);
