// Who is logged in, and the clients that ask on that person's behalf.

import { ServerInfo } from './api';
import { McpClient } from './mcp/client';
import { LEGACY, MODERN, Revision, Tool } from './mcp/types';
import { Credential, setCredential } from './mcp/wire';

const KEPT = 'tenon-console-credential';

export class Session {
  readonly modern: McpClient;
  readonly legacy: McpClient;
  /** Tasks that were made in this tab: a server does not list those of people it cannot tell apart. */
  readonly tasks = new Set<string>();

  constructor(readonly server: ServerInfo) {
    const url = new URL(`..${server.mcpPath}`, new URL('./', location.href)).pathname;
    this.modern = new McpClient(MODERN, url);
    this.legacy = new McpClient(LEGACY, url);
  }

  private legacyTools: Promise<Map<string, Tool>> | undefined;

  /** Whether a tool may run as a task: the newest revision's definitions do not say. */
  async taskSupport(name: string): Promise<string> {
    this.legacyTools ??= this.legacy.listAll<Tool>('tools/list', 'tools').then((tools) => new Map(tools.map((tool) => [tool.name, tool])));
    return (await this.legacyTools).get(name)?.execution?.taskSupport ?? 'forbidden';
  }

  client(revision: Revision): McpClient {
    return revision === MODERN ? this.modern : this.legacy;
  }
}

/** The credential that this tab keeps, if the person asked for it. */
export function restore(): void {
  const kept = sessionStorage.getItem(KEPT);
  if (kept) setCredential(JSON.parse(kept) as Credential);
}

export function logIn(credential: Credential, keep: boolean): void {
  setCredential(credential);
  if (keep) sessionStorage.setItem(KEPT, JSON.stringify(credential));
  else sessionStorage.removeItem(KEPT);
}

export function logOut(): void {
  setCredential(undefined);
  sessionStorage.removeItem(KEPT);
}

interface Login { authorizationEndpoint?: string; clientId: string; redirectUri: string; resource: string; scope: string }
const AWAY = 'tenon-console-login';
const code = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const chance = () => code(crypto.getRandomValues(new Uint8Array(32)));

/** How to log in at the authorization server; undefined where there is none, or the browser lacks what that takes. */
export async function loginElsewhere(): Promise<Login | undefined> {
  if (!crypto.subtle) return undefined;
  const answer = await fetch('./api/login', { credentials: 'omit' });
  const login = (await answer.json()) as Login & { message?: string };
  if (!answer.ok) throw new Error(login.message ?? `status ${answer.status}`);
  return login.authorizationEndpoint ? login : undefined;
}

/** Leaves the page for the authorization server, which sends the person back to it. */
export async function leave(login: Login, keep: boolean): Promise<void> {
  const away = { verifier: chance(), state: chance(), keep, route: location.hash };
  sessionStorage.setItem(AWAY, JSON.stringify(away));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(away.verifier)));
  const url = new URL(login.authorizationEndpoint!);
  const asked = {
    response_type: 'code', client_id: login.clientId, redirect_uri: login.redirectUri, state: away.state, code_challenge: code(digest), code_challenge_method: 'S256',
    resource: login.resource, ...(login.scope ? { scope: login.scope } : {})
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Takes what the authorization server sent back, if it did. Gives what went wrong; empty: nothing. */
export async function comeBack(): Promise<string> {
  const answer = new URLSearchParams(location.search);
  const kept = sessionStorage.getItem(AWAY);
  if (!kept || !(answer.has('code') || answer.has('error'))) return '';
  sessionStorage.removeItem(AWAY);
  const away = JSON.parse(kept) as { verifier: string; state: string; keep: boolean; route: string };
  history.replaceState(null, '', location.pathname + away.route);
  if (answer.get('state') !== away.state) return 'The login was not begun here.';
  if (answer.has('error')) return answer.get('error_description') ?? answer.get('error')!;
  const given = await fetch('./api/login', { method: 'POST', headers: { 'Content-Type': 'application/json' }, credentials: 'omit',
    body: JSON.stringify({ code: answer.get('code'), verifier: away.verifier }) });
  const token = await given.json();
  if (!given.ok) return token.message ?? `status ${given.status}`;
  logIn({ header: 'Authorization', value: `Bearer ${token.accessToken}` }, away.keep);
  return '';
}
