// Reads a transcript (see ../scripts/README.md) into its headings and steps.

/// One fault of a transcript: the file, the line, what is wrong.
export class TranscriptError extends Error {}

const STATEMENT = /^(>!|>\*|>|<~|<&|<|=|\$)\s?(.*)$/;
const HEADER = /^\s+([A-Za-z][A-Za-z0-9-]*):\s*(.*)$/;
const VERB = /^(GET|DELETE|PUT|OPTIONS|CLOSE)\b\s*(\S*)$/;

/// Shape: {headings: {name: text}, steps: [{kind, line, ...}]}; kinds: "send" {message | raw | verb, path, headers,
///        deliberate, repeat}, "expect" {pattern, stream, anyOrder}, "status" {status, type}, "end" {id}, "capture" {name, what}.
/// Errors: TranscriptError.
export function parseTranscript(text, file) {
  const fault = (line, what) => new TranscriptError(`${file}:${line}: ${what}`);
  const headings = {};
  const blocks = [];

  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    if (raw.trim() === '' || raw.startsWith('#')) return;
    if (/^\s/.test(raw)) {
      if (blocks.length === 0) throw fault(line, 'an indented line belongs to a step, and there is none yet');
      blocks.at(-1).more.push({ line, raw });
      return;
    }
    const statement = STATEMENT.exec(raw);
    if (statement) {
      blocks.push({ line, sign: statement[1], rest: statement[2], more: [] });
      return;
    }
    const heading = /^([a-z]+):\s*(.*)$/.exec(raw);
    if (!heading || blocks.length > 0) throw fault(line, `neither a heading nor a step: ${raw}`);
    headings[heading[1]] = heading[2];
  });

  return { headings, steps: blocks.map((block) => toStep(block, fault)) };
}

function toStep({ line, sign, rest, more }, fault) {
  const json = (source) => {
    try {
      return JSON.parse(source);
    } catch (error) {
      throw fault(line, `${error.message} in ${source}`);
    }
  };
  const headers = {};
  const body = [rest];
  for (const { line: at, raw } of more) {
    const header = sign.startsWith('>') ? HEADER.exec(raw) : null;
    if (header) headers[header[1]] = header[2];
    else if (sign === '=' || sign === '$') throw fault(at, 'this step takes one line');
    else body.push(raw);
  }
  const source = body.join('\n').trim();

  switch (sign) {
    case '>': {
      const verb = VERB.exec(source);
      if (verb) return { kind: 'send', line, verb: verb[1], path: verb[2], headers };
      return { kind: 'send', line, message: json(source), headers };
    }
    case '>*':
      return { kind: 'send', line, message: json(source), headers, repeat: true };
    case '>!': {
      let message;
      try {
        message = JSON.parse(source);
      } catch {
        message = undefined;
      }
      return { kind: 'send', line, raw: source, message, headers, deliberate: true };
    }
    case '<':
    case '<&':
    case '<~':
      return { kind: 'expect', line, pattern: json(source), stream: sign === '<~', anyOrder: sign === '<&' };
    case '=': {
      const parts = /^(\d{3}|end)(?:\s+(\S+))?$/.exec(source);
      if (!parts) throw fault(line, `expected a status or "end", found: ${source}`);
      if (parts[1] === 'end') return { kind: 'end', line, id: parts[2] === undefined ? undefined : json(parts[2]) };
      return { kind: 'status', line, status: Number(parts[1]), type: parts[2] };
    }
    default: {
      const parts = /^(\w+)\s*:=\s*(event-id|session)$/.exec(source);
      if (!parts) throw fault(line, `expected "name := event-id" or "name := session", found: ${source}`);
      return { kind: 'capture', line, name: parts[1], what: parts[2] };
    }
  }
}
