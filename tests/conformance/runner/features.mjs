// The table of revisions by feature in docs/revisions.md, found out by asking a server: node features.mjs [--url BASE] [PAGE]
//
// Prints the table; with PAGE, fails if the one between its two markers is another.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from './client.mjs';
import { startServer } from './server.mjs';

const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'];
const EVERYTHING = { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {},
  extensions: { 'io.modelcontextprotocol/tasks': {} } };
const BEGIN = '<!-- revisions: made by tests/conformance/runner/features.mjs -->';
const END = '<!-- /revisions -->';

/// A conversation of one client: what each probe gets.
class Talk {
  constructor(base, revision, transport) {
    this.revision = revision;
    this.number = 0;
    this.client = new Client({ base, revision, transport, capabilities: EVERYTHING, observe: () => {} });
  }

  open() {
    return this.client.open({ handshake: true });
  }

  /// All messages up to the answer, or up to the first question of the server, which is refused.
  async messages(method, params, headers = {}) {
    const exchange = this.client.send({ jsonrpc: '2.0', id: `probe-${++this.number}`, method, params }, headers);
    const seen = [];
    for (;;) {
      const message = await this.client.next(exchange);
      if (message === undefined) return seen;
      seen.push(message);
      if (!('method' in message)) return seen;
      if ('id' in message) this.client.send({ jsonrpc: '2.0', id: message.id, error: { code: -1, message: 'no' } }, {});
    }
  }

  async answer(method, params, headers) {
    return (await this.messages(method, params, headers)).at(-1) ?? {};
  }

  async result(method, params, headers) {
    return (await this.answer(method, params, headers)).result;
  }

  async tool(name) {
    const { tools } = await this.result('tools/list', {});
    return tools.find((tool) => tool.name === name);
  }

  async call(name, args = {}) {
    return await this.result('tools/call', { name, arguments: args }) ?? {};
  }

  /// Whether a tool's question reaches the client, on the stream or in the result.
  async asks(tool, method, args = {}) {
    const seen = await this.messages('tools/call', { name: tool, arguments: args });
    const inResult = Object.values(seen.at(-1)?.result?.inputRequests ?? {});
    return [...seen, ...inResult].some((message) => message.method === method);
  }
}

const has = (value) => value !== undefined;
const over = (transport) => async ({ base, revision }) => {
  if (revision === '2026-07-28' && transport === 'sse') return false; // nothing is left of that transport
  const talk = new Talk(base, revision, transport);
  try {
    await talk.open();
    return has(await talk.result('tools/list', {}));
  } catch {
    return false;
  } finally {
    await talk.client.close();
  }
};

/// Shape: title, and what finds out: true, false, or a word for the cell.
const FEATURES = [
  ['HTTP+SSE', over('sse')],
  ['Streamable HTTP', over('http')],
  ['who keeps the state', async ({ talk }) => talk.client.session === undefined ? 'each request' : 'session'],
  ['batches', async ({ talk }) => {
    const exchange = talk.client.send([{ jsonrpc: '2.0', id: 'in-batch', method: 'ping' }], {});
    const message = await talk.client.next(exchange);
    return message?.result !== undefined || Array.isArray(message);
  }],
  ['tool annotations', async ({ talk }) => has((await talk.tool('test_structured_content')).annotations)],
  ['titles, `_meta`', async ({ talk }) => has((await talk.tool('test_structured_content')).title)],
  ['`outputSchema`, `structuredContent`', async ({ talk }) =>
    has((await talk.tool('test_structured_content')).outputSchema) && has((await talk.call('test_structured_content', { city: 'Graz' })).structuredContent)],
  ['icons', async ({ talk }) => has((await talk.tool('test_structured_content')).icons)],
  ['audio', async ({ talk }) => (await talk.call('test_audio_content')).content[0].type === 'audio' || 'as text'],
  ['resource links', async ({ talk }) => (await talk.call('test_resource_link')).content[0].type === 'resource_link' || 'as text'],
  ['resources, templates, prompts', async ({ talk }) => has(await talk.result('resources/read', { uri: 'test://static-text' })) &&
    has(await talk.result('resources/templates/list', {})) && has(await talk.result('prompts/list', {}))],
  ['completion', async ({ talk }) => has(await talk.result('completion/complete',
    { ref: { type: 'ref/prompt', name: 'test_prompt_with_arguments' }, argument: { name: 'arg1', value: '' } }))],
  ['progress', async ({ talk }) => (await talk.messages('tools/call',
    { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 'p' } }))
    .some((message) => message.method === 'notifications/progress')],
  ['elicitation by form', ({ talk }) => talk.asks('test_elicitation', 'elicitation/create', { message: 'Who?' })],
  ['elicitation by URL', ({ talk }) => talk.asks('test_elicitation_url', 'elicitation/create')],
  ['sampling', ({ talk }) => talk.asks('test_sampling', 'sampling/createMessage', { prompt: 'Hello' })],
  ['sampling with tools', ({ talk }) => talk.asks('test_sampling_tools', 'sampling/createMessage')],
  ['roots', ({ talk }) => talk.asks('test_input_required_result_list_roots', 'roots/list')],
  ['news of resources', async ({ talk }) =>
    has((await talk.answer('resources/subscribe', { uri: 'test://watched-resource' })).result) ? 'subscribe' : 'listen'],
  ['tasks', async ({ talk, modern }) => {
    const params = { name: 'slow_compute', arguments: { seconds: 0, label: 'probe' } };
    const result = await talk.result('tools/call', modern ? params : { ...params, task: {} });
    return result?.resultType === 'task' ? 'extension' : has(result?.task) && 'experimental';
  }],
  ['resumption with `Last-Event-ID`', async ({ talk }) => {
    const exchange = talk.client.send({ jsonrpc: '2.0', id: 'resumable', method: 'tools/call',
      params: { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 'r' } } }, {});
    while (has(await exchange.next()));
    return has(exchange.lastEventId);
  }],
  ['mirrored headers', async ({ talk }) =>
    (await talk.answer('tools/list', {}, { 'Mcp-Method': 'tools/call' })).error?.code === -32020],
  ['caching hints', async ({ talk }) => has((await talk.result('tools/list', {})).ttlMs)],
  ['skills', async ({ talk }) => has(await talk.result('skills/list', {}))]
];

async function table(base) {
  const rows = [];
  for (const [title, probe] of FEATURES) {
    const cells = [];
    for (const revision of REVISIONS) {
      const talk = new Talk(base, revision, 'http');
      await talk.open();
      const found = await probe({ talk, base, revision, modern: revision === '2026-07-28' });
      await talk.client.close();
      cells.push(found === true ? 'yes' : found || '');
    }
    rows.push([title, ...cells]);
  }
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(['', ...REVISIONS]), line(['---', ...REVISIONS.map(() => '---')]), ...rows.map(line)].join('\n');
}

const list = process.argv.slice(2);
const url = list[0] === '--url' ? list.splice(0, 2)[1] : undefined;
const folder = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const server = url ? { base: url, stop: async () => [] } : await startServer(folder);
const made = await table(server.base);
const faults = await server.stop();
console.log(made);
if (list.length > 0) {
  const text = readFileSync(list[0], 'utf8');
  const written = text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END)).trim();
  if (!text.includes(BEGIN) || !text.includes(END)) faults.push(`${list[0]} has no "${BEGIN}" … "${END}"`);
  else if (written !== made) faults.push(`the table in ${list[0]} is another:`, written);
}
for (const fault of faults) console.log(fault);
process.exit(faults.length > 0 ? 1 : 0);
