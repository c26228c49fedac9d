// One request to the server, and what is kept of it for the drawer "wire".

import { readEvents } from './events';

export interface Exchange {
  id: number;
  started: number;
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
  status?: number;
  answerHeaders?: [string, string][];
  received: { at: number; event?: string; data: string }[];
  durationMs?: number;
  fault?: string;
}

/** How the person has logged in. The credential stays in this tab's memory, or in its session storage if asked for. */
export interface Credential { header: string; value: string }

let credential: Credential | undefined;
let count = 0;
const exchanges: Exchange[] = [];
const watchers = new Set<() => void>();
const KEPT = 50;

export function setCredential(next: Credential | undefined): void {
  credential = next;
}

export const isLoggedIn = () => credential !== undefined;

/** Headers that carry the credential, for requests beside the protocol. */
export function authorization(): Record<string, string> {
  return credential ? { [credential.header]: credential.value } : {};
}

export function wire(): readonly Exchange[] {
  return exchanges;
}

export function watchWire(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

function changed(): void {
  for (const watcher of watchers) watcher();
}

export class HttpError extends Error {
  constructor(readonly status: number, message: string, readonly challenge: string | null) {
    super(message);
  }
}

/**
 * Posts a message and hands over each message of the answer, whether it is one JSON body or an event stream.
 *
 * Errors: HttpError for a status of 400 and above whose body is no JSON-RPC; whatever fetch throws.
 */
export async function post(url: string, headers: Record<string, string>, message: unknown, received: (message: any, headers: Headers) => void,
  signal?: AbortSignal): Promise<void> {
  const sent = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers };
  const exchange: Exchange = { id: ++count, started: Date.now(), url, method: 'POST', headers: sent, body: JSON.stringify(message), received: [] };
  exchanges.unshift(exchange);
  exchanges.length = Math.min(exchanges.length, KEPT);
  changed();
  try {
    const answer = await fetch(url, { method: 'POST', headers: { ...sent, ...authorization() }, body: exchange.body, signal, credentials: 'omit' });
    exchange.status = answer.status;
    exchange.answerHeaders = [...answer.headers.entries()];
    const type = answer.headers.get('Content-Type') ?? '';
    if (type.startsWith('text/event-stream') && answer.body) {
      for await (const event of readEvents(answer.body)) {
        exchange.received.push({ at: Date.now(), event: event.event, data: event.data });
        changed();
        if (event.data) received(JSON.parse(event.data), answer.headers); // without data: only an id, to come back by
      }
      return;
    }
    const text = await answer.text();
    if (text) exchange.received.push({ at: Date.now(), data: text });
    let parsed: any;
    try {
      parsed = text ? JSON.parse(text) : undefined;
    } catch {
      parsed = undefined;
    }
    if (parsed?.jsonrpc) received(parsed, answer.headers);
    else if (answer.status >= 400) {
      throw new HttpError(answer.status, parsed?.message ?? parsed?.error_description ?? `status ${answer.status}`, answer.headers.get('WWW-Authenticate'));
    } else if (parsed === undefined) received(undefined, answer.headers);
  } catch (error) {
    exchange.fault = error instanceof Error ? error.message : String(error);
    throw error;
  } finally {
    exchange.durationMs = Date.now() - exchange.started;
    changed();
  }
}
