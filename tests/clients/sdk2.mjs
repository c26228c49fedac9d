// The official TypeScript SDK 2.x over each of its transports, in both eras of the protocol.
//
//   sdk2.mjs TENON PLUGINS
import assert from 'node:assert/strict';
import { assertNoErrors, exercise, exerciseProgress, report } from './exercise.mjs';
import { load } from './modules.mjs';
import { makeWorkspace, settingsFor, startServer } from './server.mjs';

const { Client, StreamableHTTPClientTransport, SSEClientTransport } = load('@modelcontextprotocol/client');
const { StdioClientTransport } = load('@modelcontextprotocol/client/stdio');

const [binary, plugins] = process.argv.slice(2);
const workspace = await makeWorkspace();
const settings = settingsFor(plugins, workspace);
const server = await startServer(binary, settings);

/** `mode`: as `versionNegotiation` takes it; `revision`: what must come of it. */
async function over(transport, mode, revision) {
    const client = new Client({ name: 'tenon-tests-2', version: '1' }, { capabilities: {}, versionNegotiation: { mode } });
    const errors = [];
    await client.connect(transport);
    client.onerror = (error) => errors.push(error);
    try {
        assert.equal(client.getNegotiatedProtocolVersion(), revision);
        await exercise(client);
        await exerciseProgress((params, onprogress) => client.callTool(params, { onprogress }));
        assertNoErrors(errors);
    } finally {
        client.onerror = undefined;
        await client.close();
    }
}

const http = () => new StreamableHTTPClientTransport(server.mcpUrl);
const stdio = () => new StdioClientTransport({ command: binary, args: ['--stdio', ...settings], env: process.env, stderr: 'ignore' });

await report(server, workspace, [
    ['Streamable HTTP, legacy', () => over(http(), 'legacy', '2025-11-25')],
    ['Streamable HTTP, found out', () => over(http(), 'auto', '2026-07-28')],
    ['Streamable HTTP, pinned', () => over(http(), { pin: '2026-07-28' }, '2026-07-28')],
    ['HTTP+SSE', () => over(new SSEClientTransport(server.sseUrl), 'legacy', '2025-11-25')],
    ['stdio, legacy', () => over(stdio(), 'legacy', '2025-11-25')],
    ['stdio, found out', () => over(stdio(), 'auto', '2026-07-28')]
]);
