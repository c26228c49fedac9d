// An MCP client for this page: one revision of each era, over Streamable HTTP.

import { post } from './wire';
import { CallToolResult, Json, JsonObject, LEGACY, MODERN, Revision, RpcError, ServerRequest, Tool } from './types';

const CAPABILITIES = {
  elicitation: { form: {}, url: {} },
  sampling: {},
  extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html;profile=mcp-app'] } }
};
const CLIENT = { name: 'tenon-console', title: 'Tenon console', version: '1' };

export interface Listener {
  progress?(done: number, total: number | undefined, message: string | undefined): void;
  log?(level: string, data: Json, logger: string | undefined): void;
  /** Answers what the server asks; rejects to decline to answer at all. */
  ask?(request: ServerRequest, key: string): Promise<JsonObject>;
  notification?(method: string, params: JsonObject): void;
}

export class McpClient {
  private session: string | undefined;
  private opening: Promise<void> | undefined;
  private nextId = 1;

  constructor(readonly revision: Revision, private readonly url: string) {}

  async listAll<T>(method: string, member: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    do {
      const page: any = await this.request(method, cursor ? { cursor } : {});
      items.push(...(page[member] ?? []));
      cursor = page.nextCursor;
    } while (cursor);
    return items;
  }

  /** Calls a tool and goes through the rounds of questions, if there are any. */
  async callTool(tool: Tool, args: JsonObject, listener: Listener, signal?: AbortSignal, asTask = false): Promise<CallToolResult> {
    return this.withInput('tools/call', { name: tool.name, arguments: args, ...(asTask ? { task: {} } : {}) }, listener, signal, mirrored(tool, args));
  }

  /** A request whose result may ask for input first (2026-07-28); on legacy revisions the server asks on the stream. */
  async withInput(method: string, params: JsonObject, listener: Listener, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<any> {
    let result: any = await this.request(method, params, listener, signal, headers);
    while (result?.resultType === 'input_required') {
      const inputResponses: JsonObject = {};
      for (const [key, request] of Object.entries<ServerRequest>(result.inputRequests ?? {})) {
        inputResponses[key] = await this.answer(request, key, listener);
      }
      const again: JsonObject = { ...params, inputResponses };
      if (result.requestState !== undefined) again.requestState = result.requestState;
      result = await this.request(method, again, listener, signal, headers);
    }
    return result;
  }

  async request(method: string, params: JsonObject, listener: Listener = {}, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<any> {
    if (this.revision === LEGACY) await this.open();
    return this.exchange(method, params, listener, signal, headers);
  }

  private async exchange(method: string, params: JsonObject, listener: Listener = {}, signal?: AbortSignal, headers: Record<string, string> = {}): Promise<any> {
    const id = this.nextId++;
    const meta: JsonObject = { progressToken: id };
    if (this.revision === MODERN) {
      meta['io.modelcontextprotocol/protocolVersion'] = MODERN;
      meta['io.modelcontextprotocol/clientInfo'] = CLIENT;
      meta['io.modelcontextprotocol/clientCapabilities'] = CAPABILITIES;
      meta['io.modelcontextprotocol/logLevel'] = 'debug';
    }
    const message = { jsonrpc: '2.0', id, method, params: { ...params, _meta: meta } };
    let outcome: { result?: any; error?: any } | undefined;
    const stopped = () => {
      if (this.revision === LEGACY) void this.notify('notifications/cancelled', { requestId: id, reason: 'cancelled by the user' });
    };
    signal?.addEventListener('abort', stopped);
    try {
      await post(this.url, { ...this.headers(method, params), ...headers }, message, (received) => {
        if (!received) return;
        if (received.id === id && !received.method) outcome = received;
        else if (received.method) this.received(received, listener);
        else if (received.error) outcome = received;
      }, this.revision === MODERN ? signal : undefined);
    } finally {
      signal?.removeEventListener('abort', stopped);
    }
    if (!outcome) throw new Error('the stream ended without an answer');
    if (outcome.error) throw new RpcError(outcome.error.code, outcome.error.message, outcome.error.data);
    return outcome.result;
  }

  private received(message: any, listener: Listener): void {
    const params = message.params ?? {};
    if (message.id !== undefined) {
      void this.answer(message, String(message.id), listener)
        .then((result) => this.send({ jsonrpc: '2.0', id: message.id, result }))
        .catch((error: Error) => this.send({ jsonrpc: '2.0', id: message.id, error: { code: -32603, message: error.message } }));
    } else if (message.method === 'notifications/progress') listener.progress?.(params.progress, params.total, params.message);
    else if (message.method === 'notifications/message') listener.log?.(params.level, params.data, params.logger);
    else listener.notification?.(message.method, params);
  }

  private async answer(request: ServerRequest, key: string, listener: Listener): Promise<JsonObject> {
    if (request.method === 'roots/list') return { roots: [] };
    if (!listener.ask) throw new Error('nobody is there to answer');
    return listener.ask(request, key);
  }

  private headers(method: string, params: JsonObject): Record<string, string> {
    const headers: Record<string, string> = { 'MCP-Protocol-Version': this.revision };
    if (this.revision === MODERN) {
      headers['Mcp-Method'] = method;
      const name = method === 'resources/read' ? params.uri : params.name ?? params.taskId;
      if (typeof name === 'string') headers['Mcp-Name'] = encodeHeader(name);
    } else if (this.session) headers['Mcp-Session-Id'] = this.session;
    return headers;
  }

  private open(): Promise<void> {
    this.opening ??= this.initialize().catch((error) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async initialize(): Promise<void> {
    const message = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: LEGACY, capabilities: CAPABILITIES, clientInfo: CLIENT } };
    let fault: any;
    await post(this.url, {}, message, (received, headers) => {
      fault = received?.error;
      this.session = headers.get('Mcp-Session-Id') ?? undefined;
    });
    if (fault) throw new RpcError(fault.code, fault.message, fault.data);
    await this.notify('notifications/initialized', {});
    await this.exchange('logging/setLevel', { level: 'debug' }).catch(() => undefined);
  }

  private notify(method: string, params: JsonObject): Promise<void> {
    return this.send({ jsonrpc: '2.0', method, params });
  }

  private send(message: JsonObject): Promise<void> {
    const headers: Record<string, string> = { 'MCP-Protocol-Version': this.revision };
    if (this.session) headers['Mcp-Session-Id'] = this.session;
    return post(this.url, headers, message, () => undefined);
  }
}

/** A header's value: as it is if plain ASCII, else in the form that the specification gives for everything else. */
export function encodeHeader(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value) && value.trim() === value && !/^=\?base64\?.*\?=$/.test(value)) return value;
  const bytes = new TextEncoder().encode(value);
  return `=?base64?${btoa(String.fromCharCode(...bytes))}?=`;
}

/** The headers Mcp-Param-* that a tool's schema asks for with x-mcp-header. */
export function mirrored(tool: Tool, args: JsonObject): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, property] of Object.entries(tool.inputSchema.properties ?? {})) {
    const header = property['x-mcp-header'];
    const value = args[name];
    if (header && value !== undefined && value !== null && typeof value !== 'object') headers[`Mcp-Param-${header}`] = encodeHeader(String(value));
  }
  return headers;
}
