// node report.mjs RESULTS EXPECTED: lists every check of the suite that did not succeed, scored or not, with its cause.
//
// RESULTS is what the suite wrote with --output-dir. The exit status is 1 if a check failed in a scenario that EXPECTED
// does not name, or if there are no results at all.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [results, expectedFile] = process.argv.slice(2);
const expected = new Set([...readFileSync(expectedFile, 'utf8').matchAll(/^\s+- (\S+)/gm)].map((line) => line[1]));
const counts = {};
let unexpected = 0;
let scenarios = 0;

// Scenarios of the client leg stand in folders of their groups: auth/basic-cimd-2026-….
for (const folder of readdirSync(results, { recursive: true }).sort()) {
  const file = join(results, folder, 'checks.json');
  if (!existsSync(file)) continue;
  scenarios++;
  const scenario = folder.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, '');
  for (const check of JSON.parse(readFileSync(file, 'utf8'))) {
    counts[check.status] = (counts[check.status] ?? 0) + 1;
    if (check.status !== 'FAILURE' && check.status !== 'WARNING') continue;
    console.log(`${check.status} ${scenario} ${check.id}: ${check.errorMessage ?? check.description}`);
    if (check.status === 'FAILURE' && !expected.has(scenario)) unexpected++;
  }
}
console.log(`${scenarios} scenarios:`, Object.entries(counts).map(([status, count]) => `${count} ${status}`).join(', '));
process.exit(unexpected > 0 || scenarios === 0 ? 1 : 0);
