// The console: a page that connects to the server it came from, and to nothing else.

import { render } from 'preact';
import { useState } from 'preact/hooks';
import './style.css';
import { get, ServerInfo } from './api';
import { HttpError, isLoggedIn } from './mcp/wire';
import { comeBack, logOut, restore, Session } from './session';
import { Fault } from './parts/Parts';
import { LogIn } from './parts/LogIn';
import { Wire } from './parts/Wire';
import { useLoaded, useRoute } from './parts/use';
import { AccessView } from './views/AccessView';
import { Connect } from './views/Connect';
import { Live } from './views/Live';
import { Overview } from './views/Overview';
import { Prompts } from './views/Prompts';
import { Resources } from './views/Resources';
import { Sessions } from './views/Sessions';
import { Tasks } from './views/Tasks';
import { Tools } from './views/Tools';

const VIEWS = ['overview', 'tools', 'resources', 'prompts', 'tasks', 'sessions', 'live', 'access', 'connect'] as const;
const FOR_OPERATORS = new Set(['sessions', 'live']);

function Console({ back }: { back: string }) {
  const [turn, setTurn] = useState(0);
  const loaded = useLoaded(async () => {
    try {
      return { session: new Session(await get<ServerInfo>('server')) };
    } catch (error) {
      if (error instanceof HttpError && error.status === 401) return { challenge: error.challenge ?? '', refusal: isLoggedIn() ? error.message : '' };
      throw error;
    }
  }, [turn]);
  if (loaded.fault) return <main class="alone"><h1>Tenon</h1><Fault text={`The server does not answer: ${loaded.fault}`} /><button onClick={loaded.again}>Try again</button></main>;
  if (!loaded.value) return <main class="alone"><p class="dim">Connecting…</p></main>;
  if (!loaded.value.session) return <LogIn challenge={loaded.value.challenge ?? ''} fault={back || loaded.value.refusal || ''} done={() => setTurn(turn + 1)} />;
  return <Shell session={loaded.value.session} loggedOut={() => { logOut(); setTurn(turn + 1); }} />;
}

function Shell({ session, loggedOut }: { session: Session; loggedOut(): void }) {
  const [[view = 'overview', chosen], go] = useRoute();
  const [drawer, setDrawer] = useState(false);
  const current = VIEWS.includes(view as (typeof VIEWS)[number]) ? view : 'overview';
  const shared = { session, chosen, go };
  return <>
    <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById('content')?.focus(); }}>Skip to the content</a>
    <header class="top">
      <h1>{session.server.title}</h1>
      <nav aria-label="Views">{VIEWS.filter((name) => session.server.principal.stats || !FOR_OPERATORS.has(name)).map((name) => <a key={name} href={`#/${name}`}
        aria-current={name === current ? 'page' : undefined}>{name}</a>)}</nav>
      <div class="who">{session.server.principal.anonymous ? null : <span>{session.server.principal.name} <span class="dim">{session.server.principal.type}</span></span>}
        <button class="quiet" aria-expanded={drawer} onClick={() => setDrawer(!drawer)}>Wire</button>
        {session.server.principal.anonymous ? null : <button class="quiet" onClick={loggedOut}>Log out</button>}</div>
    </header>
    <main id="content" tabIndex={-1}>
      {current === 'overview' ? <Overview session={session} /> : null}
      {current === 'tools' ? <Tools {...shared} /> : null}
      {current === 'resources' ? <Resources {...shared} /> : null}
      {current === 'prompts' ? <Prompts {...shared} /> : null}
      {current === 'tasks' ? <Tasks session={session} /> : null}
      {current === 'sessions' ? <Sessions /> : null}
      {current === 'live' ? <Live /> : null}
      {current === 'access' ? <AccessView session={session} /> : null}
      {current === 'connect' ? <Connect session={session} /> : null}
    </main>
    {drawer ? <Wire close={() => setDrawer(false)} /> : null}
  </>;
}

restore();
const back = await comeBack().catch((error: Error) => error.message);
render(<Console back={back} />, document.getElementById('console')!);
