// A client of one revision, as far as a transcript does not say otherwise: the handshake, the headers, `_meta`.

import { Exchange } from './exchange.mjs';

export const MODERN = '2026-07-28';
const CLIENT_INFO = { name: 'tenon-transcripts', version: '1.0.0' };
const NAMED_BY = { 'tools/call': 'name', 'prompts/get': 'name', 'resources/read': 'uri', 'tasks/get': 'taskId',
  'tasks/update': 'taskId', 'tasks/cancel': 'taskId' };

/// Shape: `observe(direction, message, methodOf, checked)` sees every message, direction "sent" or "received"; `methodOf(id)`
///        is the method of the request that a response with this id answers, `checked` what to hold against the schema
///        in the message's place.
export class Client {
  constructor({ base, revision, capabilities, transport, observe }) {
    this.base = base;
    this.revision = revision;
    this.capabilities = capabilities;
    this.transport = transport;
    this.session = undefined;
    this.negotiated = undefined;
    this.stream = undefined; // the GET stream, or the SSE connection
    this.exchanges = [];
    this._observe = observe;
    // Each side numbers its own requests, so the same id may be out in both directions.
    this._methods = { sent: new Map(), received: new Map() };
    this._sessions = new Set();
  }

  get modern() {
    return this.revision === MODERN;
  }

  /// Brings the connection to where requests may be sent.
  async open({ handshake }) {
    if (this.transport === 'sse') {
      this.stream = this._start('GET', '/sse', { Accept: 'text/event-stream' });
      await this.stream.until(() => this.stream.events.some((event) => event.type === 'endpoint') || this.stream.ended,
        'the endpoint event');
      const first = this.stream.events[0];
      if (first?.type !== 'endpoint') throw new Error(`the first event is no "endpoint": ${JSON.stringify(first)}`);
      this.endpoint = new URL(first.data, this.base + '/sse');
      if (this.endpoint.origin !== new URL(this.base).origin) throw new Error(`endpoint elsewhere: ${first.data}`);
    }
    if (this.modern || !handshake) return;
    const initialize = { jsonrpc: '2.0', id: 'handshake', method: 'initialize', params: {
      protocolVersion: this.revision, capabilities: this.capabilities, clientInfo: CLIENT_INFO } };
    const answer = this.send(initialize, {});
    const message = await this.next(answer);
    if (message?.result?.protocolVersion !== this.revision) {
      throw new Error(`initialize was answered by ${JSON.stringify(message)}`);
    }
    await this.finished(answer);
    const initialized = this.send({ jsonrpc: '2.0', method: 'notifications/initialized' }, {});
    await initialized.headersArrived();
    if (initialized.status !== 202) throw new Error(`notifications/initialized: status ${initialized.status}, not 202`);
    this.exchanges.length = 0;
  }

  /// Posts a message (an object, an array for a batch) or, with `raw`, a body as it stands.
  send(message, headers, { raw, deliberate } = {}) {
    const outgoing = this.modern && message !== undefined && !Array.isArray(message) && message.method !== undefined
      ? withMeta(message, this.capabilities) : message;
    const method = outgoing?.method;
    const standard = {
      'Content-Type': 'application/json',
      Accept: 'application/json, text/event-stream',
      // A handshake begins a session of its own.
      ...(method === 'initialize' && !this.modern ? {} : { ...this._sessionHeader(), ...this._revisionHeaders(outgoing) })
    };
    this._remember('sent', outgoing);
    if (outgoing !== undefined && !deliberate) this._observe('sent', outgoing, this._methodsOf('received'));
    // A deliberately wrong message goes out as it was written, but for what the runner adds to any message.
    const body = raw !== undefined && outgoing === message ? raw : JSON.stringify(outgoing);
    const exchange = this._start('POST', undefined, merge(standard, headers), body);
    exchange.request = Array.isArray(outgoing) ? outgoing.find((item) => item?.id !== undefined) : outgoing;
    exchange.expectsMessages = method !== undefined && outgoing.id !== undefined || Array.isArray(outgoing) || deliberate;
    exchange.mayLackId = deliberate;
    this.exchanges.push(exchange);
    if (method === 'initialize') exchange.initialize = true;
    return exchange;
  }

  /// GET, DELETE and other verbs without a body, on `path` or the MCP endpoint.
  verb(verb, path, headers) {
    const standard = {
      ...(verb === 'GET' ? { Accept: 'text/event-stream' } : {}),
      ...this._sessionHeader(),
      ...this._revisionHeaders(undefined)
    };
    const exchange = this._start(verb, path || undefined, merge(standard, headers));
    if (verb === 'GET') this.stream = exchange;
    exchange.verb = true;
    this.exchanges.push(exchange);
    return exchange;
  }

  /// The next message of an exchange, wherever its transport brings it.
  async next(exchange) {
    const message = await (this.transport === 'sse' ? this.stream : exchange).next();
    if (exchange.initialize && message?.result) this._initialized(exchange, message.result);
    if (message !== undefined && 'id' in message && !('method' in message)) exchange.answered = true;
    return message;
  }

  async finished(exchange) {
    if (this.transport === 'sse') await exchange.headersArrived();
    else await exchange.end();
  }

  async close() {
    for (const exchange of this.exchanges) exchange.close();
    this.stream?.close();
    for (const session of this._sessions) {
      const farewell = this._start('DELETE', undefined, { 'Mcp-Session-Id': session, ...this._revisionHeaders() });
      await farewell.end().catch(() => {});
    }
  }

  _initialized(exchange, result) {
    this.negotiated = result.protocolVersion;
    this.session = exchange.headers['mcp-session-id'] ?? this.session;
    if (this.session !== undefined) this._sessions.add(this.session);
  }

  _sessionHeader() {
    return this.session !== undefined ? { 'Mcp-Session-Id': this.session } : {};
  }

  _revisionHeaders(message) {
    if (!this.modern) {
      return this.negotiated !== undefined && this.negotiated >= '2025-06-18'
        ? { 'MCP-Protocol-Version': this.negotiated } : {};
    }
    const name = message?.params?.[NAMED_BY[message?.method]];
    return {
      'MCP-Protocol-Version': MODERN,
      ...(message?.method !== undefined ? { 'Mcp-Method': String(message.method) } : {}),
      ...(typeof name === 'string' ? { 'Mcp-Name': name } : {})
    };
  }

  _start(method, path, headers, body) {
    const url = path !== undefined ? new URL(path, this.base)
      : this.transport === 'sse' && method === 'POST' ? this.endpoint : new URL('/mcp', this.base);
    const exchange = new Exchange(url, { method, headers, body, onMessage: (message) => {
      this._remember('received', message);
      this._observe('received', message, this._methodsOf('sent'),
        exchange.mayLackId || exchange.status >= 400 ? withIds(message) : message);
    } });
    return exchange;
  }

  _remember(direction, message) {
    for (const item of [message].flat()) {
      if (item?.method !== undefined && item?.id !== undefined) this._methods[direction].set(item.id, item.method);
    }
  }

  /// The method of the request with that id, of the requests that went in `direction`.
  _methodsOf(direction) {
    return (id) => this._methods[direction].get(id);
  }
}

/// What the transport allows as the answer to something unreadable is "a JSON-RPC error response that has no id". The
/// schemas before 2025-11-25 have no such thing: to check the rest, it gets one.
function withIds(message) {
  if (Array.isArray(message)) return message.map(withIds);
  return message?.error !== undefined && !('id' in message) ? { ...message, id: 0 } : message;
}

/// `headers` over `standard`, names compared without regard to case; an empty value leaves the header out.
function merge(standard, headers) {
  const result = { ...standard };
  for (const [name, value] of Object.entries(headers)) {
    for (const existing of Object.keys(result)) {
      if (existing.toLowerCase() === name.toLowerCase()) delete result[existing];
    }
    if (value !== '') result[name] = value;
  }
  return result;
}

function withMeta(message, capabilities) {
  const { _meta: own, ...params } = message.params ?? {};
  if (own === '<none>') return { ...message, params };
  const meta = {
    'io.modelcontextprotocol/protocolVersion': MODERN,
    'io.modelcontextprotocol/clientInfo': CLIENT_INFO,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    ...own
  };
  for (const [name, value] of Object.entries(meta)) if (value === '<none>') delete meta[name];
  return { ...message, params: { ...params, _meta: meta } };
}
