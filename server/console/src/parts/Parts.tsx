// Small parts that several views show.

import { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';

export function Fault({ text }: { text?: string }) {
  return text ? <p class="fault" role="alert">{text}</p> : null;
}

export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  return <button type="button" class="quiet" onClick={() => {
    void navigator.clipboard?.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 1500);
    });
  }}>{done ? 'Copied' : label}</button>;
}

export function Card({ title, children, actions }: { title: ComponentChildren; children: ComponentChildren; actions?: ComponentChildren }) {
  return <section class="card"><header><h3>{title}</h3>{actions}</header>{children}</section>;
}

export function Badge({ text, kind }: { text: string; kind?: 'good' | 'bad' | 'warn' }) {
  return <span class={`badge ${kind ?? ''}`}>{text}</span>;
}

/** A list on the left, what was chosen on the right; one below the other on a narrow screen. */
export function Split({ list, detail, chosen, back }: { list: ComponentChildren; detail: ComponentChildren; chosen: boolean; back(): void }) {
  return <div class={chosen ? 'split chosen' : 'split'}>
    <div class="list">{list}</div>
    <div class="detail">{chosen ? <button type="button" class="quiet back" onClick={back}>Back to the list</button> : null}{detail}</div>
  </div>;
}

export function Filter({ value, change, count, what }: { value: string; change(value: string): void; count: number; what: string }) {
  return <div class="filter">
    <input type="search" placeholder={`Filter ${what}`} aria-label={`Filter ${what}`} value={value} onInput={(event) => change(event.currentTarget.value)} />
    <span class="dim" aria-live="polite">{counted(count, what)}</span>
  </div>;
}

/** Shape: `what` is a plural that ends in s. */
export function counted(count: number, what: string): string {
  return `${count} ${count === 1 ? what.slice(0, -1) : what}`;
}

/** A measured number, as exact as a person reads it. */
export function figure(value: number): string {
  return String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
}

export function bytes(count: number | undefined): string {
  if (count === undefined) return '';
  const units = ['B', 'kB', 'MB', 'GB'];
  let value = count;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; ++unit) value /= 1000;
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

export function age(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86400)} d`;
}
