// The server's event stream (`/console/api/events`): open while some view watches and the page is seen, one for all of them.

import { Sample } from './api';
import { readEvents } from './mcp/events';
import { authorization } from './mcp/wire';

export interface RequestLine {
  at: number; method: string; name?: string; principal: string; session?: string; transport: string; version?: string; durationMs: number; outcome: string;
  code?: number; plugin?: string; trace?: string;
}
export interface LogLine { at: number; level: string; source: string; text: string }

export interface Watcher {
  requests?(lines: RequestLine[], skipped: number): void;
  log?(lines: LogLine[], skipped: number): void;
  sample?(sample: Sample): void;
  state?(connected: boolean): void;
}

const FIRST_PAUSE = 500;
const LAST_PAUSE = 15000;
const watchers = new Set<Watcher>();
let stop: AbortController | undefined;
let connected = false;

/** Watches until the function that it gives is called. */
export function watchFeed(watcher: Watcher): () => void {
  watchers.add(watcher);
  watcher.state?.(connected);
  openOrClose();
  return () => {
    watchers.delete(watcher);
    openOrClose();
  };
}

/** A page that nobody sees must not cost the server anything. */
function openOrClose(): void {
  const wanted = watchers.size > 0 && !document.hidden;
  if (wanted && !stop) {
    stop = new AbortController();
    void follow(stop.signal);
  } else if (!wanted && stop) {
    stop.abort();
    stop = undefined;
    tell(false);
  }
}

document.addEventListener('visibilitychange', openOrClose);

function tell(next: boolean): void {
  connected = next;
  for (const watcher of watchers) watcher.state?.(next);
}

async function follow(signal: AbortSignal): Promise<void> {
  let pause = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      const answer = await fetch('./api/events', { headers: { ...authorization(), Accept: 'text/event-stream' }, signal, credentials: 'omit' });
      if (answer.status === 401 || answer.status === 403 || answer.status === 404) return tell(false);
      if (answer.ok && answer.body) {
        tell(true);
        pause = FIRST_PAUSE;
        for await (const event of readEvents(answer.body)) {
          const data = JSON.parse(event.data);
          for (const watcher of watchers) {
            if (event.event === 'requests') watcher.requests?.(data.lines, data.skipped);
            else if (event.event === 'log') watcher.log?.(data.lines, data.skipped);
            else if (event.event === 'sample') watcher.sample?.(data);
          }
        }
      }
    } catch {
      if (signal.aborted) return;
    }
    tell(false);
    await new Promise((resolve) => setTimeout(resolve, pause));
    pause = Math.min(pause * 2, LAST_PAUSE);
  }
}
