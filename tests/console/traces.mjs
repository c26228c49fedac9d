// Traces as a collector gets them: a receiver that holds every body against OTLP's JSON mapping, and against the schema that
// OpenTelemetry's own exporter is made from. No collector itself is to be had from Debian or npm.
//
//   traces.mjs TENON PLUGINS CONFORMANCE-PLUGINS SHOWCASE-PLUGINS …
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { load } from '../clients/modules.mjs';
import { makeWorkspace, settingsFor, startServer } from '../clients/server.mjs';

const [binary, plugins, , showcase] = process.argv.slice(2);
const spans = [];
const faults = [];
let headers;

const HEX = (digits) => (value) => typeof value === 'string' && new RegExp(`^[0-9a-f]{${digits}}$`).test(value) && !/^0+$/.test(value);
const text = (value) => typeof value === 'string';
const nanoseconds = (value) => text(value) && /^[0-9]{19}$/.test(value); // 64 bits: a string
const among = (...values) => (value) => values.includes(value);
const list = (shape) => (value, at) => Array.isArray(value) && value.every((item, i) => fits(item, shape, `${at}[${i}]`));
const VALUE = { stringValue: [text], boolValue: [(value) => typeof value === 'boolean'], intValue: [(value) => text(value) && /^-?\d+$/.test(value)], doubleValue: [(value) => typeof value === 'number'] };
const ATTRIBUTE = { key: [text, true], value: [(value, at) => fits(value, VALUE, at) && Object.keys(value).length === 1, true] };
const SPAN = {
    traceId: [HEX(32), true], spanId: [HEX(16), true], parentSpanId: [HEX(16)], traceState: [text], flags: [Number.isInteger], name: [(value) => text(value) && value !== '', true],
    kind: [among(0, 1, 2, 3, 4, 5), true], startTimeUnixNano: [nanoseconds, true], endTimeUnixNano: [nanoseconds, true], attributes: [list(ATTRIBUTE)],
    status: [(value, at) => fits(value, { code: [among(0, 1, 2)], message: [text] }, at)]
};
const SCOPE = { name: [text, true], version: [text] };
const REQUEST = { resourceSpans: [list({
    resource: [(value, at) => fits(value, { attributes: [list(ATTRIBUTE), true] }, at), true],
    scopeSpans: [list({ scope: [(value, at) => fits(value, SCOPE, at), true], spans: [list(SPAN), true] }), true]
}), true] };

/** Whether an object has the members of a shape and no others: a receiver that knows the schema takes nothing else. */
function fits(value, shape, at) {
    if (typeof value !== 'object' || value === null) return faults.push(`${at} is no object`) === 0;
    for (const [name, [check, required]] of Object.entries(shape)) {
        if (value[name] === undefined ? required : !check(value[name], `${at}.${name}`)) faults.push(`${at}.${name}: ${JSON.stringify(value[name])}`);
    }
    for (const name of Object.keys(value)) if (!shape[name]) faults.push(`${at} has the member ${name}`);
    return true;
}

const { ExportTraceServiceRequest } = load('@opentelemetry/otlp-transformer/build/src/generated/root').opentelemetry.proto.collector.trace.v1;
const recoded = (from, to) => (name, value) => (['traceId', 'spanId', 'parentSpanId'].includes(name) ? Buffer.from(value, from).toString(to) : value);

/** A body, written as protobuf by the schema and read again: what the schema has no place for does not come back. */
function throughSchema(body) {
    const message = ExportTraceServiceRequest.fromObject(JSON.parse(body, recoded('hex', 'base64'))); // ids are hexadecimal in OTLP alone
    const again = ExportTraceServiceRequest.toObject(ExportTraceServiceRequest.decode(ExportTraceServiceRequest.encode(message).finish()), { longs: String, bytes: String });
    return JSON.parse(JSON.stringify(again), recoded('base64', 'hex'));
}

let status = 200;
const receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => { body += chunk; });
    request.on('end', () => {
        if (status === 200) {
            headers = request.headers;
            if (request.method !== 'POST' || request.url !== '/v1/traces') faults.push(`${request.method} ${request.url}`);
            const parsed = JSON.parse(body);
            fits(parsed, REQUEST, 'body');
            try { assert.deepEqual(throughSchema(body), parsed); } catch (error) { faults.push(error.message); }
            spans.push(...parsed.resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
        }
        response.writeHead(status, { 'Content-Type': 'application/json' }).end('{}');
    });
});
await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve));

const workspace = await makeWorkspace();
const collector = `--telemetry.otlp=http://127.0.0.1:${receiver.address().port}/v1/traces`;
const server = await startServer(binary, [...settingsFor(`${plugins},${showcase}`, workspace), '--plugin.showcase.isolation=process', collector, '--telemetry.headers=X-Scope-OrgID: house',
    `--upstream.behind.command=${binary} --stdio --plugins.directory=${plugins} ${collector} --telemetry.headers=X-Scope-OrgID:house`, '--upstream.behind.prefix=behind_']);
const META = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} };
async function ask(method, params = {}, more = {}, meta = {}) {
    const name = params.name ?? params.uri;
    const answer = await fetch(server.mcpUrl, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method, ...(name ? { 'Mcp-Name': name } : {}), ...more },
        body: JSON.stringify({ jsonrpc: '2.0', id: 'a-1', method, params: { ...params, _meta: { ...META, ...meta } } })
    });
    return answer.json();
}
const waitFor = async (what, found) => {
    for (let i = 0; i < 200; ++i) {
        const span = found();
        if (span) return span;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no span ${what} in ${JSON.stringify(spans, null, 1)}`);
};
const of = (span) => Object.fromEntries(span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
const named = (name, kind = 2) => waitFor(name, () => spans.find((span) => span.name === name && span.kind === kind));
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

// The parent stands in _meta, which wins over the header.
await ask('tools/call', { name: 'show_form', arguments: { name: 'Ada', level: 1, size: 3 } }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
    { traceparent: `00-${TRACE}-00f067aa0ba902b7-01`, tracestate: 'one=1' });
const call = await named('tools/call show_form');
assert.equal(call.traceId, TRACE);
assert.equal(call.parentSpanId, '00f067aa0ba902b7');
assert.equal(call.traceState, 'one=1');
const attributes = of(call);
assert.equal(attributes['mcp.method.name'], 'tools/call');
assert.equal(attributes['gen_ai.tool.name'], 'show_form');
assert.equal(attributes['gen_ai.operation.name'], 'execute_tool');
assert.equal(attributes['mcp.protocol.version'], '2026-07-28');
assert.equal(attributes['jsonrpc.request.id'], 'a-1');
assert.equal(attributes['network.transport'], 'tcp');
assert.equal(attributes['client.address'], '127.0.0.1');
assert.equal(attributes['error.type'], undefined);
assert.equal(call.status, undefined);

// The worker is a child of the request.
const worker = await waitFor('of the worker', () => spans.find((span) => span.parentSpanId === call.spanId));
assert.equal(worker.kind, 3);
assert.equal(worker.traceId, TRACE);
assert.equal(of(worker)['tenon.plugin.name'], 'showcase');
assert.ok(BigInt(worker.startTimeUnixNano) >= BigInt(call.startTimeUnixNano) && BigInt(worker.endTimeUnixNano) <= BigInt(call.endTimeUnixNano));

// A server behind this one goes on with the trace: its request is a child of the call that was made of it.
await ask('tools/call', { name: 'behind_clock_now', arguments: {} }, {}, { traceparent: `00-${'e'.repeat(32)}-${'f'.repeat(16)}-01` });
const front = await named('tools/call behind_clock_now');
const between = await waitFor('of the server behind', () => spans.find((span) => span.parentSpanId === front.spanId));
assert.equal(between.kind, 3);
assert.equal(of(between)['tenon.plugin.name'], 'behind');
const behind = await waitFor('of the call there', () => spans.find((span) => span.parentSpanId === between.spanId));
assert.equal(behind.traceId, 'e'.repeat(32));
assert.equal(behind.name, 'tools/call clock_now');
assert.equal(of(behind)['network.transport'], 'pipe');

// A session begins within a trace, too, and says what was agreed on.
await fetch(server.mcpUrl, {
    method: 'POST', headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } } })
}).then((answer) => answer.text());
const begun = await waitFor('initialize', () => spans.find((span) => span.traceId === '1'.repeat(32)));
assert.equal(begun.name, 'initialize');
assert.equal(begun.parentSpanId, '2'.repeat(16));
assert.equal(of(begun)['mcp.protocol.version'], '2025-06-18');
assert.ok(of(begun)['mcp.session.id']);

// From the headers alone; errors of a tool and of the protocol; what is not sampled is not sent.
await ask('tools/call', { name: 'clock_now', arguments: { zone: 'No/Where' } }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
const failed = await waitFor('of what failed', () => spans.find((span) => span.traceId === 'a'.repeat(32) && span.kind === 2));
assert.equal(failed.parentSpanId, 'b'.repeat(16));
assert.equal(of(failed)['error.type'], 'tool_error');
assert.equal(failed.status.code, 2);
await ask('prompts/get', { name: 'nobody' });
const unknown = await named('prompts/get nobody');
assert.equal(of(unknown)['error.type'], '-32602');
assert.equal(of(unknown)['rpc.response.status_code'], '-32602');
assert.equal(of(unknown)['gen_ai.prompt.name'], 'nobody');
assert.equal(unknown.parentSpanId, undefined);
await ask('tools/list', {}, {}, { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00` });
await ask('resources/list');
await named('resources/list');
assert.ok(!spans.some((span) => span.traceId === 'c'.repeat(32)), 'the parent did not want it');
assert.equal(headers['x-scope-orgid'], 'house');
assert.equal(headers['content-type'], 'application/json');

// A collector that is away costs traces, and nobody waits for it.
status = 503;
const began = performance.now();
for (let i = 0; i < 50; ++i) await ask('tools/list');
assert.ok(performance.now() - began < 10_000);
const metrics = await waitFor('dropped', () => 1) && await (async () => {
    for (let i = 0; i < 100; ++i) {
        const found = await fetch(`${server.mcpUrl.origin}/metrics`).then((answer) => answer.text());
        if (/tenon_traces_dropped_total [1-9]/.test(found)) return found;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('nothing was counted as dropped');
})();
assert.match(metrics, /mcp_server_operation_duration_seconds_count\{gen_ai_tool_name="show_form",mcp_method_name="tools\/call"\} 1/);
assert.match(metrics, /mcp_server_operation_duration_seconds_count\{error_type="tool_error",gen_ai_tool_name="clock_now",mcp_method_name="tools\/call"\} 1/);

assert.deepEqual(faults, []);
await server.stop();
await workspace.remove();
receiver.close();
console.log(`${spans.length} spans, all as OTLP has them`);
