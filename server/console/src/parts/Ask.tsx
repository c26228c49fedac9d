// What a server asks while a call runs: a form, a page to visit, or a message to write as a model would.

import { useState } from 'preact/hooks';
import { JsonObject, Schema, ServerRequest } from '../mcp/types';
import { initial, missing } from '../form/schema';
import { Members } from '../form/Field';

/** The questions that are open, how one comes in, and how all are dropped. */
export function useQuestions(): { open: Question[]; ask(request: ServerRequest): Promise<JsonObject>; drop(): void } {
  const [open, setOpen] = useState<Question[]>([]);
  return {
    open,
    ask: (request) => new Promise((resolve, reject) => {
      const closing = <T,>(end: (value: T) => void) => (value: T) => {
        setOpen((old) => old.filter((other) => other !== question));
        end(value);
      };
      const question: Question = { request, answer: closing(resolve), refuse: closing((reason: string) => reject(new Error(reason))) };
      setOpen((old) => [...old, question]);
    }),
    drop: () => setOpen([])
  };
}

export interface Question { request: ServerRequest; answer(result: JsonObject): void; refuse(reason: string): void }

export function Ask({ question }: { question: Question }) {
  const { request } = question;
  if (request.method === 'sampling/createMessage') return <Sampling question={question} />;
  if (request.params?.mode === 'url') return <Visit question={question} />;
  return <Form question={question} />;
}

function Form({ question }: { question: Question }) {
  const schema = (question.request.params?.requestedSchema ?? { type: 'object', properties: {} }) as unknown as Schema;
  const [value, setValue] = useState<JsonObject>(() => (initial(schema, schema, true) ?? {}) as JsonObject);
  const lacking = missing(schema, schema, value);
  return <form class="ask" aria-label="A question of the server" onSubmit={(event) => {
    event.preventDefault();
    question.answer({ action: 'accept', content: value });
  }}>
    <p><strong>The server asks:</strong> {String(question.request.params?.message ?? '')}</p>
    <Members schema={schema} root={schema} value={value} change={(next) => setValue((next ?? {}) as JsonObject)} />
    <div class="buttons">
      <button class="main" disabled={lacking.length > 0} title={lacking.length ? `Missing: ${lacking.join(', ')}` : undefined}>Accept</button>
      <button type="button" onClick={() => question.answer({ action: 'decline' })}>Decline</button>
      <button type="button" class="quiet" onClick={() => question.answer({ action: 'cancel' })}>Cancel</button>
    </div>
  </form>;
}

function Visit({ question }: { question: Question }) {
  const url = String(question.request.params?.url ?? '');
  return <div class="ask" role="group" aria-label="A page to visit">
    <p><strong>The server asks you to visit a page:</strong> {String(question.request.params?.message ?? '')}</p>
    <p>{/^https?:/.test(url) ? <a href={url} target="_blank" rel="noreferrer noopener">{url}</a> : <code>{url}</code>}</p>
    <div class="buttons">
      <button class="main" onClick={() => question.answer({ action: 'accept' })}>I agree</button>
      <button onClick={() => question.answer({ action: 'decline' })}>Decline</button>
    </div>
  </div>;
}

function Sampling({ question }: { question: Question }) {
  const [text, setText] = useState('');
  const messages = (question.request.params?.messages ?? []) as unknown as { role: string; content: { text?: string } }[];
  return <form class="ask" aria-label="A message for a model" onSubmit={(event) => {
    event.preventDefault();
    question.answer({ role: 'assistant', content: { type: 'text', text }, model: 'a person', stopReason: 'endTurn' });
  }}>
    <p><strong>The server asks a model.</strong> You answer in its place.</p>
    {question.request.params?.systemPrompt ? <p class="dim">{String(question.request.params.systemPrompt)}</p> : null}
    {messages.map((message, i) => <p key={i}><em>{message.role}:</em> {message.content?.text ?? JSON.stringify(message.content)}</p>)}
    <label>Answer<textarea rows={4} required value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
    <div class="buttons"><button class="main">Send</button><button type="button" onClick={() => question.refuse('the user declined')}>Decline</button></div>
  </form>;
}
