// One client's conversation with the server: of 2026-07-28 without a session, or of an older revision with one.
import assert from 'node:assert/strict';
import { answerOf, deadline, PATIENCE_MS, sleep } from './server.mjs';

const MODERN = '2026-07-28';
const ABILITIES = { elicitation: { form: {}, url: {} } };
const TASKS = { ...ABILITIES, extensions: { 'io.modelcontextprotocol/tasks': {} } };

/** What a client says to a question: a result, or an error if it throws. */
function sayTo(answer, id) {
    const message = { jsonrpc: '2.0', id };
    return JSON.stringify('error' in Object(answer) ? { ...message, error: answer.error } : { ...message, result: answer });
}

export class Conversation {
    constructor(over, server) {
        this.over = over;
        this.server = server;
        this.id = 0;
        this.streams = {}; // by name: what came on it, and whether it is open
        this.begun = {}; // by name: calls whose answers are still to come
    }

    // ---- 2026-07-28

    async request(method, params, capabilities = {}) {
        const _meta = { 'io.modelcontextprotocol/protocolVersion': MODERN, 'io.modelcontextprotocol/clientCapabilities': capabilities };
        const message = JSON.stringify({ jsonrpc: '2.0', id: ++this.id, method, params: { ...params, _meta } });
        const headers = { 'MCP-Protocol-Version': MODERN, 'Mcp-Method': method };
        const name = params.name ?? params.uri ?? params.taskId;
        if (name) headers['Mcp-Name'] = /^[\x20-\x7e]*$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;
        return this.bytes(Buffer.from(message), headers);
    }

    async bytes(body, headers = { 'MCP-Protocol-Version': '2025-11-25' }) {
        this.server.told.length = 0;
        if (this.over === 'stdio') return { text: await deadline(this.server.line(body), 'answer'), stream: this.server.told.join('\n') };
        const answer = await deadline(this.server.request('POST', '/mcp', { 'Content-Type': 'application/json',
            Accept: 'application/json, text/event-stream', ...headers, 'Content-Length': body.length }, body), 'answer');
        return { ...answer, text: answerOf(answer.text), stream: answer.text };
    }

    /** A call that may ask: its questions are answered from `answers`, the last of them again and again. */
    async ask(params, answers, asked, afterMs) {
        let more = {};
        for (;;) {
            const answer = await this.request('tools/call', { ...params, ...more }, ABILITIES);
            const { result } = JSON.parse(answer.text);
            if (result?.resultType !== 'input_required') return answer;
            assert.ok(asked.length < 50, `asked ${asked.length} times`);
            await sleep(afterMs);
            const inputResponses = {};
            for (const [key, question] of Object.entries(result.inputRequests)) {
                inputResponses[key] = answers[Math.min(asked.length, answers.length - 1)];
                asked.push(question.params.message);
            }
            more = { requestState: result.requestState, inputResponses };
        }
    }

    /** The same as a task: its questions are answered, or not if there are no answers, until it has ended. */
    async askInTask(params, answers, asked) {
        const begun = JSON.parse((await this.request('tools/call', params, TASKS)).text);
        assert.equal(begun.result?.resultType, 'task', JSON.stringify(begun));
        const { taskId } = begun.result;
        for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(20)) {
            const answer = await this.request('tasks/get', { taskId }, TASKS);
            const { result } = JSON.parse(answer.text);
            if (!['working', 'input_required'].includes(result?.status)) return answer;
            const inputResponses = {};
            for (const [key, question] of Object.entries(result.inputRequests ?? {}))
                if (answers.length) {
                    inputResponses[key] = answers[Math.min(asked.length, answers.length - 1)];
                    asked.push(question.params.message);
                }
            assert.ok(asked.length < 50, `asked ${asked.length} times`);
            if (Object.keys(inputResponses).length) await this.request('tasks/update', { taskId, inputResponses }, TASKS);
        }
        throw new Error(`the task did not end within ${PATIENCE_MS} ms`);
    }

    // ---- older revisions

    get sessionHeaders() {
        return { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream',
            'MCP-Protocol-Version': this.revision, ...(this.session && { 'Mcp-Session-Id': this.session }) };
    }

    async open(revision) {
        if (this.revision === revision) return;
        this.revision = revision;
        const { status, headers } = await this.#post({ jsonrpc: '2.0', id: ++this.id, method: 'initialize', params:
            { protocolVersion: revision, capabilities: { elicitation: {} }, clientInfo: { name: 'field', version: '1' } } });
        if (this.over === 'http') assert.equal(status, 200);
        this.session = headers?.['mcp-session-id'];
        await this.#tell({ jsonrpc: '2.0', method: 'notifications/initialized' });
    }

    #post(message, onEvent = undefined) {
        const body = JSON.stringify(message);
        if (this.over === 'stdio') return deadline(this.server.line(body).then((text) => ({ text })), 'answer');
        return deadline(this.server.request('POST', '/mcp', this.sessionHeaders, body, onEvent)
            .then((answer) => ({ ...answer, text: answerOf(answer.text) })), 'answer');
    }

    /** What has no answer. */
    #tell(message) {
        const body = typeof message === 'string' ? message : JSON.stringify(message);
        if (this.over === 'stdio') return this.server.write(body);
        return this.server.request('POST', '/mcp', this.sessionHeaders, body);
    }

    /** A request in the session; what the server asks meanwhile is answered from `answers`, if there are any. */
    async inSession(revision, method, params, answers = [], asked = []) {
        await this.open(revision);
        const onMessage = (message) => {
            if (message.method !== 'elicitation/create') return;
            asked.push(message.params.message);
            if (answers.length && asked.length < 50)
                this.#tell(sayTo(answers[Math.min(asked.length, answers.length) - 1], message.id));
        };
        this.server.asks = onMessage;
        return this.#post({ jsonrpc: '2.0', id: ++this.id, method, params }, onMessage);
    }

    /** A stream of the session, under a name of the case. */
    async listen(revision, name) {
        await this.open(revision);
        const stream = (this.streams[name] = { messages: [], open: true });
        const onEvent = (message) => stream.messages.push(message);
        stream.ended = this.server.request('GET', '/mcp', { ...this.sessionHeaders, Accept: 'text/event-stream' }, undefined, onEvent)
            .catch(() => {}).finally(() => (stream.open = false));
        stream.close = () => onEvent.destroy();
        await sleep(300); // the head of a stream comes with its first event
        assert.ok(stream.open, `the stream ${name} ended at once`);
    }

    // ---- the profile `backlog` of HTTP+SSE

    /** Calls a tool; gives the text of its stream up to the result. */
    async wrapped(tool) {
        const base = `http://127.0.0.1:${this.server.port}/mcp/sse`;
        const gone = new AbortController();
        const response = await fetch(base, { headers: { Accept: 'text/event-stream' }, signal: gone.signal });
        let text = '';
        const upTo = async (expression, what) => {
            const decoder = new TextDecoder();
            for await (const bytes of response.body.values({ preventCancel: true })) {
                text += decoder.decode(bytes, { stream: true });
                if (expression.test(text)) return expression.exec(text);
            }
            throw new Error(`the stream ended before its ${what}: ${text}`);
        };
        const [, connectionId] = await deadline(upTo(/"connectionId":"([^"]+)"/, 'welcome'), 'welcome');
        const message = { id: 1, method: 'tools/call', params: { name: tool, arguments: {} } };
        await fetch(`${base}/send`, { method: 'POST', headers: { 'Content-Type': 'application/json' },
            body: JSON.stringify({ connectionId, message }) });
        await deadline(upTo(/event: tool-result[^]*?\n\n/, 'result'), 'result').finally(() => gone.abort());
        return text;
    }

    leave() {
        for (const stream of Object.values(this.streams)) stream.close?.();
    }
}
