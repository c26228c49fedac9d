// Checks messages against the JSON schema that the specification publishes for a revision.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const UNIONS = new Set(['ClientRequest', 'ClientNotification', 'ClientResult', 'ServerRequest', 'ServerNotification',
  'ServerResult']);

/// The folder with `schema-<revision>.json`: TENON_SCHEMAS, else ../shared/spec beside the repository; undefined if
/// there is neither.
export function findSchemas(root) {
  const candidates = [process.env.TENON_SCHEMAS, join(root, '..', 'shared', 'spec')];
  return candidates.find((folder) => folder && existsSync(join(folder, 'schema-2025-11-25.json')));
}

function widen(definition) {
  if (definition === undefined) return;
  const types = [definition.type].flat().map((type) => (type === 'integer' ? 'number' : type));
  definition.type = types.length === 1 ? types[0] : types;
}

export class RevisionSchema {
  /// Errors: throws if the file is not there or not a schema.
  constructor(folder, revision, { Ajv, Ajv2020 }) {
    const schema = JSON.parse(readFileSync(join(folder, `schema-${revision}.json`), 'utf8'));
    const options = { strict: false, allErrors: true };
    this._ajv = String(schema.$schema).includes('2020-12') ? new Ajv2020(options) : new Ajv(options);
    this._ajv.addFormat('byte', /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/);
    this._ajv.addFormat('uri', /^[A-Za-z][A-Za-z0-9+.-]*:/);
    this._ajv.addFormat('uri-template', true);
    this._key = '$defs' in schema ? '$defs' : 'definitions';
    this._definitions = schema[this._key];
    // The published file says "integer" where schema.ts says "number".
    for (const name of ['minimum', 'maximum', 'default']) widen(this._definitions.NumberSchema?.properties?.[name]);
    widen(this._definitions.RequestId);
    this._ajv.addSchema({ ...schema, $id: 'mcp:schema' });
    this._byMethod = new Map();
    this._byCode = new Map();
    for (const [name, definition] of Object.entries(this._definitions)) {
      if (UNIONS.has(name)) continue;
      const method = definition.properties?.method?.const;
      if (typeof method === 'string') this._byMethod.set(method, name);
      for (const part of definition.properties?.error?.allOf ?? []) {
        const code = part.properties?.code?.const;
        if (typeof code === 'number') this._byCode.set(code, name);
      }
    }
  }

  /// What is wrong with `message`; `methodOf(id)` is the method of the request that a response answers.
  faults(message, methodOf) {
    if (Array.isArray(message)) {
      const batch = this._check('JSONRPCMessage', message);
      return batch.length > 0 ? batch : message.flatMap((item) => this.faults(item, methodOf));
    }
    if (typeof message.method === 'string') {
      return this._check(this._byMethod.get(message.method)
        ?? ('id' in message ? 'JSONRPCRequest' : 'JSONRPCNotification'), message);
    }
    if (message.error !== undefined) {
      return this._check(this._byCode.get(message.error?.code) ?? this._first('JSONRPCErrorResponse', 'JSONRPCError'),
        message);
    }
    const envelope = this._check(this._first('JSONRPCResultResponse', 'JSONRPCResponse'), message);
    const result = this._resultOf(methodOf(message.id), message.result);
    return envelope.length > 0 || !result ? envelope : this._check(result, message.result);
  }

  _resultOf(method, result) {
    if (result?.resultType === 'input_required' && 'InputRequiredResult' in this._definitions) {
      return 'InputRequiredResult';
    }
    // A task's envelope stands in for the result; extensions define it, not this schema, except in 2025-11-25.
    if (result?.resultType === 'task') return undefined;
    if (method === 'tools/call' && result?.task) return this._first('CreateTaskResult');
    const request = this._byMethod.get(method);
    return request ? this._first(request.replace(/Request$/, 'Result')) : undefined;
  }

  _first(...names) {
    return names.find((name) => name in this._definitions);
  }

  _check(name, value) {
    const validate = this._ajv.getSchema(`mcp:schema#/${this._key}/${name}`);
    if (validate(value)) return [];
    return validate.errors.slice(0, 6).map((error) => `${name}${error.instancePath}: ${error.message}`);
  }
}
