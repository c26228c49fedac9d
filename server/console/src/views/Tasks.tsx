// The tasks of this person, with their states and results (2025-11-25).

import { useState } from 'preact/hooks';
import { Session } from '../session';
import { CallToolResult, Task } from '../mcp/types';
import { Result } from '../result/Content';
import { Badge, Fault } from '../parts/Parts';
import { useInterval, useLoaded } from '../parts/use';

/** Those that the server lists, and those of this tab that it does not. */
async function tasksOf(session: Session): Promise<Task[]> {
  const listed = await session.legacy.listAll<Task>('tasks/list', 'tasks').catch((): Task[] => []);
  const others = [...session.tasks].filter((id) => !listed.some((task) => task.taskId === id));
  const found = await Promise.all(others.map((taskId) => session.legacy.request('tasks/get', { taskId }).catch(() => {
    session.tasks.delete(taskId); // its time is over
    return undefined;
  })));
  return [...listed, ...found.filter((task): task is Task => task !== undefined)];
}

export function Tasks({ session }: { session: Session }) {
  const tasks = useLoaded(() => tasksOf(session), [session]);
  const [outcome, setOutcome] = useState<{ id: string; result?: CallToolResult; fault?: string }>();
  useInterval(tasks.again, 2000);
  const ask = (method: string, id: string) => session.legacy.request(method, { taskId: id })
    .then((result) => setOutcome(method === 'tasks/result' ? { id, result } : undefined), (error: Error) => setOutcome({ id, fault: error.message }))
    .finally(tasks.again);
  return <article>
    <h2>Tasks</h2>
    <Fault text={tasks.fault} />
    {tasks.value?.length === 0 ? <p class="dim">No tasks. A tool that supports tasks makes one.</p> : null}
    <div class="scroll"><table><thead><tr><th scope="col">Task</th><th scope="col">State</th><th scope="col">Created</th><th scope="col">Actions</th></tr></thead>
      <tbody>{(tasks.value ?? []).map((task) => <tr key={task.taskId}><td><code>{task.taskId}</code></td>
        <td><Badge text={task.status} kind={task.status === 'completed' ? 'good' : task.status === 'failed' ? 'bad' : undefined} /> {task.statusMessage}</td>
        <td>{task.createdAt}</td>
        <td><button class="quiet" onClick={() => ask('tasks/result', task.taskId)}>Result</button>
          {task.status === 'working' || task.status === 'input_required' ? <button class="quiet" onClick={() => ask('tasks/cancel', task.taskId)}>Cancel</button> : null}</td></tr>)}</tbody></table></div>
    {outcome ? <section><h3>Result of <code>{outcome.id}</code></h3><Fault text={outcome.fault} />{outcome.result ? <Result result={outcome.result} /> : null}</section> : null}
  </article>;
}
