// How other clients connect to this server, with its real address.

import { useState } from 'preact/hooks';
import { Diagnosis, get } from '../api';
import { Session } from '../session';
import { Badge, Copy, Fault } from '../parts/Parts';
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
    ['tenon', 'In a shell, from where the clients are; the doctor looks for faults:', `tenon list ${url}\ntenon doctor ${url}`]
  ];
  return <article><h2>Connect</h2>
    {session.server.principal.stats ? <Doctor /> : null}
    {ways.map(([name, how, text]) => <section class="card" key={name}><header><h3>{name}</h3><Copy text={text} label="Copy" /></header><p>{how}</p><pre tabIndex={0}>{text}</pre></section>)}
  </article>;
}

function Doctor() {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const [found, setFound] = useState<Diagnosis>();
  const ask = () => {
    setBusy(true);
    get<Diagnosis>('doctor').then((diagnosis) => { setFound(diagnosis); setFault(''); }, (error: Error) => setFault(error.message)).finally(() => setBusy(false));
  };
  return <section class="card"><header><h3>Doctor</h3><button disabled={busy} onClick={ask}>{busy ? 'Looking…' : 'Look for faults'}</button></header>
    <p>The server looks at itself from outside, as a client would.</p><Fault text={fault} />
    {found ? <ul class="log" aria-label="Findings" aria-live="polite">{found.findings.map((finding, i) => <li key={i}><Badge text={finding.kind}
      kind={finding.kind === 'ok' ? 'good' : finding.kind === 'FAIL' ? 'bad' : finding.kind === 'warn' ? 'warn' : undefined} /> {finding.text}</li>)}</ul> : null}</section>;
}
