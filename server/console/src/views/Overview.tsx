// The server at a glance: the last hour, the tools, the plugins.

import { useState } from 'preact/hooks';
import { act, get, History, PluginFigures, ToolFigures } from '../api';
import { Session } from '../session';
import { Chart } from '../parts/Chart';
import { Badge, bytes, Card, Fault } from '../parts/Parts';
import { useInterval, useLoaded } from '../parts/use';

export function Overview({ session }: { session: Session }) {
  if (!session.server.principal.stats) {
    return <article><h2>{session.server.title}</h2>
      <p>Version {session.server.version}. Figures are for those with the permission for statistics; your type is <code>{session.server.principal.type}</code>.</p></article>;
  }
  return <Figures />;
}

function Figures() {
  const history = useLoaded(() => get<History>('history'), []);
  const tools = useLoaded(() => get<{ tools: ToolFigures[] }>('tools'), []);
  const plugins = useLoaded(() => get<{ plugins: PluginFigures[] }>('plugins'), []);
  useInterval(() => { history.again(); tools.again(); plugins.again(); }, 5000);
  const points = history.value?.points ?? [];
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
      <tbody>{(tools.value?.tools ?? []).filter((tool) => tool.calls > 0).sort((a, b) => b.calls - a.calls).slice(0, 100).map((tool) => <tr key={tool.tool}>
        <td><a href={`#/tools/${encodeURIComponent(tool.tool)}`}>{tool.tool}</a></td>
        {[tool.calls, tool.errors, tool.p50Ms, tool.p95Ms, tool.p99Ms, tool.inFlight].map((value, i) => <td class="number" key={i}>{value}</td>)}</tr>)}</tbody>
    </table></div>
  </article>;
}

const GOOD = new Set(['running', 'up', 'loaded']);

function Plugin({ plugin, changed }: { plugin: PluginFigures; changed(): void }) {
  const [fault, setFault] = useState('');
  const ask = (verb: string) => act('POST', `../plugins/${encodeURIComponent(plugin.name)}/${verb}`).then(() => setFault(''), (error: Error) => setFault(error.message)).finally(changed);
  return <Card title={<>{plugin.name} <span class="dim">{plugin.version}</span></>} actions={<Badge text={plugin.state} kind={GOOD.has(plugin.state) ? 'good' : 'bad'} />}>
    {plugin.reason ? <p class="fault">{plugin.reason}</p> : null}
    <dl>
      {plugin.home ? <><dt>Home</dt><dd>{plugin.home}{plugin.sandbox ? `, sandbox: ${plugin.sandbox}` : ''}</dd></> : null}
      {plugin.memoryBytes ? <><dt>Memory</dt><dd>{bytes(plugin.memoryBytes)}</dd></> : null}
      {plugin.restarts !== undefined ? <><dt>Restarts</dt><dd>{plugin.restarts}{plugin.crashes ? `, ${plugin.crashes} crashes` : ''}</dd></> : null}
      {plugin.digest ? <><dt>Digest</dt><dd><code title={plugin.digest}>{plugin.digest.slice(0, 12)}</code>{plugin.pinned ? ' pinned' : ''}</dd></> : null}
    </dl>
    {plugin.lastCrash ? <details><summary>Last crash</summary><pre tabIndex={0}>{plugin.lastCrash}</pre></details> : null}
    <Fault text={fault} />
    <div class="buttons"><button class="quiet" onClick={() => ask('reload')}>Reload</button>
      <button class="quiet" onClick={() => ask('restart')}>{plugin.state === 'quarantined' ? 'Switch on again' : 'Restart'}</button></div>
  </Card>;
}
