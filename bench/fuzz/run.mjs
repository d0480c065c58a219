// `npm run fuzz`: bundles the fuzzer (main.ts) and its worker, and starts it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from '../bundle.mjs';

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'bootgrade-fuzz-code-'));
try {
  await bundle({ main: here('main.ts'), worker: here('worker.ts') }, folder);
  const { main } = await import(pathToFileURL(join(folder, 'main.mjs')).href);
  process.exitCode = await main(process.argv.slice(2), join(folder, 'worker.mjs'), here('../../'));
} finally {
  await rm(folder, { recursive: true });
}
