// A long list of which only what is seen is made: thousands of entries cost as much as thirty.

import { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const ROW = 52; // px, as .entries a in style.css
const BEYOND = 8; // rows made above and below what is seen

export interface RowsProps<T> { items: T[]; name: string; keyOf(item: T): string; draw(item: T): ComponentChildren; chosen?: string }

export function Rows<T>({ items, name, keyOf, draw, chosen }: RowsProps<T>) {
  const place = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const resized = new ResizeObserver(() => setHeight(place.current?.clientHeight ?? 0));
    resized.observe(place.current!);
    return () => resized.disconnect();
  }, []);
  useEffect(() => {
    const at = items.findIndex((item) => keyOf(item) === chosen);
    const seen = place.current!;
    if (at >= 0 && (at * ROW < seen.scrollTop || (at + 1) * ROW > seen.scrollTop + seen.clientHeight)) seen.scrollTop = Math.max(0, at * ROW - seen.clientHeight / 3);
  }, [chosen, items.length > 0]);
  const first = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const last = Math.min(items.length, Math.ceil((top + height) / ROW) + BEYOND);
  const step = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const from = (event.target as HTMLElement).closest?.('li');
    const to = by > 0 ? from?.nextElementSibling : by < 0 ? from?.previousElementSibling : undefined;
    if (!to) return;
    event.preventDefault();
    to.querySelector('a')?.focus();
  };
  return <div class="window" ref={place} onScroll={(event) => setTop(event.currentTarget.scrollTop)} onKeyDown={step}>
    <ul class="entries" aria-label={name} style={{ paddingTop: `${first * ROW}px`, paddingBottom: `${(items.length - last) * ROW}px` }}>
      {items.slice(first, last).map((item, i) => <li key={keyOf(item)} aria-setsize={items.length} aria-posinset={first + i + 1}>{draw(item)}</li>)}
    </ul>
  </div>;
}
