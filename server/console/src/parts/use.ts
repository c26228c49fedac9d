import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';

/** What a promise gives, its fault, and a way to ask again. */
export function useLoaded<T>(load: () => Promise<T>, inputs: unknown[]): { value?: T; fault?: string; loading: boolean; again(): void } {
  const [state, setState] = useState<{ value?: T; fault?: string; loading: boolean }>({ loading: true });
  const turn = useRef(0);
  const run = useCallback(() => {
    const mine = ++turn.current;
    setState((old) => ({ ...old, loading: true }));
    load().then((value) => mine === turn.current && setState({ value, loading: false }),
      (error: Error) => mine === turn.current && setState({ fault: error.message, loading: false }));
  }, inputs);
  useEffect(run, [run]);
  return { ...state, again: run };
}

/** Calls `tick` now and each `ms` while the page is visible. */
export function useInterval(tick: () => void, ms: number): void {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    const timer = setInterval(() => { if (!document.hidden) latest.current(); }, ms);
    return () => clearInterval(timer);
  }, [ms]);
}

/** Whether a text has all words of a filter; `text` is in lower case. */
export function wordsIn(filter: string): (text: string) => boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return (text) => words.every((word) => text.includes(word));
}

/** The items whose text has all words of the filter. Texts are made once for a list, not once for a letter that is typed. */
export function useFound<T>(items: T[] | undefined, filter: string, textOf: (item: T) => string): T[] {
  const texts = useMemo(() => (items ?? []).map((item) => textOf(item).toLowerCase()), [items]);
  return useMemo(() => {
    const fits = wordsIn(filter);
    return (items ?? []).filter((_, i) => fits(texts[i]));
  }, [items, filter]);
}

/** The part of the address after #, in its segments. One that is no percent-coding stands as it is. */
function readRoute(): string[] {
  return location.hash.replace(/^#\/?/, '').split('/').map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

/** Where the person is, and how to go elsewhere. */
export function useRoute(): [string[], (route: string) => void] {
  const [route, setRoute] = useState(readRoute);
  useEffect(() => {
    const changed = () => setRoute(readRoute());
    addEventListener('hashchange', changed);
    changed(); // effects run after the first frame, and the address may have changed by then
    return () => removeEventListener('hashchange', changed);
  }, []);
  return [route, (next) => { location.hash = `#/${next}`; }];
}
