// A line chart over time.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { figure } from './Parts';

export interface ChartProps { title: string; unit: string; times: number[]; lines: { label: string; values: (number | null)[]; colour: string }[] }

const clock = (seconds: number, exact: boolean) => new Date(seconds * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: exact ? '2-digit' : undefined, hourCycle: 'h23' });

export function Chart({ title, unit, times, lines }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const ink = style.getPropertyValue('--dim');
    const grid = { stroke: style.getPropertyValue('--line'), width: 1 };
    plot.current = new uPlot({
      width: place.current!.clientWidth,
      height: 160,
      cursor: { points: { size: 6 } },
      legend: { show: false }, // the caption has it, with the newest values
      axes: [
        { stroke: ink, grid, size: 34, space: 80, values: (_, ticks) => ticks.map((tick) => clock(tick, ticks.length > 1 && ticks[1] - ticks[0] < 60)) },
        { stroke: ink, grid, size: (_, texts) => 24 + 7 * Math.max(3, ...(texts ?? []).map((text) => text.length)), values: (_, ticks) => ticks.map((tick) => `${figure(tick)}${unit}`) }
      ],
      scales: { y: { range: (_, __, max) => [0, Math.max(max, 0.001) * 1.1] } },
      series: [{}, ...lines.map((line) => ({ label: line.label, stroke: style.getPropertyValue(line.colour), width: 1.5, points: { show: false } }))]
    }, [times, ...lines.map((line) => line.values)], place.current!);
    const resized = new ResizeObserver(() => plot.current?.setSize({ width: place.current!.clientWidth, height: 160 }));
    resized.observe(place.current!);
    return () => {
      resized.disconnect();
      plot.current?.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData([times, ...lines.map((line) => line.values)]), [times]);
  const last = lines.map((line) => `${line.label} ${figure(line.values.at(-1) ?? 0)}${unit}`);
  return <figure class="chart"><figcaption>{title}{lines.map((line, i) => <span class="dim" key={line.label}> <i class="swatch" style={{ background: `var(${line.colour})` }} /> {last[i]}</span>)}</figcaption>
    <div ref={place} role="img" aria-label={`${title}: ${last.join(', ')}`} /></figure>;
}
