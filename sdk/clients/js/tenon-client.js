/**
 * A client of the Model Context Protocol without a library: one file for browsers and Node.js 18 and later.
 *
 *     import { McpClient } from './tenon-client.js';
 *
 *     const client = new McpClient('http://127.0.0.1:8080/mcp', { token: 'secret' });
 *     await client.connect();
 *     console.log(await client.callTool('clock_now', { zone: 'Europe/Berlin' }));
 *     await client.close();
 *
 * It speaks Streamable HTTP of revision 2025-11-25: requests, progress, notifications, cancellation. What a server may ask a
 * client (elicitation, sampling, roots) it does not offer.
 */
const REVISION = '2025-11-25';

/** The server answered with an error of JSON-RPC, or of HTTP; `code` is its number. */
export class McpError extends Error {
    constructor(code, message, data) {
        super(message);
        this.name = 'McpError';
        this.code = code;
        this.data = data;
    }
}

/** The data of each event in a body, as it comes. Comments, ids and names of events are left out. */
async function* eventsOf(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    try {
        let text = '';
        for (let part; !(part = await reader.read()).done; ) {
            text += part.value;
            for (let end; (end = /\r?\n\r?\n/.exec(text)); text = text.slice(end.index + end[0].length)) {
                const lines = text.slice(0, end.index).split(/\r?\n/).filter((line) => line.startsWith('data:'));
                const data = lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
                if (data) yield data;
            }
        }
    } finally {
        await reader.cancel().catch(() => {});
    }
}

export class McpClient {
    #url;
    #token;
    #session;
    #lastId = 0;
    #listening;
    #progress = new Map();

    /** Called with (method, params) of every notification but progress. */
    onNotification = () => {};

    /** `token` is sent as a bearer token; `name` is what the server's log calls this client. */
    constructor(url, { token, name = 'tenon-client-js' } = {}) {
        this.#url = url;
        this.#token = token;
        this.name = name;
    }

    /** Opens a session. What the server said of itself: `serverInfo`, `capabilities`, `instructions`. */
    async connect() {
        const result = await this.request('initialize', {
            protocolVersion: REVISION,
            capabilities: {},
            clientInfo: { name: this.name, version: '1.0.0' }
        });
        await this.#post({ jsonrpc: '2.0', method: 'notifications/initialized' });
        return result;
    }

    /** All tools, page by page. */
    async listTools() {
        const tools = [];
        let cursor;
        do {
            const page = await this.request('tools/list', cursor ? { cursor } : {});
            tools.push(...page.tools);
            cursor = page.nextCursor;
        } while (cursor);
        return tools;
    }

    /**
     * The result of a tool. One with `isError` is a result as well: its text says what to do better.
     * `onProgress` gets {progress, total, message}; `signal` cancels the call.
     */
    callTool(name, args = {}, { onProgress, signal } = {}) {
        return this.request('tools/call', { name, arguments: args }, { onProgress, signal });
    }

    readResource(uri) {
        return this.request('resources/read', { uri });
    }

    /** Any request. Throws McpError, or what `fetch` throws. */
    async request(method, params = {}, { onProgress, signal } = {}) {
        const id = ++this.#lastId;
        if (onProgress) {
            this.#progress.set(id, onProgress);
            params = { ...params, _meta: { ...params._meta, progressToken: id } };
        }
        const cancel = () =>
            this.#post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }).catch(() => {});
        signal?.addEventListener('abort', cancel, { once: true });
        try {
            const response = await this.#post({ jsonrpc: '2.0', id, method, params }, signal);
            this.#session ??= response.headers.get('Mcp-Session-Id') ?? undefined;
            for await (const message of this.#messagesOf(response)) {
                if (message.id !== id) this.#hear(message);
                else if (message.error) throw new McpError(message.error.code, message.error.message, message.error.data);
                else return message.result;
            }
            throw new McpError(0, 'The connection ended before the answer came.');
        } finally {
            this.#progress.delete(id);
            signal?.removeEventListener('abort', cancel);
        }
    }

    /** Hears notifications that belong to no request, until `close`. */
    listen() {
        this.#listening = new AbortController();
        const { signal } = this.#listening;
        const run = async () => {
            const response = await fetch(this.#url, { headers: this.#headers({ Accept: 'text/event-stream' }), signal });
            if (!response.ok) throw new McpError(response.status, `The server answers ${response.status} to GET.`);
            for await (const data of eventsOf(response.body)) this.#hear(JSON.parse(data));
        };
        return run().catch((error) => {
            if (!signal.aborted) throw error;
        });
    }

    /** Ends the session. */
    async close() {
        this.#listening?.abort();
        if (this.#session) await fetch(this.#url, { method: 'DELETE', headers: this.#headers() });
        this.#session = undefined;
    }

    #headers(more = {}) {
        const headers = { ...more };
        if (this.#token) headers.Authorization = `Bearer ${this.#token}`;
        if (this.#session) Object.assign(headers, { 'Mcp-Session-Id': this.#session, 'MCP-Protocol-Version': REVISION });
        return headers;
    }

    async #post(message, signal) {
        const headers = this.#headers({
            'Content-Type': 'application/json',
            Accept: 'application/json, text/event-stream'
        });
        const response = await fetch(this.#url, { method: 'POST', headers, body: JSON.stringify(message), signal });
        if (response.ok) return response;
        const error = await response.json().then((body) => body.error, () => undefined);
        throw new McpError(error?.code ?? response.status, error?.message ?? `HTTP ${response.status}`, error?.data);
    }

    async *#messagesOf(response) {
        if (!response.headers.get('Content-Type')?.startsWith('text/event-stream')) yield await response.json();
        else for await (const data of eventsOf(response.body)) yield JSON.parse(data);
    }

    #hear(message) {
        if (message.method === 'notifications/progress') this.#progress.get(message.params.progressToken)?.(message.params);
        else if (message.method && message.id === undefined) this.onNotification(message.method, message.params);
    }
}
