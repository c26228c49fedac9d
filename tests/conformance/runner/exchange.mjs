// One HTTP exchange with the server: a request, and the messages of its answer as they come.

import http from 'node:http';

/// Threading: none; Node.js runs it all on one thread.
/// Life:      until `close()`, or the end of the answer.
export class Exchange {
  constructor(url, { method, headers, body, onMessage }) {
    this.method = method;
    this.status = undefined;
    this.contentType = '';
    this.headers = {};
    this.lastEventId = undefined;
    this.retryMs = undefined;
    this.events = [];
    this.ended = false;
    this.text = '';
    this._onMessage = onMessage ?? (() => {});
    this._messages = [];
    this._waiters = [];
    this._request = http.request(url, { method, headers, agent: false }, (response) => this._answered(response));
    this._request.on('error', (error) => this._end(error));
    this._request.end(body);
  }

  /// Resolves when `ready()` is true; rejects when it has not become so within `limitMs`.
  async until(ready, what, limitMs = 10000) {
    const deadline = Date.now() + limitMs;
    while (!ready()) {
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`${what}: nothing within ${limitMs / 1000} s`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this._waiters.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  async headersArrived() {
    await this.until(() => this.status !== undefined || this.ended, `the status of ${this.method}`);
    if (this.status === undefined) throw new Error(`no answer to ${this.method}: ${this.error?.message}`);
  }

  /// The next message of the answer; undefined if it has ended without one.
  async next() {
    await this.until(() => this._messages.length > 0 || this.ended, `the next message of the answer to ${this.method}`);
    return this._messages.shift();
  }

  async end() {
    await this.until(() => this.ended, `the end of the answer to ${this.method}`);
  }

  surplus() {
    return this._messages;
  }

  close() {
    this._closed = true;
    this._request.destroy();
    this._end();
  }

  _answered(response) {
    this.status = response.statusCode;
    this.headers = response.headers;
    this.contentType = (response.headers['content-type'] ?? '').split(';')[0].trim();
    response.setEncoding('utf8');
    const streaming = this.contentType === 'text/event-stream';
    const parser = new EventParser((event) => this._event(event));
    response.on('data', (chunk) => {
      this.text += chunk;
      if (streaming) parser.feed(chunk);
    });
    response.on('end', () => {
      if (!streaming && this.contentType === 'application/json' && this.text !== '') this._json(this.text);
      this._end();
    });
    response.on('error', (error) => this._end(error));
    this._wake();
  }

  _event(event) {
    this.events.push(event);
    if (event.id !== undefined) this.lastEventId = event.id;
    if (event.retry !== undefined) this.retryMs = event.retry;
    if (event.type !== 'message') {
      this._wake();
      return;
    }
    if (event.data) this._json(event.data);
    else this._wake();
  }

  _json(text) {
    let message;
    try {
      message = JSON.parse(text);
    } catch (error) {
      this.fault = `not JSON (${error.message}): ${text}`;
      this._wake();
      return;
    }
    this._onMessage(message);
    this._messages.push(message);
    this._wake();
  }

  _end(error) {
    if (this.ended) return;
    this.ended = true;
    if (!this._closed) this.error = error;
    this._wake();
  }

  _wake() {
    for (const waiter of this._waiters.splice(0)) waiter();
  }
}

/// Server-sent events as the HTML standard has them, from pieces of text.
class EventParser {
  constructor(onEvent) {
    this._onEvent = onEvent;
    this._rest = '';
    this._reset();
  }

  feed(text) {
    this._rest += text;
    let position;
    while ((position = this._rest.search(/\r\n|\n|\r(?=[\s\S])/)) >= 0) {
      const line = this._rest.slice(0, position);
      this._rest = this._rest.slice(position + (this._rest.startsWith('\r\n', position) ? 2 : 1));
      this._line(line);
    }
  }

  _line(line) {
    if (line === '') {
      if (this._data.length > 0 || this._id !== undefined || this._retry !== undefined) {
        this._onEvent({ id: this._id, type: this._type || 'message', data: this._data.join('\n'), retry: this._retry });
      }
      this._reset();
      return;
    }
    if (line.startsWith(':')) return;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') this._data.push(value);
    else if (field === 'id') this._id = value;
    else if (field === 'event') this._type = value;
    else if (field === 'retry') this._retry = Number(value);
  }

  _reset() {
    this._data = [];
    this._id = undefined;
    this._type = '';
    this._retry = undefined;
  }
}
