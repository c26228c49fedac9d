// What a type of principals, or the holder of a token, would see.

import { useState } from 'preact/hooks';
import { Access, get } from '../api';
import { Session } from '../session';
import { Badge, Fault, Filter } from '../parts/Parts';
import { useFound, useLoaded } from '../parts/use';

export function AccessView({ session }: { session: Session }) {
  const types = useLoaded(() => (session.server.principal.stats ? get<{ types: string[] }>('access/types') : Promise.resolve({ types: [] })), []);
  const [type, setType] = useState('');
  const [token, setToken] = useState('');
  const [asked, setAsked] = useState('');
  const access = useLoaded<Access>(() => (asked ? get<Access>('access', { Authorization: `Bearer ${asked}` }) : get<Access>(type ? `access/${encodeURIComponent(type)}` : 'access')), [type, asked]);
  const seen = access.value;
  return <article>
    <h2>What would this token see?</h2>
    {types.value?.types.length ? <div class="field"><label for="type">A type of principals</label>
      <select id="type" value={type} onChange={(event) => { setAsked(''); setType(event.currentTarget.value); }}><option value="">yourself</option>
        {types.value.types.map((name) => <option key={name}>{name}</option>)}</select></div> : null}
    <form onSubmit={(event) => { event.preventDefault(); setType(''); setAsked(token); }}>
      <div class="field"><label for="token">Or the holder of a token</label>
        <input id="token" type="password" autocomplete="off" value={token} onInput={(event) => setToken(event.currentTarget.value)} />
        <p class="help">The question is asked with that token; nothing keeps it.</p></div>
      <button disabled={token === ''}>Ask</button>
    </form>
    <Fault text={types.fault ?? access.fault} />
    {seen && !access.fault ? <>
      <h3>{seen.principal} <span class="dim">{seen.type}</span> {seen.stats ? <Badge text="statistics" /> : null} {seen.broadcast ? <Badge text="broadcast" /> : null}</h3>
      <dl>{Object.entries(seen.limits).map(([name, value]) => <><dt>{WORDS[name] ?? name}</dt><dd>{value}</dd></>)}</dl>
      <div class="cards">{(['tools', 'resources', 'templates', 'prompts'] as const).map((kind) => <Names key={kind} kind={kind} names={seen[kind]} />)}</div></> : null}
  </article>;
}

const WORDS: Record<string, string> = {
  callsInFlight: 'calls in flight', requestsPerMinute: 'requests a minute', sharePercent: 'of everything else, per cent'
};
const SHOWN = 200;

function Names({ kind, names }: { kind: string; names: string[] }) {
  const [filter, setFilter] = useState('');
  const found = useFound(names, filter, (name) => name);
  return <section class="card"><h3>{kind}</h3>
    <Filter value={filter} change={setFilter} count={found.length} what={kind} />
    <ul class="scroll tall" tabIndex={0} aria-label={kind}>{found.slice(0, SHOWN).map((name) => <li key={name}><code>{name}</code></li>)}
      {found.length > SHOWN ? <li class="dim">and {found.length - SHOWN} more</li> : null}</ul></section>;
}
