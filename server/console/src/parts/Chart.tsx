// A line chart over time.

import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface ChartProps { title: string; unit: string; times: number[]; lines: { label: string; values: (number | null)[]; colour: string }[] }

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
      legend: { live: false },
      axes: [{ stroke: ink, grid }, { stroke: ink, grid, size: 56, values: (_, ticks) => ticks.map((tick) => `${tick}${unit}`) }],
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
  const last = lines.map((line) => `${line.label} ${line.values.at(-1) ?? 0}${unit}`).join(', ');
  return <figure class="chart"><figcaption>{title} <span class="dim">{last}</span></figcaption><div ref={place} role="img" aria-label={`${title}: ${last}`} /></figure>;
}
