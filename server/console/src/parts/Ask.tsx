// What a server asks while a call runs: a form, a page to visit, or a message to write as a model would.

import { useState } from 'preact/hooks';
import { JsonObject, Schema, ServerRequest } from '../mcp/types';
import { initial, missing } from '../form/schema';
import { Members } from '../form/Field';

/** What was asked and answered so far, what is open, how a question comes in, and how all are dropped. */
export interface Questions {
  said: Turn[];
  open: Question[];
  ask(request: ServerRequest): Promise<JsonObject>;
  drop(): void;
  forget(): void;
}
interface Turn { request: ServerRequest; answer: string }

export function useQuestions(): Questions {
  const [said, setSaid] = useState<Turn[]>([]);
  const [open, setOpen] = useState<Question[]>([]);
  return {
    said,
    open,
    ask: (request) => new Promise((resolve, reject) => {
      const closing = <T,>(end: (value: T) => void) => (value: T) => {
        setOpen((old) => old.filter((other) => other !== question));
        setSaid((old) => [...old, { request, answer: wordsFor(value) }]);
        end(value);
      };
      const question: Question = { request, answer: closing(resolve), refuse: closing((reason: string) => reject(new Error(reason))) };
      setOpen((old) => [...old, question]);
    }),
    drop: () => setOpen([]),
    forget: () => setSaid([])
  };
}

function wordsFor(answer: unknown): string {
  if (typeof answer === 'string') return answer;
  const { action, content } = answer as { action?: string; content?: { text?: string } };
  if (action && action !== 'accept') return action === 'decline' ? 'declined' : 'cancelled';
  return content?.text ?? (content && Object.keys(content).length > 0 ? JSON.stringify(content) : 'agreed');
}

function questionOf(request: ServerRequest): string {
  if (request.method !== 'sampling/createMessage') return String(request.params?.message ?? request.method);
  const messages = (request.params?.messages ?? []) as unknown as { content: { text?: string } }[];
  return messages.map((message) => message.content?.text ?? '').join(' ');
}

/** The conversation with the server while a call runs: what was said, and the form for what is open. */
export function Talk({ questions }: { questions: Questions }) {
  return <>
    {questions.said.length > 0 ? <ol class="talk" aria-label="Conversation">{questions.said.map((turn, i) => <>
      <li key={`${i} asked`}><strong>{turn.request.method === 'sampling/createMessage' ? 'The server to a model' : 'The server'}:</strong> {questionOf(turn.request)}</li>
      <li key={`${i} said`} class="you"><strong>You:</strong> {turn.answer}</li></>)}</ol> : null}
    {questions.open.map((question, i) => <Ask key={i + questions.said.length} question={question} />)}
  </>;
}

export interface Question { request: ServerRequest; answer(result: JsonObject): void; refuse(reason: string): void }

function Ask({ question }: { question: Question }) {
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
