// What a form needs to know of a JSON Schema.

import { Json, JsonObject, Schema } from '../mcp/types';

export type Kind = 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object' | 'choice' | 'variants' | 'constant' | 'any';

export interface Choice { value: Json; title: string }

/** Follows a reference within the document; anything else stays as it is. */
export function resolve(schema: Schema, root: Schema): Schema {
  let current = schema;
  for (let depth = 0; current.$ref?.startsWith('#/') && depth < 20; ++depth) {
    let found: any = root;
    for (const step of current.$ref.slice(2).split('/')) found = found?.[step.replace(/~1/g, '/').replace(/~0/g, '~')];
    if (!found) return {};
    const { $ref: _, ...beside } = current;
    current = { ...found, ...beside };
  }
  return current;
}

/** The values to choose from: an enum, or variants that are all constants. */
export function choices(schema: Schema): Choice[] | undefined {
  if (schema.enum) return schema.enum.map((value, i) => ({ value, title: schema.enumNames?.[i] ?? String(value) }));
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants?.length && variants.every((variant) => variant.const !== undefined)) {
    return variants.map((variant) => ({ value: variant.const!, title: variant.title ?? String(variant.const) }));
  }
  return undefined;
}

export function kindOf(schema: Schema): Kind {
  if (schema.const !== undefined) return 'constant';
  if (choices(schema)) return 'choice';
  if (schema.oneOf ?? schema.anyOf) return 'variants';
  const types = (Array.isArray(schema.type) ? schema.type : [schema.type]).filter((type) => type && type !== 'null');
  if (types.length !== 1) return schema.properties ? 'object' : schema.items ? 'array' : 'any';
  switch (types[0]) {
    case 'string': case 'number': case 'integer': case 'boolean': case 'array': return types[0];
    case 'object': return schema.properties ? 'object' : 'any';
    default: return 'any';
  }
}

/** What a form begins with; undefined leaves the member out. */
export function initial(schema: Schema, root: Schema, required: boolean, depth = 0): Json | undefined {
  const resolved = resolve(schema, root);
  if (resolved.default !== undefined) return resolved.default;
  if (resolved.const !== undefined) return resolved.const;
  if (!required || depth > 8) return undefined;
  switch (kindOf(resolved)) {
    case 'object': {
      const value: JsonObject = {};
      for (const [name, property] of Object.entries(resolved.properties ?? {})) {
        const member = initial(property, root, resolved.required?.includes(name) ?? false, depth + 1);
        if (member !== undefined) value[name] = member;
      }
      return value;
    }
    case 'array': return [];
    case 'boolean': return false;
    default: return undefined;
  }
}

/** The required members that have no value, as paths for people. */
export function missing(schema: Schema, root: Schema, value: Json | undefined, path = ''): string[] {
  const resolved = resolve(schema, root);
  if (kindOf(resolved) !== 'object' || typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const found: string[] = [];
  for (const [name, property] of Object.entries(resolved.properties ?? {})) {
    const here = path ? `${path}.${name}` : name;
    if (value[name] === undefined) {
      if (resolved.required?.includes(name)) found.push(here);
    } else found.push(...missing(property, root, value[name], here));
  }
  return found;
}

/** Whether a value can be of a variant, as far as its type and its constants tell. */
export function fits(schema: Schema, value: Json | undefined): boolean {
  if (value === undefined) return false;
  if (schema.const !== undefined) return schema.const === value;
  const types = Array.isArray(schema.type) ? schema.type : schema.type ? [schema.type] : [];
  const is = value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
  if (types.length > 0 && !types.includes(is) && !(is === 'integer' && types.includes('number'))) return false;
  if (is !== 'object') return true;
  const object = value as JsonObject;
  return (schema.required ?? []).every((name) => name in object)
    && Object.entries(schema.properties ?? {}).every(([name, property]) => !(name in object) || property.const === undefined || property.const === object[name]);
}

/** What a person should know of the values that are allowed. */
export function range(schema: Schema): string {
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const parts: string[] = [];
  if (low !== undefined && high !== undefined) parts.push(`${low} to ${high}.`);
  else if (low !== undefined) parts.push(`${low} or more.`);
  else if (high !== undefined) parts.push(`${high} at most.`);
  if (schema.minItems || schema.maxItems !== undefined) parts.push(`${schema.minItems ?? 0} to ${schema.maxItems ?? 'any number of'} items.`);
  if (FORMATS[schema.format ?? '']) parts.push(FORMATS[schema.format!]);
  return parts.join(' ');
}

const FORMATS: Record<string, string> = {
  'date-time': 'As 2026-11-20T10:15:00Z.', duration: 'As PT15M.', uuid: 'A UUID.', ipv4: 'An IPv4 address.', ipv6: 'An IPv6 address.', hostname: 'A host name.', regex: 'A regular expression.'
};
