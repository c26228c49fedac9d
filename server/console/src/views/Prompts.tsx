// Prompts: fill in the arguments, with completion, and see the messages.

import { useState } from 'preact/hooks';
import { Session } from '../session';
import { ContentBlock, Prompt } from '../mcp/types';
import { Block } from '../result/Content';
import { Talk, useQuestions } from '../parts/Ask';
import { Fault, Filter, Split } from '../parts/Parts';
import { Rows } from '../parts/Rows';
import { useFound, useLoaded } from '../parts/use';

export function Prompts({ session, chosen, go }: { session: Session; chosen?: string; go(route: string): void }) {
  const prompts = useLoaded(() => session.modern.listAll<Prompt>('prompts/list', 'prompts'), [session]);
  const [filter, setFilter] = useState('');
  const found = useFound(prompts.value, filter, (item) => `${item.name} ${item.title ?? ''} ${item.description ?? ''}`);
  const prompt = prompts.value?.find((candidate) => candidate.name === chosen);
  return <Split chosen={prompt !== undefined} back={() => go('prompts')}
    list={<><Filter value={filter} change={setFilter} count={found.length} what="prompts" />
      <Fault text={prompts.fault} />
      {prompts.value?.length === 0 ? <p class="dim">This server has no prompts for you.</p> : null}
      <Rows items={found} name="Prompts" chosen={chosen} keyOf={(item) => item.name} draw={(item) =>
        <a href={`#/prompts/${encodeURIComponent(item.name)}`} aria-current={item.name === chosen ? 'true' : undefined}><strong>{item.title ?? item.name}</strong><code class="dim">{item.name}</code></a>} /></>}
    detail={prompt ? <Get key={prompt.name} prompt={prompt} session={session} /> : <p class="dim">Choose a prompt.</p>} />;
}

function Get({ prompt, session }: { prompt: Prompt; session: Session }) {
  const [values, setValues] = useState<Record<string, string>>({});
  const [offers, setOffers] = useState<Record<string, string[]>>({});
  const questions = useQuestions();
  const [outcome, setOutcome] = useState<{ fault?: string; messages?: { role: string; content: ContentBlock }[] }>({});
  const change = (name: string, value: string) => {
    setValues((old) => ({ ...old, [name]: value }));
    session.modern.request('completion/complete', { ref: { type: 'ref/prompt', name: prompt.name }, argument: { name, value }, context: { arguments: { ...values } } })
      .then((result) => setOffers((old) => ({ ...old, [name]: result.completion?.values ?? [] })), () => undefined);
  };
  return <article>
    <h2>{prompt.title ?? prompt.name}</h2>
    <p class="description">{prompt.description}</p>
    <form onSubmit={(event) => {
      event.preventDefault();
      session.modern.withInput('prompts/get', { name: prompt.name, arguments: values }, { ask: questions.ask })
        .then((result) => setOutcome({ messages: result.messages }), (error: Error) => setOutcome({ fault: error.message }));
    }}>
      {(prompt.arguments ?? []).map((argument) => <div class="field" key={argument.name}><label for={`argument-${argument.name}`}>{argument.name}{argument.required ? <span class="required"> *</span> : null}</label>
        <input id={`argument-${argument.name}`} list={`offers-${argument.name}`} required={argument.required} value={values[argument.name] ?? ''} onInput={(event) => change(argument.name, event.currentTarget.value)} />
        <datalist id={`offers-${argument.name}`}>{(offers[argument.name] ?? []).map((offer) => <option key={offer} value={offer} />)}</datalist>
        {argument.description ? <p class="help">{argument.description}</p> : null}</div>)}
      <button class="main">Get</button>
    </form>
    <Talk questions={questions} />
    <Fault text={outcome.fault} />
    {(outcome.messages ?? []).map((message, i) => <section class="card" key={i}><h3>{message.role}</h3><Block block={message.content} /></section>)}
  </article>;
}
