// The drawer with what went over the wire.

import { useEffect, useState } from 'preact/hooks';
import { Exchange, watchWire, wire } from '../mcp/wire';

export function Wire({ close }: { close(): void }) {
  const [, draw] = useState(0);
  const [open, setOpen] = useState<number>();
  useEffect(() => watchWire(() => draw((count) => count + 1)), []);
  return <aside class="wire" aria-label="Wire">
    <header><h3>Wire</h3><button class="quiet" onClick={close}>Close</button></header>
    {wire().length === 0 ? <p class="dim">Nothing yet.</p> : null}
    <ul class="entries">{wire().map((exchange) => <li key={exchange.id}>
      <button class="link" aria-expanded={open === exchange.id} onClick={() => setOpen(open === exchange.id ? undefined : exchange.id)}>
        {methodOf(exchange)} <span class="dim">{exchange.status ?? '…'} {exchange.durationMs !== undefined ? `${exchange.durationMs} ms` : ''}</span></button>
      {open === exchange.id ? <Detail exchange={exchange} /> : null}</li>)}</ul>
  </aside>;
}

function methodOf(exchange: Exchange): string {
  return (JSON.parse(exchange.body ?? '{}') as { method?: string }).method ?? 'response';
}

const SHOWN = 50_000; // characters of a message: laying out a whole list of tools would hold up the page

const pretty = (text: string) => {
  let shown = text;
  try {
    shown = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // As it came.
  }
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN)}\n… and ${shown.length - SHOWN} characters more` : shown;
};

function Detail({ exchange }: { exchange: Exchange }) {
  return <div class="exchange">
    <pre tabIndex={0}>{`POST ${exchange.url}\n${Object.entries(exchange.headers).map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${pretty(exchange.body ?? '')}`}</pre>
    {exchange.answerHeaders ? <pre tabIndex={0}>{`${exchange.status}\n${exchange.answerHeaders.map(([name, value]) => `${name}: ${value}`).join('\n')}`}</pre> : null}
    {exchange.received.map((received, i) => <pre key={i} tabIndex={0}>{`${received.event ? `event: ${received.event}  ` : ''}+${received.at - exchange.started} ms\n${pretty(received.data)}`}</pre>)}
    {exchange.fault ? <p class="fault">{exchange.fault}</p> : null}
  </div>;
}
