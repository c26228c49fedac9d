// Resources and templates: read one, and hear of its changes.

import { useEffect, useState } from 'preact/hooks';
import { Session } from '../session';
import { Resource, ResourceContents, ResourceTemplate } from '../mcp/types';
import { Contents } from '../result/Content';
import { Talk, useQuestions } from '../parts/Ask';
import { counted, Fault, Filter, Split } from '../parts/Parts';
import { Rows } from '../parts/Rows';
import { useFound, useLoaded } from '../parts/use';

export function Resources({ session, chosen, go }: { session: Session; chosen?: string; go(route: string): void }) {
  const resources = useLoaded(() => session.modern.listAll<Resource>('resources/list', 'resources'), [session]);
  const templates = useLoaded(() => session.modern.listAll<ResourceTemplate>('resources/templates/list', 'resourceTemplates'), [session]);
  const [filter, setFilter] = useState('');
  const found = useFound(resources.value, filter, (item) => `${item.uri} ${item.name} ${item.title ?? ''} ${item.description ?? ''}`);
  const open = (uri: string) => go(`resources/${encodeURIComponent(uri)}`);
  return <Split chosen={Boolean(chosen)} back={() => go('resources')}
    list={<>
      <Filter value={filter} change={setFilter} count={found.length} what="resources" />
      <Fault text={resources.fault ?? templates.fault} />
      <Rows items={found} name="Resources" chosen={chosen} keyOf={(item) => item.uri} draw={(item) =>
        <a href={`#/resources/${encodeURIComponent(item.uri)}`} aria-current={item.uri === chosen ? 'true' : undefined}><strong>{item.title ?? item.name}</strong><code class="dim">{item.uri}</code></a>} />
      {templates.value?.length ? <h3>Templates</h3> : null}
      {(templates.value ?? []).map((template) => <Template key={template.uriTemplate} template={template} session={session} open={open} />)}
    </>}
    detail={chosen ? <Reading key={chosen} uri={chosen} session={session} /> : <p class="dim">Choose a resource, or fill in a template.</p>} />;
}

function Template({ template, session, open }: { template: ResourceTemplate; session: Session; open(uri: string): void }) {
  const names = [...template.uriTemplate.matchAll(/\{[+#/.;?&]?([^}*:]+)[^}]*\}/g)].flatMap((match) => match[1].split(','));
  const [values, setValues] = useState<Record<string, string>>({});
  const [offers, setOffers] = useState<Record<string, string[]>>({});
  const complete = (name: string, value: string) => {
    setValues((old) => ({ ...old, [name]: value }));
    session.modern.request('completion/complete', {
      ref: { type: 'ref/resource', uri: template.uriTemplate }, argument: { name, value }, context: { arguments: { ...values } }
    }).then((result) => setOffers((old) => ({ ...old, [name]: result.completion?.values ?? [] })), () => undefined);
  };
  const expand = () => template.uriTemplate.replace(/\{([+#]?)([^}*:]+)[^}]*\}/g, (_, operator: string, list: string) => list.split(',')
    .map((name) => (operator ? encodeURI(values[name] ?? '') : encodeURIComponent(values[name] ?? ''))).join(','));
  return <form class="card" onSubmit={(event) => { event.preventDefault(); open(expand()); }}>
    <p><strong>{template.title ?? template.name}</strong> <code class="dim">{template.uriTemplate}</code></p>
    {template.description ? <p class="help">{template.description}</p> : null}
    {names.map((name) => <label key={name}>{name}<input list={`${template.uriTemplate}-${name}`} value={values[name] ?? ''} required
      onFocus={() => complete(name, values[name] ?? '')} onInput={(event) => complete(name, event.currentTarget.value)} />
      <datalist id={`${template.uriTemplate}-${name}`}>{(offers[name] ?? []).map((offer) => <option key={offer} value={offer} />)}</datalist></label>)}
    <button>Read</button>
  </form>;
}

function Reading({ uri, session }: { uri: string; session: Session }) {
  const questions = useQuestions();
  const reading = useLoaded<{ contents: ResourceContents[] }>(() => session.modern.withInput('resources/read', { uri }, { ask: questions.ask }), [uri, session]);
  const [watching, setWatching] = useState(false);
  const [updates, setUpdates] = useState(0);
  useEffect(() => {
    if (!watching) return undefined;
    const stop = new AbortController();
    session.modern.request('subscriptions/listen', { notifications: { resourceSubscriptions: [uri] } }, {
      notification: (method) => {
        if (method !== 'notifications/resources/updated') return;
        setUpdates((count) => count + 1);
        reading.again();
      }
    }, stop.signal).catch(() => setWatching(false));
    return () => stop.abort();
  }, [watching]);
  return <article>
    <h2><code>{uri}</code></h2>
    <div class="buttons"><button onClick={reading.again}>Read again</button>
      <label class="inline"><input type="checkbox" checked={watching} onChange={(event) => setWatching(event.currentTarget.checked)} /> follow its changes</label>
      <span class="dim" aria-live="polite">{updates ? counted(updates, 'updates') : ''}</span></div>
    <Talk questions={questions} />
    <Fault text={reading.fault} />
    {(reading.value?.contents ?? []).map((contents, i) => <Contents key={i} contents={contents} />)}
  </article>;
}
