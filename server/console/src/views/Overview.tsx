// The server at a glance: the last hour, the tools, the plugins.

import { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { act, get, History, PluginFigures, Sample, ToolFigures } from '../api';
import { watchFeed } from '../feed';
import { Session } from '../session';
import { Chart } from '../parts/Chart';
import { Badge, bytes, Card, counted, Fault, figure } from '../parts/Parts';
import { useInterval, useLoaded } from '../parts/use';

export function Overview({ session }: { session: Session }) {
  if (!session.server.principal.stats) {
    return <article><h2>{session.server.title}</h2>
      <p>Version {session.server.version}. Figures are for those with the permission for statistics; your type is <code>{session.server.principal.type}</code>.</p></article>;
  }
  return <Figures />;
}

const KEPT = 360; // points, an hour
const EVERY = 10_000; // ms, as often as the server takes a sample

function Figures() {
  const history = useLoaded(() => get<History>('history'), []);
  const [since, setSince] = useState<Sample[]>([]);
  const tools = useLoaded(() => get<{ tools: ToolFigures[] }>('tools'), []);
  const plugins = useLoaded(() => get<{ plugins: PluginFigures[] }>('plugins'), []);
  useEffect(() => watchFeed({
    sample: (sample) => setSince((old) => [...old, sample].slice(-KEPT)),
    state: (connected) => { if (connected) history.again(); } // what came while nobody looked
  }), []);
  useInterval(() => { tools.again(); plugins.again(); }, EVERY);
  const known = history.value?.points ?? [];
  const points = [...known, ...since.filter((sample) => sample.at > (known.at(-1)?.at ?? 0))].slice(-KEPT);
  const times = points.map((point) => point.at / 1000);
  return <article>
    <h2>Overview</h2>
    <Fault text={history.fault ?? tools.fault ?? plugins.fault} />
    {points.length > 1 ? <div class="charts">
      <Chart title="Requests" unit="/s" times={times} lines={[
        { label: 'requests', values: points.map((point) => point.requestsPerSecond), colour: '--accent' },
        { label: 'errors', values: points.map((point) => point.errorsPerSecond), colour: '--bad' }]} />
      <Chart title="Time to the answer" unit=" ms" times={times} lines={[
        { label: 'p50', values: points.map((point) => point.p50Ms), colour: '--accent' },
        { label: 'p99', values: points.map((point) => point.p99Ms), colour: '--warn' }]} />
      <Chart title="Sessions and streams" unit="" times={times} lines={[
        { label: 'sessions', values: points.map((point) => point.sessions), colour: '--accent' },
        { label: 'streams', values: points.map((point) => point.streams), colour: '--warn' }]} />
      <Chart title="Memory" unit=" MB" times={times} lines={[{ label: 'resident', values: points.map((point) => Math.round(point.memoryBytes / 1e5) / 10), colour: '--accent' }]} />
    </div> : <p class="dim">The first figures come in a few seconds.</p>}
    <h3>Plugins</h3>
    <div class="cards">{(plugins.value?.plugins ?? []).map((plugin) => <Plugin key={plugin.name} plugin={plugin} changed={plugins.again} />)}</div>
    <h3>Tools</h3>
    <div class="scroll" tabIndex={0} role="region" aria-label="Figures of the tools"><table>
      <thead><tr><th scope="col">Tool</th>{['Calls', 'Errors', 'p50 ms', 'p95 ms', 'p99 ms', 'In flight'].map((head) => <th scope="col" class="number" key={head}>{head}</th>)}</tr></thead>
      <tbody>{(tools.value?.tools ?? []).map((tool) => <tr key={tool.tool}>
        <td><a href={`#/tools/${encodeURIComponent(tool.tool)}`}>{tool.tool}</a></td>
        {[tool.calls, tool.errors].map((value, i) => <td class="number" key={i}>{value}</td>)}
        {[tool.p50Ms, tool.p95Ms, tool.p99Ms].map((value, i) => <td class="number" key={i}>{figure(value)}</td>)}<td class="number">{tool.inFlight}</td></tr>)}</tbody>
    </table></div>
  </article>;
}

const GOOD = new Set(['running', 'up', 'loaded']);
const HOMES: Record<string, string> = {
  process: "in the server's process", worker: 'a worker', pool: 'a pool of workers', attached: 'a program that is attached', upstream: 'another server'
};

function Plugin({ plugin, changed }: { plugin: PluginFigures; changed(): void }) {
  const [fault, setFault] = useState('');
  const ask = (verb: string) => act('POST', `../plugins/${encodeURIComponent(plugin.name)}/${verb}`).then(() => setFault(''), (error: Error) => setFault(error.message)).finally(changed);
  const facts: [string, ComponentChildren][] = [
    ['Home', `${HOMES[plugin.home] ?? plugin.home}${plugin.home === 'pool' ? `, ${plugin.workersRunning} of ${plugin.workers} run` : ''}${plugin.programs.length ? `: ${plugin.programs.join(', ')}` : ''}`],
    ['Offers', [counted(plugin.tools, 'tools'), counted(plugin.resources, 'resources'), counted(plugin.prompts, 'prompts')].join(', ')],
    ['Calls inside', plugin.callsInside],
    ['Memory', plugin.memoryBytes ? bytes(plugin.memoryBytes) : plugin.home === 'process' ? "the server's" : '–'],
    ['Restarts', `${plugin.restarts}; ${plugin.crashes === 1 ? '1 crash' : `${plugin.crashes} crashes`}, ${counted(plugin.reloads, 'reloads')}`],
    ['Sandbox', plugin.sandbox ? 'on' : 'off']
  ];
  if (plugin.digest) facts.push(['Digest', <><code title={plugin.digest}>{plugin.digest.slice(0, 12)}</code> {plugin.pinned ? 'pinned' : 'not pinned'}</>]);
  return <Card title={<>{plugin.name} <span class="dim">{plugin.version}</span></>} actions={<Badge text={plugin.state} kind={GOOD.has(plugin.state) ? 'good' : 'bad'} />}>
    {plugin.reason ? <p class="fault">{plugin.reason}</p> : null}
    <dl>{facts.map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}</dl>
    {plugin.lastCrash ? <details><summary>Last crash</summary><p>{plugin.lastCrash}</p>{plugin.lastTrace ? <pre tabIndex={0}>{plugin.lastTrace}</pre> : null}</details> : null}
    <Fault text={fault} />
    <div class="buttons"><button class="quiet" aria-label={`Reload ${plugin.name}`} onClick={() => ask('reload')}>Reload</button>
      <button class="quiet" aria-label={`${plugin.state === 'quarantined' ? 'Lift the quarantine of' : 'Restart'} ${plugin.name}`} onClick={() => ask('restart')}>
        {plugin.state === 'quarantined' ? 'Lift the quarantine' : 'Restart'}</button></div>
  </Card>;
}
