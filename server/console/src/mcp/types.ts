// The shapes of the protocol that the console reads. Members it does not show are left out.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const MODERN = '2026-07-28';
export const LEGACY = '2025-11-25';
export type Revision = typeof MODERN | typeof LEGACY;

export interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  const?: Json;
  enum?: Json[];
  enumNames?: string[];
  oneOf?: Schema[];
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  $ref?: string;
  $defs?: Record<string, Schema>;
  'x-mcp-header'?: string;
}

export interface Tool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: Schema;
  outputSchema?: Schema;
  annotations?: { title?: string; readOnlyHint?: boolean; destructiveHint?: boolean; idempotentHint?: boolean; openWorldHint?: boolean };
  execution?: { taskSupport?: string };
  _meta?: JsonObject;
}

export interface Resource { uri: string; name: string; title?: string; description?: string; mimeType?: string; size?: number }
export interface ResourceTemplate { uriTemplate: string; name: string; title?: string; description?: string; mimeType?: string }
export interface Prompt { name: string; title?: string; description?: string; arguments?: { name: string; description?: string; required?: boolean }[] }

export interface ContentBlock {
  type: string;
  text?: string;
  data?: string;
  mimeType?: string;
  uri?: string;
  name?: string;
  title?: string;
  description?: string;
  resource?: ResourceContents;
}
export interface ResourceContents { uri: string; mimeType?: string; text?: string; blob?: string; _meta?: JsonObject }

export interface CallToolResult {
  content?: ContentBlock[];
  structuredContent?: Json;
  isError?: boolean;
  resultType?: string;
  inputRequests?: Record<string, ServerRequest>;
  requestState?: string;
  task?: Task;
  taskId?: string;
}

export interface Task { taskId: string; status: string; statusMessage?: string; createdAt?: string; lastUpdatedAt?: string; ttl?: number; pollInterval?: number }

/** What a server asks its client: an elicitation, a sampling, the roots. */
export interface ServerRequest { method: string; params?: JsonObject }

export class RpcError extends Error {
  constructor(readonly code: number, message: string, readonly data?: Json) {
    super(message);
  }
}
