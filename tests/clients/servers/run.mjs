// Servers of npm behind Tenon, each in the smallest sandbox that it works in; what docs/upstreams.md has in its table.
//
//   run.mjs TENON
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '../exercise.mjs';
import { load } from '../modules.mjs';
import { makeWorkspace, startServer } from '../server.mjs';

const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = load('@modelcontextprotocol/sdk/client/streamableHttp.js');

const [binary] = process.argv.slice(2);
const modules = process.env.TENON_NODE_MODULES;
const workspace = await makeWorkspace();
const data = join(workspace.root, 'data');
mkdirSync(join(data, 'bank'), { recursive: true });

/** Package, what else its command needs, what its sandbox allows beside its own code, and what is called. */
const SERVERS = {
    everything: {
        program: '@modelcontextprotocol/server-everything/dist/index.js',
        calls: [['get-sum', { a: 2, b: 3 }, /5/], ['get-env', {}, /PATH/]]
    },
    filesystem: {
        program: `@modelcontextprotocol/server-filesystem/dist/index.js ${workspace.files}`,
        settings: [`sandbox.write=${workspace.files}`],
        calls: [['read_text_file', { path: join(workspace.files, 'greeting.txt') }, /Grüße/],
            ['write_file', { path: join(workspace.files, 'new.txt'), content: 'x' }, /Successfully/]]
    },
    memory: {
        program: '@modelcontextprotocol/server-memory/dist/index.js',
        settings: [`sandbox.write=${data}`, `env.MEMORY_FILE_PATH=${data}/memory.jsonl`],
        calls: [['create_entities', { entities: [{ name: 'Ada', entityType: 'person', observations: ['counts'] }] }, /Ada/],
            ['read_graph', {}, /counts/]]
    },
    thinking: {
        program: '@modelcontextprotocol/server-sequential-thinking/dist/index.js',
        calls: [['sequentialthinking', { thought: 'one', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 }, /thoughtNumber/]]
    },
    bank: {
        program: '@allpepper/memory-bank-mcp/dist/main/index.js',
        settings: [`sandbox.write=${data}`, `env.MEMORY_BANK_ROOT=${data}/bank`],
        calls: [['memory_bank_write', { projectName: 'p', fileName: 'a.md', content: 'hello' }, /written/],
            ['memory_bank_read', { projectName: 'p', fileName: 'a.md' }, /hello/]]
    },
    // It asks a service: without one it says so, in words of its own.
    context7: {
        program: '@upstash/context7-mcp/dist/index.js',
        settings: ['sandbox.network=true'],
        calls: [['resolve-library-id', { query: 'hooks', libraryName: 'react' }, /./]]
    }
};

const settings = Object.entries(SERVERS).flatMap(([name, { program, settings: own = [] }]) => [
    `--upstream.${name}.command=${process.execPath} ${modules}/${program}`, `--upstream.${name}.prefix=${name}_`,
    ...[`sandbox.read=${modules},${process.execPath}`, 'limits.residentMb=400', ...own].map((one) => `--upstream.${name}.${one}`)
]);
const server = await startServer(binary, ['--plugins.directory=', '--plugins.loadTimeoutMs=60s', ...settings]);
let failed = 0;
try {
    const client = new Client({ name: 'tenon-servers', version: '1' }, {});
    await client.connect(new StreamableHTTPClientTransport(server.mcpUrl));
    for (const [name, { calls }] of Object.entries(SERVERS)) {
        try {
            let tools = [];
            for (let tries = 0; tries < 300 && tools.length === 0; ++tries) {
                tools = (await client.listTools()).tools.filter((tool) => tool.name.startsWith(`${name}_`));
                if (tools.length === 0) await new Promise((done) => setTimeout(done, 100));
            }
            assert.ok(tools.length > 0, 'it has no tools');
            for (const [tool, parameters, wanted] of calls) {
                const result = await client.callTool({ name: `${name}_${tool}`, arguments: parameters });
                assert.match(text(result), wanted);
            }
            const { plugins } = await (await fetch(new URL('/stats', server.mcpUrl))).json();
            const its = plugins.find((plugin) => plugin.name === name);
            console.log(`ok      ${name}: ${tools.length} tools, ${Math.round(its.memoryBytes / 1e6)} MB`);
        } catch (error) {
            ++failed;
            console.log(`FAILED  ${name}: ${error.message}`);
        }
    }
    assert.equal(readFileSync(join(workspace.files, 'new.txt'), 'utf8'), 'x');
    await client.close();
} finally {
    await server.stop().catch(() => server.kill());
    if (failed) console.log(server.output());
    await workspace.remove();
}
process.exit(failed ? 1 : 0);
