// Runs the message scripts: node run.mjs [--url BASE] [--modules FOLDER] [FILE or FOLDER or part of a name …]
//
// Without --url a server is started through ../serve.sh, and one of its own for each script that asks for settings.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { play } from './play.mjs';
import { findSchemas, RevisionSchema } from './schema.mjs';
import { startServer } from './server.mjs';
import { parseTranscript } from './transcript.mjs';

const folder = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const build = resolve(process.env.TENON_BUILD ?? join(folder, '..', '..', 'build', 'release'));
const { url, modules, only, verbose } = options(process.argv.slice(2));
const files = find(join(folder, 'scripts')).filter((file) => only.length === 0 || only.some((part) => file.includes(part)));
if (files.length === 0) {
  console.error('no script of that name');
  process.exit(2);
}
process.exit(await main().catch((error) => (console.error(error.message), 1)));

async function main() {
  const schemaFor = schemas();
  const shared = url ? { base: url, stop: async () => [] } : await startServer(folder);
  let failed = 0;
  let skipped = 0;
  for (const file of files) {
    const name = relative(join(folder, 'scripts'), file);
    const revision = name.split(/[\\/]/)[0];
    let faults;
    let log = [];
    try {
      const transcript = parseTranscript(readFileSync(file, 'utf8'), name);
      const settings = transcript.headings.settings?.replaceAll('$build', build).split(/\s+/);
      if (settings && url) {
        skipped++;
        console.log(`skip ${name}: it needs a server with ${settings.join(' ')}`);
        continue;
      }
      if (process.env.TENON_FLEET && transcript.headings.memory) {
        skipped++;
        console.log(`skip ${name}: what its plugin keeps in memory is one instance's`);
        continue;
      }
      const server = settings ? await startServer(folder, settings) : shared;
      ({ faults, log } = await play(transcript, { base: server.base, revision, file: name, schema: schemaFor(revision) }));
      if (settings) faults.push(...await server.stop());
    } catch (error) {
      faults = [error.message];
    }
    if (faults.length > 0) failed++;
    console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${name}`);
    for (const fault of faults) console.log(`     ${fault}`);
    if (verbose || faults.length > 0) for (const line of log) console.log(`       ${line}`);
  }
  const ending = await shared.stop();
  for (const line of ending) console.log(line);
  const played = files.length - skipped;
  console.log(`\n${played - failed} of ${played} scripts passed${skipped > 0 ? `, ${skipped} were skipped` : ''}`);
  return failed > 0 || played === 0 || ending.length > 0 ? 1 : 0;
}

function schemas() {
  const data = findSchemas(join(folder, '..', '..'));
  if (!data) {
    console.log('SKIPPED: validation against the revisions\' schemas (set TENON_SCHEMAS to the folder of schema-<revision>.json)');
    return () => undefined;
  }
  const require = createRequire(join(modules, 'package.json'));
  const libraries = { Ajv: require('ajv').default, Ajv2020: require('ajv/dist/2020').default };
  const known = new Map();
  return (revision) => {
    if (!known.has(revision)) known.set(revision, new RevisionSchema(data, revision, libraries));
    return known.get(revision);
  };
}

function find(top) {
  return readdirSync(top).sort().flatMap((entry) => {
    const path = join(top, entry);
    return statSync(path).isDirectory() ? find(path) : path.endsWith('.mcp') ? [path] : [];
  });
}

function options(list) {
  const result = { url: undefined, modules: folder, only: [], verbose: false };
  while (list.length > 0) {
    const item = list.shift();
    if (item === '--url') result.url = list.shift();
    else if (item === '--modules') result.modules = resolve(list.shift());
    else if (item === '--verbose') result.verbose = true;
    else result.only.push(item);
  }
  return result;
}
