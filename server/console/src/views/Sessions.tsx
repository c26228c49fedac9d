// Sessions and streams: who, since when, what was sent, and ending one.

import { useState } from 'preact/hooks';
import { act, get, SessionFigures } from '../api';
import { age, Fault, Filter, Some } from '../parts/Parts';
import { useInterval, useLoaded } from '../parts/use';

export function Sessions() {
  const [filter, setFilter] = useState('');
  const [fault, setFault] = useState('');
  const list = useLoaded(() => get<{ sessions: SessionFigures[]; found: number; total: number }>(`sessions?q=${encodeURIComponent(filter)}`), [filter]);
  useInterval(list.again, 5000);
  const end = (id: string) => act('DELETE', `../stats/sessions/${encodeURIComponent(id)}`).then(() => setFault(''), (error: Error) => setFault(error.message)).finally(list.again);
  return <article>
    <h2>Sessions and streams</h2>
    <Filter value={filter} change={setFilter} count={list.value?.found ?? 0} what="sessions" />
    <Fault text={list.fault ?? fault} />
    {list.value?.total === 0 ? <p class="dim">Nobody is here: modern clients leave nothing behind but the streams they listen to.</p> : null}
    <ul class="rows"><Some items={list.value?.sessions ?? []} step={100} draw={(item) => <li key={item.session}>
      <span><strong>{item.principal || 'anonymous'}</strong> <span class="dim">{item.type}</span> {item.client}</span>
      <span>{item.transport} {item.version}</span>
      <span class="dim">since {age(item.ageMs)}, idle {age(item.idleMs)}, {item.events} events sent, {item.streams} streams</span>
      <button class="quiet" aria-label={`End the session ${item.session.slice(0, 8)} of ${item.principal || 'anonymous'}`} onClick={() => end(item.session)}>End</button></li>} /></ul>
  </article>;
}
