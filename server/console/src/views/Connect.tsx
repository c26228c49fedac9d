// How other clients connect to this server, with its real address.

import { Session } from '../session';
import { Copy } from '../parts/Parts';
import { address } from './snippets';

export function Connect({ session }: { session: Session }) {
  const url = address(session);
  const login = !session.server.principal.anonymous || session.server.authentication.some((kind) => kind !== 'none');
  const headers = login ? { headers: { Authorization: 'Bearer YOUR_TOKEN' } } : {};
  const ways: [string, string, string][] = [
    ['Claude Code', 'In a shell:', `claude mcp add --transport http tenon ${url}${login ? ' --header "Authorization: Bearer YOUR_TOKEN"' : ''}`],
    ['Claude Desktop', 'Settings, Developer, Edit Config; on this machine, over stdio:',
      JSON.stringify({ mcpServers: { tenon: { command: 'tenon', args: ['--stdio', '--config=/etc/tenon/tenon.properties'] } } }, null, 2)],
    ['VS Code', 'In a shell:', `code --add-mcp '${JSON.stringify({ name: 'tenon', type: 'http', url, ...headers })}'`],
    ['Cursor', 'In ~/.cursor/mcp.json:', JSON.stringify({ mcpServers: { tenon: { url, ...headers } } }, null, 2)],
    ['curl', 'In a shell:', `curl -s ${url} -H 'Content-Type: application/json'${login ? ' -H "Authorization: Bearer $TOKEN"' : ''} \\
  -H 'MCP-Protocol-Version: 2026-07-28' -H 'Mcp-Method: tools/list' \\
  -d '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'`],
    ['Looking for faults', 'In a shell, from where the clients are:', `tenon doctor ${url}`]
  ];
  return <article><h2>Connect</h2>
    {ways.map(([name, how, text]) => <section class="card" key={name}><header><h3>{name}</h3><Copy text={text} label="Copy" /></header><p>{how}</p><pre tabIndex={0}>{text}</pre></section>)}
  </article>;
}
