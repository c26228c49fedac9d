// Writes files as a C++ source: node embed.mjs OUTPUT [FOLDER]. Without FOLDER: none.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const MOST = 60000; // bytes, compressed, of all files together

const [output, folder] = process.argv.slice(2);
const names = folder ? readdirSync(folder).sort() : [];
const array = (name, bytes) => `const unsigned char ${name}[] = {${[...bytes].join(',').replace(/((?:\d+,){24})/g, '$1\n    ')}};`;
const arrays = [];
const rows = [];
let total = 0;
names.forEach((name, i) => {
  const plain = readFileSync(join(folder, name));
  const packed = gzipSync(plain, { level: 9 });
  const type = TYPES[extname(name)];
  if (!type) throw new Error(`${name}: no content type is known for it`);
  total += packed.length;
  arrays.push(array(`PLAIN_${i}`, plain), array(`PACKED_${i}`, packed));
  const etag = createHash('sha256').update(plain).digest('hex').slice(0, 20);
  rows.push(`    {"${name}", "${type}", "${etag}", PLAIN_${i}, PACKED_${i}},`);
});
if (total > MOST) throw new Error(`the console has ${total} bytes compressed, ${MOST} are allowed`);

const table = rows.length ? `const EmbeddedFile FILES[] = {\n${rows.join('\n')}\n};` : '';
writeFileSync(output, `// Made by server/console/embed.mjs.
#include "console/EmbeddedFile.h"

namespace tenon::console
{

namespace
{

${arrays.join('\n')}

${table}

} // namespace

std::span<const EmbeddedFile> embeddedFiles() noexcept
{
    return ${rows.length ? 'FILES' : '{}'};
}

} // namespace tenon::console
`);
