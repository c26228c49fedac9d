// The view of a tool (extension io.modelcontextprotocol/ui): HTML from the server in a frame without origin (frame.html), with
// which the page speaks JSON-RPC by postMessage.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Session } from '../session';
import { CallToolResult, JsonObject, ResourceContents, Tool } from '../mcp/types';
import { Fault } from './Parts';

/** The URI of a tool's view, if it has one. */
export function viewOf(tool: Tool): string | undefined {
  const ui = tool._meta?.ui as JsonObject | undefined;
  const uri = ui?.resourceUri ?? tool._meta?.['ui/resourceUri'];
  return typeof uri === 'string' && uri.startsWith('ui://') ? uri : undefined;
}

const HEIGHT = 420;

export function AppView({ uri, tool, args, result, session }: { uri: string; tool: Tool; args: JsonObject; result: CallToolResult; session: Session }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [html, setHtml] = useState<string>();
  const [fault, setFault] = useState('');
  const [height, setHeight] = useState(HEIGHT);
  useEffect(() => {
    session.modern.request('resources/read', { uri }).then((read: { contents: ResourceContents[] }) => setHtml(read.contents[0]?.text ?? ''), (error: Error) => setFault(error.message));
  }, [uri]);
  useEffect(() => {
    const say = (message: object) => frame.current?.contentWindow?.postMessage({ jsonrpc: '2.0', ...message }, '*');
    const received = (event: MessageEvent) => {
      if (event.source !== frame.current?.contentWindow) return;
      if (event.data?.ready) frame.current?.contentWindow?.postMessage({ html }, '*');
      if (event.data?.jsonrpc !== '2.0') return;
      const { id, method, params } = event.data;
      const reply = (promise: Promise<unknown>) => promise.then((value) => say({ id, result: value ?? {} }), (error: Error) => say({ id, error: { code: -32603, message: error.message } }));
      switch (method) {
        case 'ui/initialize':
          void reply(Promise.resolve({
            protocolVersion: params?.protocolVersion ?? '2026-01-26', hostInfo: { name: 'tenon-console', version: '1' },
            hostCapabilities: { serverTools: {}, serverResources: {}, logging: {} },
            hostContext: { theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light', displayMode: 'inline', toolInfo: { tool } }
          }));
          break;
        case 'ui/notifications/initialized':
          say({ method: 'ui/notifications/tool-input', params: { arguments: args } });
          say({ method: 'ui/notifications/tool-result', params: result });
          break;
        case 'ui/notifications/size-changed':
          if (typeof params?.height === 'number') setHeight(Math.min(Math.max(params.height, 60), 1200));
          break;
        case 'tools/call': void reply(session.modern.withInput('tools/call', params, {})); break;
        case 'resources/read': void reply(session.modern.request('resources/read', params)); break;
        case 'ping': void reply(Promise.resolve({})); break;
        default: if (id !== undefined) say({ id, error: { code: -32601, message: `the console does not do ${method}` } });
      }
    };
    addEventListener('message', received);
    return () => removeEventListener('message', received);
  }, [html]);
  return <section><h4>View</h4><Fault text={fault} />
    {html !== undefined ? <iframe ref={frame} class="app" title={`View of ${tool.name}`} sandbox="allow-scripts" src="./frame.html" style={{ height: `${height}px` }} /> : null}</section>;
}
