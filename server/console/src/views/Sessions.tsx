// Sessions and streams: who, since when, what was sent, and ending one.

import { useState } from 'preact/hooks';
import { act, get, SessionFigures } from '../api';
import { age, counted, Fault, Filter } from '../parts/Parts';
import { useInterval, useLoaded } from '../parts/use';

const STEP = 100; // asked for at a time: each costs the server a line
const MOST = 1000; // that the server gives

export function Sessions() {
  const [filter, setFilter] = useState('');
  const [fault, setFault] = useState('');
  const [shown, setShown] = useState(STEP);
  const list = useLoaded(() => get<{ sessions: SessionFigures[]; found: number; total: number }>(`sessions?limit=${shown}&q=${encodeURIComponent(filter)}`), [filter, shown]);
  useInterval(list.again, 5000);
  const end = (id: string) => act('DELETE', `../stats/sessions/${encodeURIComponent(id)}`).then(() => setFault(''), (error: Error) => setFault(error.message)).finally(list.again);
  const more = Math.min(list.value?.found ?? 0, MOST) - (list.value?.sessions.length ?? 0);
  return <article>
    <h2>Sessions and streams</h2>
    <Filter value={filter} change={setFilter} count={list.value?.found ?? 0} what="sessions" />
    <Fault text={list.fault ?? fault} />
    {list.value?.total === 0 ? <p class="dim">Nobody is here: modern clients leave nothing behind but the streams they listen to.</p> : null}
    <ul class="rows">{(list.value?.sessions ?? []).map((item) => <li key={item.session}>
      <span><strong>{item.principal || 'anonymous'}</strong> <span class="dim">{item.type}</span> {item.client}</span>
      <span>{item.transport} {item.version}</span>
      <span class="dim">since {age(item.ageMs)}, idle {age(item.idleMs)}, {counted(item.events, 'events')} sent, {counted(item.streams, 'streams')}</span>
      <button class="quiet" aria-label={`End the session ${item.session.slice(0, 8)} of ${item.principal || 'anonymous'}`} onClick={() => end(item.session)}>End</button></li>)}
      {more > 0 ? <li><button class="quiet" onClick={() => setShown(shown + STEP)}>Show more ({more})</button></li> : null}</ul>
    {shown >= MOST && (list.value?.found ?? 0) > MOST ? <p class="dim">These are the newest {MOST}: filter for others.</p> : null}
  </article>;
}
