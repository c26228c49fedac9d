// Who is logged in, and the clients that ask on that person's behalf.

import { ServerInfo } from './api';
import { McpClient } from './mcp/client';
import { LEGACY, MODERN, Revision } from './mcp/types';
import { Credential, setCredential } from './mcp/wire';

const KEPT = 'tenon-console-credential';

export class Session {
  readonly modern: McpClient;
  readonly legacy: McpClient;

  constructor(readonly server: ServerInfo) {
    const url = new URL(`..${server.mcpPath}`, new URL('./', location.href)).pathname;
    this.modern = new McpClient(MODERN, url);
    this.legacy = new McpClient(LEGACY, url);
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
