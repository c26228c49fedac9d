// Sessions and streams: who, since when, and ending one.

import { useState } from 'preact/hooks';
import { act, get, StreamFigures } from '../api';
import { age, Fault, Filter, Some } from '../parts/Parts';
import { useInterval, useLoaded } from '../parts/use';

export function Sessions() {
  const list = useLoaded(() => get<{ sessions: StreamFigures[]; total: number }>('sessions'), []);
  const [filter, setFilter] = useState('');
  const [fault, setFault] = useState('');
  useInterval(list.again, 5000);
  const found = (list.value?.sessions ?? []).filter((item) => `${item.session} ${item.principal} ${item.transport} ${item.address ?? ''}`.toLowerCase().includes(filter.toLowerCase()));
  const end = (id: string) => act('DELETE', `../stats/sessions/${encodeURIComponent(id)}`).then(() => setFault(''), (error: Error) => setFault(error.message)).finally(list.again);
  return <article>
    <h2>Sessions and streams</h2>
    <Filter value={filter} change={setFilter} count={list.value?.total ?? 0} what="sessions" />
    <Fault text={list.fault ?? fault} />
    <ul class="rows"><Some items={found} draw={(item) => <li key={item.session}>
      <span><strong>{item.principal || 'anonymous'}</strong> <span class="dim">{item.type}</span></span>
      <span>{item.transport} {item.version ?? ''} {item.address ? `from ${item.address}` : ''}</span>
      <span class="dim">{age(item.ageMs)}{item.events !== undefined ? `, ${item.events} events` : ''}{item.streams !== undefined ? `, ${item.streams} streams` : ''}</span>
      <button class="quiet" aria-label={`End the session ${item.session}`} onClick={() => end(item.session)}>End</button></li>} /></ul>
  </article>;
}
