import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

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

/** The part of the address after #, and how to change it. */
export function useRoute(): [string[], (route: string) => void] {
  const read = () => location.hash.replace(/^#\/?/, '').split('/').map(decodeURIComponent);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return [route, (next) => { location.hash = `#/${next}`; }];
}
