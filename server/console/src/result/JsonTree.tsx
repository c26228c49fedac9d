// A JSON value to unfold, and an array of objects as a table.

import { useState } from 'preact/hooks';
import { Json, JsonObject } from '../mcp/types';

const SHOWN = 100;

export function JsonTree({ value, name, open = true }: { value: Json; name?: string; open?: boolean }) {
  const [all, setAll] = useState(false);
  const label = name === undefined ? null : <span class="key">{name}: </span>;
  if (typeof value !== 'object' || value === null) {
    return <div class="leaf">{label}<span class={`json-${value === null ? 'null' : typeof value}`}>{JSON.stringify(value)}</span></div>;
  }
  const entries = Array.isArray(value) ? value.map((item, i) => [String(i), item] as const) : Object.entries(value);
  if (entries.length === 0) return <div class="leaf">{label}{Array.isArray(value) ? '[]' : '{}'}</div>;
  const shown = all ? entries : entries.slice(0, SHOWN);
  return <details open={open} class="tree">
    <summary>{label}{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</summary>
    {shown.map(([key, member]) => <JsonTree key={key} name={key} value={member} open={entries.length < 20} />)}
    {shown.length < entries.length ? <button class="quiet" onClick={() => setAll(true)}>Show all {entries.length}</button> : null}
  </details>;
}

/** The array of objects in a value, if that is what it mainly is. */
export function tableOf(value: Json | undefined): JsonObject[] | undefined {
  const list = Array.isArray(value) ? value
    : value && typeof value === 'object' ? Object.values(value).find((member) => Array.isArray(member) && member.length > 0) as Json[] | undefined : undefined;
  const objects = list?.filter((item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item));
  return objects && objects.length > 0 && objects.length === list!.length ? objects : undefined;
}

export function ObjectTable({ rows }: { rows: JsonObject[] }) {
  const [count, setCount] = useState(SHOWN);
  const columns = [...new Set(rows.slice(0, SHOWN).flatMap((row) => Object.keys(row)))];
  return <>
    <div class="scroll" tabIndex={0} role="region" aria-label="Table"><table>
      <thead><tr>{columns.map((column) => <th scope="col" key={column}>{column}</th>)}</tr></thead>
      <tbody>{rows.slice(0, count).map((row, i) => <tr key={i}>{columns.map((column) => <td key={column}>{show(row[column])}</td>)}</tr>)}</tbody>
    </table></div>
    {count < rows.length ? <button class="quiet" onClick={() => setCount(rows.length)}>Show all {rows.length} rows</button> : null}
  </>;
}

function show(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
