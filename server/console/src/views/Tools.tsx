// Tools: a list, and one tool with its form, its run and its result.

import { useRef, useState } from 'preact/hooks';
import { Session } from '../session';
import { CallToolResult, Json, JsonObject, LEGACY, MODERN, Revision, Schema, Tool } from '../mcp/types';
import { initial, missing } from '../form/schema';
import { Members } from '../form/Field';
import { RawJson } from '../form/RawJson';
import { Result } from '../result/Content';
import { JsonTree } from '../result/JsonTree';
import { Talk, useQuestions } from '../parts/Ask';
import { AppView, viewOf, visibleTo } from '../parts/AppView';
import { Badge, Copy, Fault, Filter, Split } from '../parts/Parts';
import { Rows } from '../parts/Rows';
import { useFound, useLoaded } from '../parts/use';
import { asCurl, asTenonCall, asTypeScript } from './snippets';

export function Tools({ session, chosen, go }: { session: Session; chosen?: string; go(route: string): void }) {
  const tools = useLoaded(() => session.modern.listAll<Tool>('tools/list', 'tools'), [session]);
  const [filter, setFilter] = useState('');
  const found = useFound(tools.value, filter, (tool) => `${tool.name} ${tool.title ?? ''} ${tool.description ?? ''}`);
  const tool = tools.value?.find((candidate) => candidate.name === chosen);
  return <Split chosen={tool !== undefined} back={() => go('tools')}
    list={<>
      <Filter value={filter} change={setFilter} count={found.length} what="tools" />
      <Fault text={tools.fault} />
      <Rows items={found} name="Tools" chosen={chosen} keyOf={(item) => item.name} draw={(item) =>
        <a href={`#/tools/${encodeURIComponent(item.name)}`} aria-current={item.name === chosen ? 'true' : undefined}>
          <strong>{item.title ?? item.annotations?.title ?? item.name}</strong><code class="dim">{item.name}</code></a>} />
    </>}
    detail={tool ? <Run key={tool.name} tool={tool} tools={tools.value ?? []} session={session} openResource={(uri) => go(`resources/${encodeURIComponent(uri)}`)} />
      : <p class="dim">Choose a tool{tools.loading ? ' once they are loaded' : ''}.</p>} />;
}

interface Log { level: string; data: Json }

function Run({ tool, tools, session, openResource }: { tool: Tool; tools: Tool[]; session: Session; openResource(uri: string): void }) {
  const schema: Schema = tool.inputSchema;
  const [args, setArgs] = useState<JsonObject>(() => (initial(schema, schema, true) ?? {}) as JsonObject);
  const [raw, setRaw] = useState(false);
  const [revision, setRevision] = useState<Revision>(MODERN);
  const [asTask, setAsTask] = useState(false);
  const tasks = useLoaded(() => (revision === LEGACY ? session.taskSupport(tool.name) : Promise.resolve('forbidden')), [revision]);
  const [running, setRunning] = useState(false);
  const [turn, setTurn] = useState(0); // a view lives as long as one run
  const [progress, setProgress] = useState<{ done: number; total?: number; message?: string }>();
  const [logs, setLogs] = useState<Log[]>([]);
  const questions = useQuestions();
  const [outcome, setOutcome] = useState<{ result?: CallToolResult; fault?: string; ms: number }>();
  const stop = useRef<AbortController>();
  const lacking = missing(schema, schema, args);

  const run = async () => {
    stop.current = new AbortController();
    setRunning(true);
    setTurn((count) => count + 1);
    setOutcome(undefined);
    setLogs([]);
    setProgress(undefined);
    questions.forget();
    const started = performance.now();
    try {
      const result = await session.client(revision).callTool(tool, args, {
        progress: (done, total, message) => setProgress({ done, total, message }),
        log: (level, data) => setLogs((old) => [...old.slice(-199), { level, data }]),
        ask: questions.ask
      }, stop.current.signal, revision === LEGACY && (asTask || tasks.value === 'required'));
      if (result.task) session.tasks.add(result.task.taskId);
      setOutcome({ result, ms: performance.now() - started });
    } catch (error) {
      const fault = stop.current.signal.aborted ? 'cancelled' : (error as Error).message;
      setOutcome({ fault, ms: performance.now() - started });
    } finally {
      setRunning(false);
      questions.drop();
    }
  };

  const hints = tool.annotations ?? {};
  const view = viewOf(tool);
  return <article>
    <h2>{tool.title ?? hints.title ?? tool.name}</h2>
    <p><code>{tool.name}</code> {hints.readOnlyHint ? <Badge text="read-only" kind="good" /> : null}
      {hints.destructiveHint && !hints.readOnlyHint ? <Badge text="destructive" kind="warn" /> : null}
      {hints.idempotentHint ? <Badge text="idempotent" /> : null}
      {view ? <Badge text="has a view" /> : null} {visibleTo(tool, 'model') ? null : <Badge text="for views only" kind="warn" />}</p>
    <p class="description">{tool.description}</p>
    <form onSubmit={(event) => { event.preventDefault(); void run(); }}>
      <div class="buttons">
        <label class="inline"><input type="checkbox" checked={raw} onChange={(event) => setRaw(event.currentTarget.checked)} /> as JSON</label>
        <label class="inline">Revision <select value={revision} onChange={(event) => setRevision(event.currentTarget.value as Revision)}>
          <option>{MODERN}</option><option>{LEGACY}</option></select></label>
        {(tasks.value ?? 'forbidden') !== 'forbidden'
          ? <label class="inline"><input type="checkbox" checked={asTask} onChange={(event) => setAsTask(event.currentTarget.checked)} /> as a task</label> : null}
      </div>
      <div class="beside">
        <div><Members schema={schema} root={schema} value={args} change={(value) => setArgs((value ?? {}) as JsonObject)} /></div>
        {raw ? <RawJson label="Arguments" value={args} rows={14} change={(value) => setArgs((value ?? {}) as JsonObject)} /> : null}
      </div>
      <div class="buttons">
        <button class="main" disabled={running || lacking.length > 0} title={lacking.length ? `Missing: ${lacking.join(', ')}` : undefined}>Run</button>
        <button type="button" disabled={!running} onClick={() => stop.current?.abort()}>Cancel</button>
        <Copy label="Copy as curl" text={asCurl(session, tool, args)} />
        <Copy label="as TypeScript" text={asTypeScript(session, tool, args)} />
        <Copy label="as tenon call" text={asTenonCall(session, tool, args)} />
      </div>
    </form>
    <Talk questions={questions} />
    {view && turn > 0 ? <AppView key={turn} uri={view} tool={tool} tools={tools} args={args} result={outcome?.result} cancelled={outcome?.fault} session={session} /> : null}
    <div aria-live="polite">
      {running ? <p class="running">Running… {progress?.message ?? ''}</p> : null}
      {progress && (running || outcome) ? <progress value={progress.total ? progress.done : undefined} max={progress.total ?? 1} aria-label="Progress" /> : null}
      {logs.length > 0 ? <details open><summary>Log ({logs.length})</summary><ul class="log">{logs.map((line, i) => <li key={i}>
        <Badge text={line.level} kind={/error|critical|alert|emergency/.test(line.level) ? 'bad' : line.level === 'warning' ? 'warn' : undefined} />
        {' '}{typeof line.data === 'string' ? line.data : JSON.stringify(line.data)}</li>)}</ul></details> : null}
      {outcome ? <section><h3>Result <span class="dim">{outcome.ms.toFixed(outcome.ms < 10 ? 1 : 0)} ms</span></h3>
        <Fault text={outcome.fault} />
        {outcome.result?.task ? <p>It goes on as a task: <a href={`#/tasks/${encodeURIComponent(outcome.result.task.taskId)}`}>{outcome.result.task.taskId}</a></p> : null}
        {outcome.result ? <Result result={outcome.result} schema={tool.outputSchema} openResource={openResource} /> : null}
      </section> : null}
    </div>
    <details><summary>Schemas</summary><h4>inputSchema</h4><JsonTree value={schema as unknown as Json} />
      {tool.outputSchema ? <><h4>outputSchema</h4><JsonTree value={tool.outputSchema as unknown as Json} /></> : null}</details>
  </article>;
}
