// A value as JSON text. What does not parse is shown as wrong and does not change the value.

import { useEffect, useRef, useState } from 'preact/hooks';
import { Json } from '../mcp/types';

export interface RawJsonProps { id?: string; value: Json | undefined; change(value: Json | undefined): void; rows?: number; label?: string }

export function RawJson({ id, value, change, rows = 8, label }: RawJsonProps) {
  const [text, setText] = useState(() => (value === undefined ? '' : JSON.stringify(value, null, 2)));
  const [fault, setFault] = useState('');
  const given = useRef(value);
  useEffect(() => {
    if (given.current !== value) {
      setText(value === undefined ? '' : JSON.stringify(value, null, 2));
      setFault('');
      given.current = value;
    }
  }, [value]);
  return <>
    <textarea id={id} class="code" rows={rows} spellcheck={false} aria-label={label} aria-invalid={fault !== ''} value={text} onInput={(event) => {
      const next = event.currentTarget.value;
      setText(next);
      try {
        const parsed = next.trim() === '' ? undefined : JSON.parse(next);
        setFault('');
        given.current = parsed;
        change(parsed);
      } catch (error) {
        setFault((error as Error).message);
      }
    }} />
    {fault ? <p class="fault" role="alert">{fault}</p> : null}
  </>;
}
