// The official TypeScript SDK 1.x over each of its transports.
//
//   sdk1.mjs TENON PLUGINS
import assert from 'node:assert/strict';
import { assertNoErrors, exercise, exerciseProgress, report } from './exercise.mjs';
import { load } from './modules.mjs';
import { makeWorkspace, settingsFor, startServer } from './server.mjs';

const { Client } = load('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = load('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { SSEClientTransport } = load('@modelcontextprotocol/sdk/client/sse.js');
const { StdioClientTransport } = load('@modelcontextprotocol/sdk/client/stdio.js');

const [binary, plugins] = process.argv.slice(2);
const workspace = await makeWorkspace();
const settings = settingsFor(plugins, workspace);
const server = await startServer(binary, settings);

async function over(transport, after = async () => {}) {
    const client = new Client({ name: 'tenon-tests-1', version: '1' }, { capabilities: {} });
    const errors = [];
    await client.connect(transport);
    client.onerror = (error) => errors.push(error);
    try {
        await client.ping();
        await exercise(client);
        await exerciseProgress((params, onprogress) => client.callTool(params, undefined, { onprogress }));
        await after(client);
        assertNoErrors(errors);
    } finally {
        client.onerror = undefined;
        await client.close();
    }
}

await report(server, workspace, [
    [
        'Streamable HTTP',
        async () => {
            const transport = new StreamableHTTPClientTransport(server.mcpUrl);
            await over(transport, async () => {
                assert.ok(transport.sessionId);
                await transport.terminateSession();
            });
        }
    ],
    ['HTTP+SSE', () => over(new SSEClientTransport(server.sseUrl))],
    ['stdio', () => over(new StdioClientTransport({ command: binary, args: ['--stdio', ...settings], stderr: 'ignore', env: process.env }))]
]);
