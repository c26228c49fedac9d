// node compare.mjs ALONE BEHIND EXCUSED: every check of the suite that succeeded in the results ALONE and did not in BEHIND.
//
// Both are what the suite wrote with --output-dir; EXCUSED has lines "scenario check: why". The exit status is 1 if there is
// such a check that is not excused, or nothing to compare.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The best outcome of each check, by scenario and id. */
function outcomes(results) {
  const all = new Map();
  for (const folder of readdirSync(results, { recursive: true }).sort()) {
    const file = join(results, folder, 'checks.json');
    if (!existsSync(file)) continue;
    const scenario = folder.replace(/^server-/, '').replace(/-\d{4}-\d{2}-\d{2}T.*$/, '');
    for (const check of JSON.parse(readFileSync(file, 'utf8'))) {
      const key = `${scenario} ${check.id}`;
      if (all.get(key)?.status !== 'SUCCESS') all.set(key, check);
    }
  }
  return all;
}

const [alone, behind] = process.argv.slice(2, 4).map(outcomes);
const excused = new Set([...readFileSync(process.argv[4], 'utf8').matchAll(/^(?!#)(\S+ \S+):/gm)].map((line) => line[1]));
let passed = 0;
let lost = 0;
let more = 0;
for (const [key, check] of alone) {
  const now = behind.get(key);
  if (check.status !== 'SUCCESS') {
    if (now?.status === 'SUCCESS') more++;
    continue;
  }
  passed++;
  if (now?.status === 'SUCCESS') continue;
  if (!excused.has(key)) lost++;
  else passed--;
  console.log(`${excused.has(key) ? 'excused' : 'LOST'} ${key}: ${now ? (now.errorMessage ?? now.description) : 'it was not made'}`);
}
console.log(`${passed} checks pass alone, ${passed - lost} of them behind Tenon; ${more} that fail alone pass there`);
process.exit(lost > 0 || passed === 0 ? 1 : 0);
