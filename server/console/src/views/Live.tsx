// Requests and log lines as they come.

import { useEffect, useRef, useState } from 'preact/hooks';
import { LogLine, RequestLine, watchFeed } from '../feed';
import { Badge, Fault, Filter } from '../parts/Parts';
import { wordsIn } from '../parts/use';

const KEPT = 1000;
const SHOWN = 200;
const LEVELS = ['fatal', 'critical', 'error', 'warning', 'notice', 'information', 'debug', 'trace'];
const KINDS: Record<string, 'good' | 'bad' | 'warn'> = { ok: 'good', tool_error: 'warn', nothing: 'warn', error: 'bad', refused: 'bad' };

/** A line with what it is known by, and what is searched. */
interface Noted<T> { id: number; text: string; line: T }
interface Kept { requests: Noted<RequestLine>[]; logs: Noted<LogLine>[]; skipped: number }

const textOf = (line: RequestLine) => `${line.method} ${line.name ?? ''} ${line.principal} ${line.outcome} ${line.trace ?? ''} ${line.plugin ?? ''}`;
let count = 0;

/** The newest first, in front of those that were there. */
function added<T>(old: Noted<T>[], lines: T[], text: (line: T) => string): Noted<T>[] {
  const noted = lines.map((line) => ({ id: ++count, text: text(line).toLowerCase(), line }));
  return [...noted.reverse(), ...old].slice(0, KEPT);
}

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
        draw((turn) => turn + 1);
      }, 200);
    };
    const stop = watchFeed({
      state: setConnected,
      requests: (lines, skipped) => {
        if (hold.current) return;
        kept.current.requests = added(kept.current.requests, lines, textOf);
        kept.current.skipped += skipped;
        changed();
      },
      log: (lines) => {
        if (hold.current) return;
        kept.current.logs = added(kept.current.logs, lines, (line) => `${line.source} ${line.text}`);
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
  const fits = wordsIn(filter);
  const requests = feed.requests.filter((noted) => fits(noted.text));
  const logs = feed.logs.filter((noted) => LEVELS.indexOf(noted.line.level) <= LEVELS.indexOf(level) && fits(noted.text));
  return <article>
    <h2>Live <Badge text={feed.connected ? 'connected' : 'not connected'} kind={feed.connected ? 'good' : 'warn'} /></h2>
    <div class="buttons"><button aria-pressed={paused} onClick={() => setPaused(!paused)}>{paused ? 'Go on' : 'Pause'}</button>
      <label class="inline">Log level <select value={level} onChange={(event) => setLevel(event.currentTarget.value)}>{LEVELS.map((name) => <option key={name}>{name}</option>)}</select></label></div>
    <Filter value={filter} change={setFilter} count={requests.length} what="requests" />
    <Fault text={feed.skipped ? `and ${feed.skipped.toLocaleString('en')} more requests, which were counted but not sent: there are more than a person can read.` : ''} />
    <div class="scroll tall" tabIndex={0} role="region" aria-label="Requests"><table>
      <thead><tr>{['Time', 'Method', 'Name', 'Who', 'ms', 'Outcome', 'Trace'].map((head) => <th scope="col" class={head === 'ms' ? 'number' : undefined} key={head}>{head}</th>)}</tr></thead>
      <tbody>{requests.slice(0, SHOWN).map(({ id, line }) => <tr key={id}><td>{time(line.at)}</td><td>{line.method}</td><td><code>{line.name}</code></td><td>{line.principal}</td>
        <td class="number">{line.durationMs.toFixed(1)}</td><td><Badge text={line.code ? `${line.outcome} ${line.code}` : line.outcome} kind={KINDS[line.outcome]} /></td>
        <td><code>{line.trace}</code></td></tr>)}</tbody></table>
      {requests.length === 0 ? <p class="dim">Nothing yet: requests are shown from now on.</p> : null}</div>
    <h3>Log</h3>
    <ul class="log scroll tall" tabIndex={0} aria-label="Log">{logs.slice(0, SHOWN).map(({ id, line }) => <li key={id}><span class="dim">{time(line.at)}</span> <Badge text={line.level}
      kind={/fatal|critical|error/.test(line.level) ? 'bad' : line.level === 'warning' ? 'warn' : undefined} /> <span class="dim">{line.source}</span> {line.text}</li>)}</ul>
  </article>;
}
