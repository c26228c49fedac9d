// One value of a form: a control that fits its schema, with its label and its explanation.

import { useId, useState } from 'preact/hooks';
import { Json, JsonObject, Schema } from '../mcp/types';
import { choices, fits, initial, kindOf, range, resolve } from './schema';
import { RawJson } from './RawJson';

export interface FieldProps {
  name: string;
  schema: Schema;
  root: Schema;
  required: boolean;
  value: Json | undefined;
  change(value: Json | undefined): void;
}

const INPUT_TYPES: Record<string, string> = { email: 'email', uri: 'url', date: 'date', 'date-time': 'text', time: 'time', password: 'password' };

export function Field(props: FieldProps) {
  const schema = resolve(props.schema, props.root);
  const id = useId();
  const kind = kindOf(schema);
  const label = <>
    {schema.title ?? props.name}
    {props.required ? <span class="required" title="required"> *</span> : null}
    {schema.title && schema.title !== props.name ? <code class="dim"> {props.name}</code> : null}
  </>;
  const bounds = range(schema);
  const hints = bounds && schema.description ? `${schema.description.replace(/[^.!?:]$/, '$&.')} ${bounds}` : schema.description ?? bounds;
  const help = hints ? <p class="help" id={`${id}-help`}>{hints}</p> : null;
  if (kind === 'object') return <fieldset><legend>{label}</legend>{help}<Members {...props} schema={schema} /></fieldset>;
  if (kind === 'array' && !multiple(schema, props.root)) return <fieldset><legend>{label}</legend>{help}<Items {...props} schema={schema} /></fieldset>;
  if (kind === 'variants') return <fieldset><legend>{label}</legend>{help}<Variants {...props} schema={schema} /></fieldset>;
  return <div class={kind === 'boolean' && props.required ? 'field check' : 'field'}>
    <label for={id}>{label}</label>
    <Control {...props} schema={schema} id={id} described={help ? `${id}-help` : undefined} />
    {help}
  </div>;
}

function multiple(schema: Schema, root: Schema) {
  return schema.items ? choices(resolve(schema.items, root)) : undefined;
}

type ControlProps = FieldProps & { id: string; described?: string };

function Control({ schema, root, required, value, change, id, described, name }: ControlProps) {
  const shared = { id, name, required, 'aria-describedby': described };
  const options = choices(schema);
  if (options) {
    const at = options.findIndex((option) => option.value === value);
    return <select {...shared} value={String(at)} onChange={(event) => {
      const chosen = Number(event.currentTarget.value);
      change(chosen < 0 ? undefined : options[chosen].value);
    }}>
      {!required || at < 0 ? <option value="-1">{required ? 'choose…' : 'not set'}</option> : null}
      {options.map((option, i) => <option key={i} value={String(i)}>{option.title}</option>)}
    </select>;
  }
  switch (kindOf(schema)) {
    case 'constant': return <input {...shared} readOnly value={JSON.stringify(schema.const)} />;
    case 'boolean': return required
      ? <input {...shared} required={false} type="checkbox" checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />
      : <select {...shared} value={value === undefined ? '' : String(value)}
        onChange={(event) => change(event.currentTarget.value === '' ? undefined : event.currentTarget.value === 'true')}>
        <option value="">not set</option><option value="true">true</option><option value="false">false</option>
      </select>;
    case 'integer': case 'number': return <input {...shared} type="number" step={schema.multipleOf ?? (kindOf(schema) === 'integer' ? 1 : 'any')}
      min={schema.minimum ?? schema.exclusiveMinimum} max={schema.maximum ?? schema.exclusiveMaximum} value={typeof value === 'number' ? value : ''}
      onInput={(event) => change(event.currentTarget.value === '' ? undefined : event.currentTarget.valueAsNumber)} />;
    case 'string': {
      const text = typeof value === 'string' ? value : '';
      const bounds = { minLength: schema.minLength, maxLength: schema.maxLength };
      const input = (event: { currentTarget: { value: string } }) => change(event.currentTarget.value === '' && !required ? undefined : event.currentTarget.value);
      if (!schema.format && !schema.pattern && ((schema.maxLength ?? 0) > 200 || text.includes('\n') || /text|content|body|query|sql|code/i.test(name))) {
        return <textarea {...shared} {...bounds} rows={4} value={text} onInput={input} />;
      }
      return <input {...shared} {...bounds} type={INPUT_TYPES[schema.format ?? ''] ?? 'text'} pattern={schema.pattern} value={text} onInput={input} />;
    }
    case 'array': {
      const all = multiple(schema, root) ?? [];
      const chosen = Array.isArray(value) ? value : [];
      return <div id={id} role="group" class="choices">{all.map((option, i) => <label key={i}>
        <input type="checkbox" checked={chosen.includes(option.value)} onChange={(event) => change(event.currentTarget.checked
          ? [...chosen, option.value] : chosen.filter((item) => item !== option.value))} />{option.title}
      </label>)}</div>;
    }
    default: return <RawJson id={id} value={value} change={change} rows={3} />;
  }
}

/** The members of an object, without a frame: the whole form, or what stands in one. */
export function Members({ schema, root, value, change }: Pick<FieldProps, 'schema' | 'root' | 'value' | 'change'>) {
  const object: JsonObject = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const properties = Object.entries(schema.properties ?? {});
  if (properties.length === 0) return <p class="dim">No parameters.</p>;
  return <>{properties.map(([name, property]) => <Field key={name} name={name} schema={property} root={root}
    required={schema.required?.includes(name) ?? false} value={object[name]}
    change={(member) => {
      const next = { ...object };
      if (member === undefined) delete next[name];
      else next[name] = member;
      change(next);
    }} />)}</>;
}

function Items({ schema, root, value, change, name }: FieldProps) {
  const items = Array.isArray(value) ? value : [];
  const kind = schema.items ?? {};
  return <>
    {items.map((item, i) => <div class="item" key={i}>
      <Field name={`${name} ${i + 1}`} schema={kind} root={root} required value={item}
        change={(next) => change(items.map((old, j) => (j === i ? next ?? null : old)))} />
      <button type="button" class="quiet" aria-label={`Remove ${name} ${i + 1}`} onClick={() => change(items.filter((_, j) => j !== i))}>Remove</button>
    </div>)}
    <button type="button" class="quiet" disabled={items.length >= (schema.maxItems ?? Infinity)}
      onClick={() => change([...items, initial(kind, root, true) ?? (kindOf(resolve(kind, root)) === 'string' ? '' : null)])}>Add an item</button>
  </>;
}

function Variants({ schema, root, value, change, name, required }: FieldProps) {
  const variants = (schema.oneOf ?? schema.anyOf ?? []).map((variant) => resolve(variant, root));
  const [at, setAt] = useState(() => Math.max(0, variants.findIndex((variant) => fits(variant, value))));
  const chosen = variants[at] ?? {};
  return <>
    <div class="choices" role="radiogroup" aria-label="Variant">{variants.map((variant, i) => <label key={i}>
      <input type="radio" checked={i === at} onChange={() => {
        setAt(i);
        change(initial(variant, root, true));
      }} />{variant.title ?? variant.description ?? kindOf(variant)}
    </label>)}</div>
    <Field name={name} schema={{ ...chosen, title: chosen.title ?? 'Value' }} root={root} required={required} value={value} change={change} />
  </>;
}
