// The echo tool on the official TypeScript server 1.x, stateless, with JSON answers.
//
//   sdk1.mjs PORT
import { createServer } from 'node:http';
import { load } from '../../clients/modules.mjs';

const { McpServer } = load('@modelcontextprotocol/sdk/server/mcp.js');
const { StreamableHTTPServerTransport } = load('@modelcontextprotocol/sdk/server/streamableHttp.js');
const { z } = load('zod');

function makeServer() {
    const server = new McpServer({ name: 'peer', version: '1' });
    server.registerTool(
        'echo',
        { description: 'Answers the text it is given', inputSchema: { text: z.string() } },
        async ({ text }) => ({ content: [{ type: 'text', text }] })
    );
    return server;
}

createServer(async (request, response) => {
    const server = makeServer();
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
    response.on('close', () => {
        transport.close();
        server.close();
    });
    await server.connect(transport);
    await transport.handleRequest(request, response);
}).listen(Number(process.argv[2]), '127.0.0.1');
