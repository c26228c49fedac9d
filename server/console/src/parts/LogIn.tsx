// Logging in, with any credential that the server takes. It stays in this tab.

import { useState } from 'preact/hooks';
import { leave, logIn, loginElsewhere } from '../session';
import { Fault } from './Parts';
import { useLoaded } from './use';

type Kind = 'token' | 'apikey' | 'password';

export function LogIn({ challenge, fault, done }: { challenge: string; fault: string; done(): void }) {
  const elsewhere = useLoaded(() => (/resource_metadata/.test(challenge) ? loginElsewhere() : Promise.resolve(undefined)), [challenge]);
  const kinds: Kind[] = [];
  if (/bearer/i.test(challenge) || challenge === '') kinds.push('token');
  if (/basic/i.test(challenge)) kinds.push('password');
  if (/apikey/i.test(challenge) || kinds.length === 0) kinds.push('apikey');
  const [kind, setKind] = useState<Kind>(kinds[0]);
  const [name, setName] = useState('');
  const [secret, setSecret] = useState('');
  const [header, setHeader] = useState(/header="([^"]+)"/i.exec(challenge)?.[1] ?? 'X-API-Key');
  const [keep, setKeep] = useState(false);
  return <main class="alone"><h1>Tenon</h1>
    <form class="card" onSubmit={(event) => {
      event.preventDefault();
      const basic = btoa(String.fromCharCode(...new TextEncoder().encode(`${name}:${secret}`)));
      logIn(kind === 'apikey' ? { header, value: secret } : { header: 'Authorization', value: kind === 'token' ? `Bearer ${secret}` : `Basic ${basic}` }, keep);
      done();
    }}>
      <p>This server wants to know who you are.</p>
      <Fault text={fault || elsewhere.fault} />
      {elsewhere.value ? <><div class="buttons"><button type="button" class="main" onClick={() => void leave(elsewhere.value!, keep)}>Log in at {new URL(elsewhere.value.authorizationEndpoint!).host}</button></div>
        <p>Or with a token that you have:</p></> : null}
      {kinds.length > 1 ? <div class="choices" role="radiogroup" aria-label="Credential">{kinds.map((option) => <label key={option}><input type="radio" checked={kind === option}
        onChange={() => setKind(option)} />{option === 'apikey' ? 'API key' : option}</label>)}</div> : null}
      {kind === 'password' ? <div class="field"><label for="name">User</label><input id="name" autocomplete="username" required value={name} onInput={(event) => setName(event.currentTarget.value)} /></div> : null}
      {kind === 'apikey' ? <div class="field"><label for="header">Header</label><input id="header" required value={header} onInput={(event) => setHeader(event.currentTarget.value)} /></div> : null}
      <div class="field"><label for="secret">{kind === 'password' ? 'Password' : kind === 'apikey' ? 'API key' : 'Token'}</label>
        <input id="secret" type="password" autocomplete="current-password" required value={secret} onInput={(event) => setSecret(event.currentTarget.value)} /></div>
      <label class="inline"><input type="checkbox" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} /> keep it until this tab is closed</label>
      <div class="buttons"><button class="main">Log in</button></div>
    </form></main>;
}
