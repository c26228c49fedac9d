// Loads packages from the folder they were installed into, which is not beside the programs.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.env.TENON_NODE_MODULES, 'programs.js'));

export const load = (name) => require(name);
