// `npm run bench:slow`: what kernels that do one costly thing for ever take, in processor time for each nanosecond of guest time, as a multiple of
// plain code that is interpreted. They are those of slow/kernels.ts, or, with `npm run bench:slow -- DIR`, the ELF files of a folder. The last columns
// compare a unit of work (machine/work-meter.ts) with what it takes. Nothing is asserted.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { execaNode } from 'execa';
import { bundle } from './bundle.mjs';

/** Milliseconds after which a kernel is given up. */
const PATIENCE = 120_000;
const USAGE =
  'slow: npm run bench:slow -- [DIR] [--json] [--races]: DIR has ELF files; without it, the kernels are those of bench/slow/kernels.ts';

/**
 * What a kernel takes, as slow/run-kernel.ts writes it.
 *
 * @typedef {{ processor: number, units: number, stop?: string }} Cost
 * @typedef {{ name: string, cost: Cost | undefined }} Row
 */

/** @param {string} path */
const inProject = (path) => fileURLToPath(new URL(path, import.meta.url));

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, races: { type: 'boolean' } },
    });
    const [folder, ...rest] = positionals;
    if (rest.length > 0) throw new Error();
    const files = folder === undefined ? undefined : readdirSync(folder).filter((name) => name.endsWith('.elf'));
    return { json: values.json ?? false, races: values.races ?? false, files: files?.map((name) => join(folder ?? '', name)) };
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}

/**
 * What a kernel takes; undefined if it did not end.
 *
 * @param {string} script
 * @param {string} kernel
 * @param {{ races: boolean, translated: boolean }} how
 * @returns {Promise<Cost | undefined>}
 */
async function costOf(script, kernel, { races, translated }) {
  const { stdout, failed } = await execaNode(script, [kernel, String(races), String(translated)], { timeout: PATIENCE, reject: false });
  return failed ? undefined : JSON.parse(stdout);
}

const format = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
/** @param {number | undefined} number */
const shown = (number) => (number !== undefined && Number.isFinite(number) ? format.format(number) : '–').padStart(13);

/**
 * @param {Row} row
 * @param {number} plain
 */
function lineOf({ name, cost }, plain) {
  // Where there is little of it, what plain code takes says more.
  const price = cost === undefined || cost.units < 1 ? undefined : (cost.processor - plain) / cost.units;
  const columns = [cost && cost.processor / plain, cost?.processor, cost?.units, price].map(shown).join('');
  return `${name.padEnd(32)}${columns}${cost === undefined ? `   did not end within ${PATIENCE / 1000} s` : cost.stop ? `   ${cost.stop}` : ''}`;
}

const { json, races, files } = options();
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-slow-'));
try {
  await bundle({ run: inProject('slow/run-kernel.ts'), kernels: inProject('slow/kernels.ts') }, folder);
  const script = join(folder, 'run.mjs');
  /** @type {{ SLOW_KERNELS: Readonly<Record<string, string>> }} */
  const { SLOW_KERNELS } = await import(pathToFileURL(join(folder, 'kernels.mjs')).href);
  const interpreted = await costOf(script, 'plain', { races: false, translated: false });
  const plain = interpreted?.processor ?? Number.NaN;
  /** @type {Row[]} */
  const rows = [];
  for (const kernel of files ?? Object.keys(SLOW_KERNELS)) {
    const name = kernel.slice(kernel.lastIndexOf('/') + 1);
    rows.push({ name, cost: await costOf(script, kernel, { races, translated: true }) });
  }
  rows.sort((a, b) => (b.cost?.processor ?? Number.POSITIVE_INFINITY) - (a.cost?.processor ?? Number.POSITIVE_INFINITY));
  if (json) console.log(JSON.stringify({ plain, rows }, undefined, 2));
  else {
    console.log(`${'kernel'.padEnd(32)}${['of plain code', 'ns/ns', 'units/ns', 'ns/unit'].map((title) => title.padStart(13)).join('')}`);
    for (const row of rows) console.log(lineOf(row, plain));
  }
} finally {
  rmSync(folder, { recursive: true });
}
