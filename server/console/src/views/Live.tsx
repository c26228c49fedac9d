// Requests and log lines as they come.

import { useEffect, useRef, useState } from 'preact/hooks';
import { LogLine, RequestLine, watchFeed } from '../feed';
import { Badge, Fault, Filter } from '../parts/Parts';

const KEPT = 1000;
const SHOWN = 200;
const LEVELS = ['fatal', 'critical', 'error', 'warning', 'notice', 'information', 'debug', 'trace'];
const KINDS: Record<string, 'good' | 'bad' | 'warn'> = { ok: 'good', tool_error: 'warn', nothing: 'warn', error: 'bad', refused: 'bad' };

interface Kept { requests: RequestLine[]; logs: LogLine[]; skipped: number }

/** The newest lines, drawn at most five times a second. */
function useFeed(paused: boolean): Kept & { connected: boolean } {
  const kept = useRef<Kept>({ requests: [], logs: [], skipped: 0 });
  const hold = useRef(paused);
  const [connected, setConnected] = useState(false);
  const [, draw] = useState(0);
  hold.current = paused;
  useEffect(() => {
    let due: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      due ??= setTimeout(() => {
        due = undefined;
        draw((count) => count + 1);
      }, 200);
    };
    const stop = watchFeed({
      state: setConnected,
      requests: (lines, skipped) => {
        if (hold.current) return;
        kept.current.requests = [...lines.reverse(), ...kept.current.requests].slice(0, KEPT);
        kept.current.skipped += skipped;
        changed();
      },
      log: (lines) => {
        if (hold.current) return;
        kept.current.logs = [...lines.reverse(), ...kept.current.logs].slice(0, KEPT);
        changed();
      }
    });
    return () => {
      clearTimeout(due);
      stop();
    };
  }, []);
  return { ...kept.current, connected };
}

const time = (at: number) => new Date(at).toISOString().slice(11, 23);

export function Live() {
  const [paused, setPaused] = useState(false);
  const [filter, setFilter] = useState('');
  const [level, setLevel] = useState('information');
  const feed = useFeed(paused);
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const requests = feed.requests.filter((line) => fits(`${line.method} ${line.name ?? ''} ${line.principal} ${line.outcome} ${line.trace ?? ''} ${line.plugin ?? ''}`));
  const logs = feed.logs.filter((line) => LEVELS.indexOf(line.level) <= LEVELS.indexOf(level) && fits(`${line.source} ${line.text}`));
  return <article>
    <h2>Live <Badge text={feed.connected ? 'connected' : 'not connected'} kind={feed.connected ? 'good' : 'warn'} /></h2>
    <div class="buttons"><button aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? 'Go on' : 'Pause'}</button>
      <label class="inline">Log level <select value={level} onChange={(event) => setLevel(event.currentTarget.value)}>{LEVELS.map((name) => <option key={name}>{name}</option>)}</select></label></div>
    <Filter value={filter} change={setFilter} count={requests.length} what="requests" />
    <Fault text={feed.skipped ? `${feed.skipped} requests were left out: there are more than a person can read.` : ''} />
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Requests"><table>
      <thead><tr>{['Time', 'Method', 'Name', 'Who', 'ms', 'Outcome', 'Trace'].map((head) => <th scope="col" class={head === 'ms' ? 'number' : undefined} key={head}>{head}</th>)}</tr></thead>
      <tbody>{requests.slice(0, SHOWN).map((line, i) => <tr key={i}><td>{time(line.at)}</td><td>{line.method}</td><td><code>{line.name}</code></td><td>{line.principal}</td>
        <td class="number">{line.durationMs.toFixed(1)}</td><td><Badge text={line.code ? `${line.outcome} ${line.code}` : line.outcome} kind={KINDS[line.outcome]} /></td>
        <td><code>{line.trace}</code></td></tr>)}</tbody></table>
      {requests.length === 0 ? <p class="dim">Nothing yet: requests are shown from now on.</p> : null}</div>
    <h3>Log</h3>
    <ul class="log scroll tall" tabIndex={0} aria-label="Log">{logs.slice(0, SHOWN).map((line, i) => <li key={i}><span class="dim">{time(line.at)}</span> <Badge text={line.level}
      kind={/fatal|critical|error/.test(line.level) ? 'bad' : line.level === 'warning' ? 'warn' : undefined} /> <span class="dim">{line.source}</span> {line.text}</li>)}</ul>
  </article>;
}
