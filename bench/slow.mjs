// `npm run bench:slow -- DIR`: what each kernel of a folder costs, in nanoseconds of processor time for each nanosecond of guest time,
// compared with plain code, with and without the watch for races. For kernels that were made to be slow, and for the prices of machine/work-meter.ts:
// the last column is what a unit of work took. Nothing is asserted.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execaNode } from 'execa';
import { bundle } from './bundle.mjs';

/** Of guest time; and milliseconds after which a kernel is given up. */
const GUEST_MILLISECONDS = 50;
const PATIENCE = 120_000;
const USAGE = 'slow: name one folder of ELF files: npm run bench:slow -- DIR [--json] [--guest MILLISECONDS]';

/**
 * What a run took, as slow/run-kernel.ts writes it.
 *
 * @typedef {{ processor: number, guest: number, units: number, stop: string }} Cost
 * @typedef {{ name: string, plain: Cost | undefined, races: Cost | undefined }} Row
 */

/** @param {string} path */
const inProject = (path) => fileURLToPath(new URL(path, import.meta.url));

/**
 * What a run took; undefined if it did not end.
 *
 * @param {string} script
 * @param {string} kernel
 * @param {{ nanoseconds: number, races: boolean }} limits
 * @returns {Promise<Cost | undefined>}
 */
async function costOf(script, kernel, { nanoseconds, races }) {
  const { stdout, failed } = await execaNode(script, [kernel, String(nanoseconds), String(races)], { timeout: PATIENCE, reject: false });
  return failed ? undefined : JSON.parse(stdout);
}

function options() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { json: { type: 'boolean' }, guest: { type: 'string' } },
    });
    const guest = Number(values.guest ?? GUEST_MILLISECONDS);
    const [folder, ...rest] = positionals;
    if (folder === undefined || rest.length > 0 || !(guest > 0)) throw new Error();
    const kernels = readdirSync(folder).filter((name) => name.endsWith('.elf'));
    return { json: values.json ?? false, nanoseconds: Math.round(guest * 1e6), kernels: kernels.map((name) => join(folder, name)) };
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}

/** The rate of plain code: what a kernel takes beyond it is its work's. */
const PLAIN = 'plain code';

/** @param {Cost | undefined} cost */
const ratio = (cost) => (cost === undefined ? Number.POSITIVE_INFINITY : cost.processor / Math.max(cost.guest, 1));
const format = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
/** @param {number} number */
const shown = (number) => (Number.isFinite(number) ? format.format(number) : '–').padStart(13);

/**
 * @param {Row} row
 * @param {number} plainRatio
 */
function lineOf({ name, plain, races }, plainRatio) {
  const units = plain === undefined ? Number.NaN : plain.units / Math.max(plain.guest, 1);
  // Where there is little of it, what plain code takes says more.
  const price = plain === undefined || units < 1 ? Number.NaN : (plain.processor - plainRatio * plain.guest) / plain.units;
  const columns = [ratio(plain), ratio(races), units, price].map(shown).join('');
  return `${name.padEnd(20)}${columns}   ${plain?.stop ?? `did not end within ${PATIENCE / 1000} s`}`;
}

const { json, nanoseconds, kernels } = options();
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-slow-'));
try {
  await bundle({ run: inProject('slow/run-kernel.ts') }, folder);
  const script = join(folder, 'run.mjs');
  /** @type {Row[]} */
  const rows = [];
  for (const kernel of ['plain', ...kernels]) {
    const name = kernel === 'plain' ? PLAIN : kernel.slice(kernel.lastIndexOf('/') + 1);
    rows.push({
      name,
      plain: await costOf(script, kernel, { nanoseconds, races: false }),
      races: await costOf(script, kernel, { nanoseconds, races: true }),
    });
  }
  rows.sort((a, b) => ratio(b.plain) - ratio(a.plain));
  if (json) console.log(JSON.stringify(rows, undefined, 2));
  else {
    console.log(
      `${'kernel'.padEnd(20)}${['ns/ns', 'with races', 'units/ns', 'ns/unit'].map((title) => title.padStart(13)).join('')}   ended with`,
    );
    const plainRatio = ratio(rows.find(({ name }) => name === PLAIN)?.plain);
    for (const row of rows) console.log(lineOf(row, plainRatio));
  }
} finally {
  rmSync(folder, { recursive: true });
}
