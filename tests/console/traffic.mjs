// Traffic from a process of its own, so that who drives the browser is not held up by it.
//
//   traffic.mjs calls URL PER_SECOND        calls of a tool, at a steady pace
//   traffic.mjs sessions URL COUNT          sessions that stay
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const AT_A_TIME = 16;
const [what, url, ...rest] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME });

const ask = (target, method, headers, body) => new Promise((resolve, reject) => {
    const sent = request(target, { method, agent, headers }, (answer) => {
        answer.resume();
        answer.on('end', () => (answer.statusCode < 400 ? resolve() : reject(new Error(`${target}: ${answer.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(body);
});
const post = (message, more) => ask(url, 'POST', { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...more }, JSON.stringify(message));

const CALL = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'many_7', arguments: {}, _meta: { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {} } } };
const CALL_HEADERS = { 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': 'tools/call', 'Mcp-Name': 'many_7' };

async function calls(perSecond) {
    const began = performance.now();
    for (let sent = 0; ; await pause(20)) {
        for (const due = (performance.now() - began) / 1000 * perSecond; sent < due; ++sent) void post(CALL, CALL_HEADERS);
    }
}

async function sessions(count) {
    const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'many', version: '1' } } };
    for (let made = 0; made < count; made += AT_A_TIME) await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count - made) }, () => post(initialize, {})));
}

await { calls: () => calls(Number(rest[0])), sessions: () => sessions(Number(rest[0])) }[what]();
process.exit(0);
