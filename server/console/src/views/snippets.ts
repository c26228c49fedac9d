// The same call, for other clients.

import { Session } from '../session';
import { mirrored } from '../mcp/client';
import { JsonObject, MODERN, Tool } from '../mcp/types';

export function address(session: Session): string {
  const base = session.server.publicUrl ?? new URL('../', new URL('./', location.href)).href.replace(/\/$/, '');
  return base + session.server.mcpPath;
}

const quote = (text: string) => `'${text.replace(/'/g, `'\\''`)}'`;

export function asCurl(session: Session, tool: Tool, args: JsonObject): string {
  const meta = { 'io.modelcontextprotocol/protocolVersion': MODERN, 'io.modelcontextprotocol/clientCapabilities': {} };
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool.name, arguments: args, _meta: meta } };
  const headers = { 'Content-Type': 'application/json', 'MCP-Protocol-Version': MODERN, 'Mcp-Method': 'tools/call', 'Mcp-Name': tool.name, ...mirrored(tool, args) };
  const login = session.server.principal.anonymous ? [] : [`-H ${quote('Authorization: Bearer ')}"$TOKEN"`];
  return ['curl -s', quote(address(session)), ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`), ...login,
    `-d ${quote(JSON.stringify(body))}`].join(' \\\n  ');
}

export function asTypeScript(session: Session, tool: Tool, args: JsonObject): string {
  return `import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const client = new Client({ name: 'example', version: '1.0.0' });
await client.connect(new StreamableHTTPClientTransport(new URL(${JSON.stringify(address(session))})${
    session.server.principal.anonymous ? '' : ', {\n  requestInit: { headers: { Authorization: `Bearer ${process.env.TOKEN}` } }\n}'}));
const result = await client.callTool({ name: ${JSON.stringify(tool.name)}, arguments: ${JSON.stringify(args, null, 2)} });
console.log(result);
await client.close();
`;
}

export function asTenonCall(session: Session, tool: Tool, args: JsonObject): string {
  const login = session.server.principal.anonymous ? '' : '--token "$TOKEN" ';
  return `tenon call ${quote(address(session))} ${tool.name} ${login}--json ${quote(JSON.stringify(args))}`;
}
