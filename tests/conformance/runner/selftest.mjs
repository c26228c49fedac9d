// node --test selftest.mjs: the reader and the comparison of transcripts find what is wrong.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fill, mismatches } from './match.mjs';
import { parseTranscript, TranscriptError } from './transcript.mjs';

const fits = (pattern, value, variables = {}) => mismatches(pattern, value, variables).length === 0;

test('objects may have more members, arrays may not have more items', () => {
  assert.ok(fits({ a: 1 }, { a: 1, b: 2 }));
  assert.ok(!fits({ a: 1 }, { b: 2 }));
  assert.ok(!fits([1], [1, 2]));
  assert.ok(fits(['<contains>', 2], [1, 2]));
  assert.ok(!fits(['<contains>', 3], [1, 2]));
});

test('an id keeps its type', () => {
  assert.ok(!fits({ id: 1 }, { id: '1' }));
  assert.ok(!fits({ id: '1' }, { id: 1 }));
});

test('words in angle brackets', () => {
  assert.ok(fits({ a: '<absent>' }, {}));
  assert.ok(!fits({ a: '<absent>' }, { a: null }));
  assert.ok(!fits('<integer>', 1.5));
  assert.ok(!fits('<empty object>', { a: 1 }));
  assert.ok(fits('<~ ^a+$>', 'aaa'));
  assert.ok(!fits('<~ ^a+$>', 'b'));
  assert.ok(!fits('<no such word>', 1));
  assert.ok(fits(['<either>', { a: 1 }, { b: 2 }], { b: 2 }));
  assert.ok(!fits(['<either>', { a: 1 }, { b: 2 }], { c: 3 }));
});

test('what is kept is used with its type', () => {
  const variables = {};
  assert.ok(fits({ id: '<set question>' }, { id: 7 }, variables));
  assert.deepEqual(fill({ id: '$question', text: 'no. ${question}' }, variables), { id: 7, text: 'no. 7' });
  assert.ok(!fits('<not $question>', 7, variables));
  assert.throws(() => fill('$nothing', variables));
});

test('a transcript is read into steps', () => {
  const { headings, steps } = parseTranscript(
    '# c\nhandshake: none\n\n> {"id": 1,\n   "method": "ping"}\n  X-A: b\n= 200 application/json\n< {"id": 1}\n= end 1\n', 'f');
  assert.deepEqual(headings, { handshake: 'none' });
  assert.deepEqual(steps.map((step) => step.kind), ['send', 'status', 'expect', 'end']);
  assert.deepEqual(steps[0].message, { id: 1, method: 'ping' });
  assert.deepEqual(steps[0].headers, { 'X-A': 'b' });
});

test('faults of a transcript name the line', () => {
  for (const text of ['> {"id": }', 'nonsense', '  {"id": 1}', '= maybe', '$x := y']) {
    assert.throws(() => parseTranscript(text, 'f'), (error) => error instanceof TranscriptError && error.message.startsWith('f:1:'));
  }
});
