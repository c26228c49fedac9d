// The server's own figures, beside the protocol: server/ops/console documents them.

import { authorization, HttpError } from './mcp/wire';

/** `/console/api/server`: what anybody who may open the console learns. */
export interface ServerInfo {
  name: string;
  title: string;
  version: string;
  /** Paths of the endpoints, from the root of this server. */
  mcpPath: string;
  ssePath: string;
  publicUrl?: string;
  authentication: string[];
  apiKeyHeader?: string;
  principal: { name: string; type: string; anonymous: boolean; stats: boolean; broadcast: boolean };
}

/** `/console/api/history`: a point each `intervalMs`, oldest first, an hour at most. */
export interface History {
  intervalMs: number;
  now: number;
  points: Sample[];
}
export interface Sample {
  at: number;
  requestsPerSecond: number;
  errorsPerSecond: number;
  p50Ms: number;
  p99Ms: number;
  sessions: number;
  streams: number;
  memoryBytes: number;
}

export interface ToolFigures { tool: string; calls: number; errors: number; p50Ms: number; p95Ms: number; p99Ms: number; inFlight: number }

export interface PluginFigures {
  name: string;
  version: string;
  state: string;
  reason?: string;
  home: string;
  file: string;
  digest: string;
  pinned: boolean;
  sandbox: boolean;
  tools: number;
  resources: number;
  prompts: number;
  workers: number;
  workersRunning: number;
  restarts: number;
  reloads: number;
  crashes: number;
  kills: number;
  callsInside: number;
  memoryBytes: number;
  lastCrash?: string;
  lastTrace?: string;
  programs: string[];
}

export interface SessionFigures {
  session: string; principal: string; type: string; transport: string; version: string; client: string; ageMs: number; idleMs: number; events: number; streams: number;
}

/** `/console/api/access`: what a principal sees, and its limits. */
export interface Access {
  principal: string; type: string; tools: string[]; resources: string[]; templates: string[]; prompts: string[]; stats: boolean; broadcast: boolean;
  limits: Record<string, number>;
}

export interface Diagnosis { url: string; failed: number; findings: { kind: string; text: string }[] }

const ROOT = './api/';

/** Shape: `as` are the headers of another credential than the one this person has logged in with. */
export async function get<T>(path: string, as?: Record<string, string>): Promise<T> {
  return read<T>(await fetch(ROOT + path, { headers: as ?? authorization(), credentials: 'omit' }));
}

export async function act(method: string, path: string): Promise<void> {
  await read(await fetch(path, { method, headers: authorization(), credentials: 'omit' }));
}

async function read<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  const body = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new HttpError(answer.status, body.message ?? `status ${answer.status}`, answer.headers.get('WWW-Authenticate'));
  return body as T;
}
