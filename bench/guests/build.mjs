// Builds the bench guests with the cross compiler that the sample submissions are built with.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { coldSource } from './cold.mjs';

export const COMPILER = 'riscv64-linux-gnu-gcc';
const FLAGS = ['-O2', '-march=rv64gc', '-mabi=lp64d', '-mcmodel=medany', '-ffreestanding', '-fno-builtin'];
const LINKING = ['-nostdlib', '-static', '-no-pie', '-fno-pic', '-Wl,--build-id=none'];

/** @param {string} name */
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Each guest's source, and how often its loop goes round. */
const GUESTS = /** @type {const} */ ([
  { name: 'mixed-100M', source: 'mixed', rounds: 580 },
  { name: 'mixed-1G', source: 'mixed', rounds: 5800 },
  { name: 'cold-x4', source: 'cold', rounds: 44 },
  { name: 'float-100M', source: 'float', rounds: 7500 },
  { name: 'memory-1G', source: 'memory', rounds: 128 },
]);

/**
 * Builds all guests into a folder. Throws if the compiler fails.
 *
 * @param {string} folder
 * @returns {Record<string, string>} name -> path
 */
export function buildGuests(folder) {
  const sources = { mixed: here('mixed.c'), float: here('float.c'), memory: here('memory.c'), cold: join(folder, 'cold.c') };
  writeFileSync(sources.cold, coldSource());
  const paths = GUESTS.map(({ name, source, rounds }) => {
    const path = join(folder, `${name}.elf`);
    const inputs = [here('start.S'), sources[source], '-T', here('link.ld'), `-DROUNDS=${rounds}`];
    execFileSync(COMPILER, [...FLAGS, ...LINKING, ...inputs, '-o', path]);
    return [name, path];
  });
  return Object.fromEntries(paths);
}
