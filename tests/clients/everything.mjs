// node everything.mjs TENON: the commands of `tenon` as a client against official servers: "everything" over stdio,
// Streamable HTTP and HTTP+SSE, every tool of it, without a terminal and at one, and "filesystem" over stdio.

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

const quoted = (word) => `'${word.replace(/'/g, `'\\''`)}'`;

/** Types a command at a terminal, which script(1) makes, and then each text once what it waits for is shown. Gives what was shown. */
async function typed(words, ...steps) {
  const child = spawn('script', ['-qefc', [tenon, ...words].map(quoted).join(' '), '/dev/null'], {
    env: { ...environment, TERM: 'xterm', XDG_STATE_HOME: join(home, 'state') }, cwd: home, stdio: ['pipe', 'pipe', 'inherit'] });
  let shown = '';
  let seen = 0;
  const ended = new Promise((resolve) => child.on('close', resolve));
  child.stdout.on('data', (data) => {
    shown += data;
    for (; steps.length > 0 && shown.includes(steps[0][0], seen); steps.shift()) {
      seen = shown.indexOf(steps[0][0], seen) + steps[0][0].length;
      child.stdin.write(steps[0][1]);
    }
  });
  const patience = setTimeout(() => child.kill(), 60_000);
  const status = await ended;
  clearTimeout(patience);
  assert.equal(status, 0, `${words.join(' ')}\n${shown}`);
  assert.deepEqual(steps, [], `${words.join(' ')}\n${shown}`);
  return shown;
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

/** What a person sees and is asked at a terminal. */
async function sitBefore(before, behind) {
  assert.match(await typed(['list', ...before, 'tools', ...behind]), /get-sum/);
  assert.match(await typed(['call', ...before, 'trigger-long-running-operation', 'duration=1', 'steps=4', ...behind]), /\[=.*% /);
  const form = await typed(['call', ...before, 'trigger-elicitation-request', ...behind], ['*: ', 'Ada\n'], ['{yes|no}: ', 'yes\n'],
    ...['dark and stormy night.]: ', '): ', '): ', '): ', '[42]: ', '[3.14]: ', '[Monica]: '].map((prompt) => [prompt, '\n']),
    ...['[["Guitar"]]: ', '[hero-1]: ', '[["fish-1"]]: ', '[pet-1]: ', 'Send? [Y/n] '].map((prompt) => [prompt, '\n']));
  assert.match(form, /"name": "Ada"/);
  assert.match(form, /"check": true/);
  assert.match(await typed(['prompt', ...before, 'args-prompt', 'city=Bern', ...behind]), /Bern/);
  const shell = await typed(['shell', ...before, ...behind], ['tenon> ', 'get-su\t'], ['m ', 'a=2 b=3.5\n'], ['5.5', 'exit\n']);
  assert.match(shell, /The sum of 2 and 3\.5 is 5\.5/);
}

/** What a shell is offered behind the words that were typed: nothing, if the server takes longer to start than who types waits. */
async function completed(...words) {
  for (let tries = 0; tries < 20; tries++) {
    const offered = await fine('complete', `--word=${words.length - 1}`, '--', ...words, ...stdio);
    if (offered) return offered.trim().split('\n');
  }
  return [];
}

const stdio = ['--', process.execPath, everything];
await sitBefore([], stdio);
await withServer('streamableHttp', '/mcp', sitBefore);
const tools = await useEverything([], stdio);
await withServer('streamableHttp', '/mcp', useEverything);
await withServer('sse', '/sse', useEverything);
await fine('call', 'get-tiny-image', '--out', join(home, 'media'), ...stdio);
assert.equal(readFileSync(join(home, 'media/image-1.png')).subarray(1, 4).toString(), 'PNG');

assert.deepEqual(await completed('call', 'get-annotated-message', 'messageType='), ['error', 'success', 'debug'].map((type) => `messageType=${type}`));
assert.deepEqual(await completed('call', 'get-annotated-message', 'inc'), ['includeImage=']);
assert.deepEqual(await completed('prompt', 'completable-prompt', 'department=E'), ['department=Engineering']);
assert.match(await typed(['list', 'tools', ...stdio]), /\x1b\[1m/);
environment.NO_COLOR = '1';
assert.doesNotMatch(await typed(['list', 'tools', ...stdio]), /\x1b\[1m/);
delete environment.NO_COLOR;

writeFileSync(join(home, 'note.txt'), 'written here');
writeFileSync(join(home, '.mcp.json'), JSON.stringify({ mcpServers: {
  files: { command: process.execPath, args: [filesystem, '${HOME}'] } } }));
assert.match(await fine('call', 'files', 'read_text_file', `path=${join(home, 'note.txt')}`), /written here/);
assert.equal((await run('call', 'files', 'read_text_file', 'path=/etc/passwd')).status, 1);

console.log(`everything: ${tools} tools over stdio, Streamable HTTP and HTTP+SSE, and at a terminal; filesystem by its name`);
