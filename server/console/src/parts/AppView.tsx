// The view of a tool (extension io.modelcontextprotocol/ui). The page is its host: it loads the sandbox (frame.html), hands it
// the view's document, and speaks JSON-RPC with the view by postMessage.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Session } from '../session';
import { CallToolResult, JsonObject, ResourceContents, Tool } from '../mcp/types';
import { Fault } from './Parts';

interface Ui { resourceUri?: string; visibility?: string[] }

function uiOf(tool: Tool): Ui {
  return (tool._meta?.ui ?? {}) as Ui;
}

/** The URI of a tool's view, if it has one. */
export function viewOf(tool: Tool): string | undefined {
  const uri = uiOf(tool).resourceUri ?? tool._meta?.['ui/resourceUri'];
  return typeof uri === 'string' && uri.startsWith('ui://') ? uri : undefined;
}

/** Whether a model, or a view, may call a tool. */
export function visibleTo(tool: Tool, whom: 'model' | 'app'): boolean {
  return uiOf(tool).visibility?.includes(whom) ?? true;
}

const FIRST_HEIGHT = 260;
const LAST_HEIGHT = 1200;
const REFUSED = -32000; // for a host to define
const VARIABLES: Record<string, string> = {
  '--color-background-primary': '--paper', '--color-background-secondary': '--raised', '--color-text-primary': '--ink', '--color-text-secondary': '--dim',
  '--color-border-primary': '--line', '--color-text-danger': '--bad', '--color-text-success': '--good', '--color-text-warning': '--warn'
};

class Refusal extends Error {}

export interface AppViewProps { uri: string; tool: Tool; tools: Tool[]; args: JsonObject; result?: CallToolResult; cancelled?: string; session: Session }

export function AppView({ uri, tool, tools, args, result, cancelled, session }: AppViewProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [contents, setContents] = useState<ResourceContents>();
  const [fault, setFault] = useState('');
  const [height, setHeight] = useState(FIRST_HEIGHT);
  const [ready, setReady] = useState(false);
  const [said, setSaid] = useState<string[]>([]);
  const [link, setLink] = useState<{ url: string; answer(open: boolean): void }>();
  const say = (message: object) => frame.current?.contentWindow?.postMessage({ jsonrpc: '2.0', ...message }, '*');
  const note = (line: string) => setSaid((old) => [...old.slice(-19), line]);

  useEffect(() => {
    session.modern.request('resources/read', { uri }).then((read: { contents: ResourceContents[] }) => setContents(read.contents[0]), (error: Error) => setFault(error.message));
  }, [uri]);

  useEffect(() => {
    if (!contents) return undefined;
    const html = contents.text ?? new TextDecoder().decode(Uint8Array.from(atob(contents.blob ?? ''), (letter) => letter.charCodeAt(0)));
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const context = () => {
      const style = getComputedStyle(document.documentElement);
      return {
        theme: dark.matches ? 'dark' : 'light',
        styles: { variables: Object.fromEntries(Object.entries(VARIABLES).map(([name, ours]) => [name, style.getPropertyValue(ours).trim()])) }
      };
    };
    const answers: Record<string, (params: any) => unknown> = {
      'ui/initialize': (params) => ({
        protocolVersion: params?.protocolVersion ?? '2026-01-26', hostInfo: { name: 'tenon-console', version: '1' },
        hostCapabilities: { openLinks: {}, serverTools: {}, serverResources: {}, logging: {}, sandbox: { permissions: {}, csp: {} } },
        hostContext: { ...context(), toolInfo: { tool }, displayMode: 'inline', availableDisplayModes: ['inline'], locale: navigator.language, platform: 'web',
          timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, containerDimensions: { width: frame.current?.clientWidth ?? 0, maxHeight: LAST_HEIGHT } }
      }),
      'tools/call': (params) => {
        const called = tools.find((candidate) => candidate.name === params?.name);
        if (!called || !visibleTo(called, 'app')) throw new Refusal(`views may not call ${params?.name}`);
        return session.modern.callTool(called, params.arguments ?? {}, {});
      },
      'resources/read': (params) => session.modern.request('resources/read', { uri: params?.uri }),
      'ui/open-link': (params) => new Promise((resolve, reject) => {
        if (!/^https?:\/\//.test(params?.url)) throw new Refusal('only pages of the web can be opened');
        setLink({ url: params.url, answer: (open) => { setLink(undefined); if (open) resolve({}); else reject(new Refusal('the person does not want to')); } });
      }),
      'ui/message': (params) => { note(`to the model: ${JSON.stringify(params?.content)}`); return {}; },
      'ui/update-model-context': (params) => { note(`for the model to know: ${JSON.stringify(params?.structuredContent ?? params?.content)}`); return {}; },
      'ui/request-display-mode': () => ({ mode: 'inline' }),
      ping: () => ({})
    };
    const request = async (id: unknown, method: string, params: unknown) => {
      try {
        if (!answers[method]) return say({ id, error: { code: -32601, message: `the console does not do ${method}` } });
        say({ id, result: await answers[method](params) });
      } catch (error) {
        say({ id, error: { code: error instanceof Refusal ? REFUSED : -32603, message: (error as Error).message } });
      }
    };
    const received = ({ source, data }: MessageEvent) => {
      if (source !== frame.current?.contentWindow || data?.jsonrpc !== '2.0' || typeof data.method !== 'string') return;
      if (data.id !== undefined) void request(data.id, data.method, data.params);
      else if (data.method === 'ui/notifications/sandbox-proxy-ready') say({ method: 'ui/notifications/sandbox-resource-ready', params: { html, sandbox: 'allow-scripts', csp: {}, permissions: {} } });
      else if (data.method === 'ui/notifications/initialized') setReady(true);
      else if (data.method === 'ui/notifications/size-changed' && typeof data.params?.height === 'number') setHeight(Math.min(Math.max(data.params.height, 60), LAST_HEIGHT));
      else if (data.method === 'notifications/message') note(`log: ${JSON.stringify(data.params?.data)}`);
    };
    const themed = () => say({ method: 'ui/notifications/host-context-changed', params: context() });
    addEventListener('message', received);
    dark.addEventListener('change', themed);
    return () => {
      say({ id: 'teardown', method: 'ui/resource-teardown', params: { reason: 'the person goes on' } });
      removeEventListener('message', received);
      dark.removeEventListener('change', themed);
    };
  }, [contents]);
  useEffect(() => { if (ready) say({ method: 'ui/notifications/tool-input', params: { arguments: args } }); }, [ready]);
  useEffect(() => {
    if (ready && result) say({ method: 'ui/notifications/tool-result', params: result });
    else if (ready && cancelled) say({ method: 'ui/notifications/tool-cancelled', params: { reason: cancelled } });
  }, [ready, result, cancelled]);

  const wishes = (contents?._meta?.ui ?? {}) as JsonObject;
  return <section class="view"><h4>View</h4><Fault text={fault} />
    {wishes.csp || wishes.permissions ? <p class="help">It asks for more than the console gives to views: {JSON.stringify({ csp: wishes.csp, permissions: wishes.permissions })}</p> : null}
    {contents ? <iframe ref={frame} class="app" title={`View of ${tool.name}`} sandbox="allow-scripts" src="./frame.html" style={{ height: `${height}px` }} /> : null}
    {link ? <div class="ask" role="group" aria-label="A page to open"><p>The view wants to open <code>{link.url}</code></p><div class="buttons">
      <a class="button" href={link.url} target="_blank" rel="noreferrer noopener" onClick={() => link.answer(true)}>Open it</a><button onClick={() => link.answer(false)}>Do not</button></div></div> : null}
    {said.length > 0 ? <ul class="log" aria-label="What the view says">{said.map((line, i) => <li key={i}>{line}</li>)}</ul> : null}
  </section>;
}
