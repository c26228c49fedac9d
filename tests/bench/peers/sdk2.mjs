// The echo tool on the official TypeScript server 2.x, stateless, with JSON answers.
//
//   sdk2.mjs PORT
import { createServer } from 'node:http';
import { load } from '../../clients/modules.mjs';

const { createMcpHandler, McpServer } = load('@modelcontextprotocol/server');
const { toNodeHandler } = load('@modelcontextprotocol/node');
const { z } = load('zod');

function makeServer() {
    const server = new McpServer({ name: 'peer', version: '1' });
    server.registerTool(
        'echo',
        { description: 'Answers the text it is given', inputSchema: z.object({ text: z.string() }) },
        async ({ text }) => ({ content: [{ type: 'text', text }] })
    );
    return server;
}

console.warn = () => {};
createServer(toNodeHandler(createMcpHandler(makeServer, { responseMode: 'json' }))).listen(Number(process.argv[2]), '127.0.0.1');
