// `npm run bench [-- OPTIONS]`: what whole commands take, ours and QEMU's by turns, so that both meet the same load on a shared computer, as
// ratios: below 1 we are faster. Then what kernels that hang cost, against those that pass (hangs.mjs). Nothing is asserted;
// docs/development/speed.md says what was seen, how to read it, and why a goal is missed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { COMPILER } from './guests/build.mjs';
import { benchHangs } from './hangs.mjs';
import { median } from './measure.mjs';
import { missingGuests, QEMU, rowsIn } from './rows.mjs';

/** @import { Row } from './rows.mjs' */

const HELP = `npm run bench -- [--pairs N] [--slow-pairs N] [--only TEXT] [--json FILE]
  --pairs       runs of each row, ours and QEMU's by turns (default 7)
  --slow-pairs  of the rows of whole classes, each of which takes minutes (default 7; 0 leaves them out)
  --only        only the rows whose title has this text
  --json        write the numbers to a file`;

/** @param {string} program */
const works = (program) => spawnSync(program, ['--version']).status === 0;

/** @param {string | undefined} text */
function count(text) {
  const number = Number(text ?? 7);
  if (Number.isInteger(number) && number >= 0) return number;
  console.error(HELP);
  process.exit(2);
}

/**
 * @param {Row} row
 * @param {number} pairs
 * @param {boolean} hasQemu
 */
async function compare({ title, goal, ours, qemus }, pairs, hasQemu) {
  /** @type {{ ours: { wall: number, cpu: number }, qemu: { wall: number, cpu: number } | null }[]} */
  const runs = [];
  for (let pair = 0; pair < pairs; pair++) {
    const { wall, cpu } = await ours();
    const other = hasQemu ? await qemus() : null;
    runs.push({ ours: { wall, cpu }, qemu: other && { wall: other.wall, cpu: other.cpu } });
  }
  /** @param {'wall' | 'cpu'} what */
  const ratio = (what) => median(runs.flatMap(({ ours, qemu }) => (qemu ? [ours[what] / qemu[what]] : [])));
  const result = {
    title,
    goal,
    pairs,
    wall: ratio('wall'),
    cpu: ratio('cpu'),
    ours: { wall: median(runs.map(({ ours }) => ours.wall)), cpu: median(runs.map(({ ours }) => ours.cpu)) },
    runs,
  };
  const met = result.wall <= goal ? 'met' : result.wall > goal ? 'missed' : '';
  const numbers = [result.wall, result.cpu].map((value) => value.toFixed(2).padStart(6)).join(' ');
  const own = [result.ours.wall, result.ours.cpu].map((value) => value.toFixed(0).padStart(7)).join(' ');
  console.log(`${title.padEnd(54)} ${numbers}  ${String(goal).padStart(5)} ${met.padEnd(7)} ${own}`);
  return result;
}

async function bench() {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string' },
      'slow-pairs': { type: 'string' },
      only: { type: 'string', default: '' },
      json: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help === true) return console.log(HELP);
  const [pairs, slowPairs] = [count(values.pairs), count(values['slow-pairs'])];
  const [hasQemu, hasCompiler] = [works(QEMU), works(COMPILER)];
  if (!hasQemu) console.log(`${QEMU} is not installed: no ratios`);
  if (!hasCompiler) console.log(`${COMPILER} is not installed (Debian: gcc-riscv64-linux-gnu): the loops and the cold code are left out`);
  for (const line of missingGuests()) console.log(line);
  const folder = mkdtempSync(join(tmpdir(), 'bootgrade-bench-'));
  try {
    console.log(`ours / QEMU, median of ${pairs} pairs, of ${slowPairs} for classes; load average ${loadavg()[0]?.toFixed(1)}`);
    console.log(`${''.padEnd(54)} ${'clock'.padStart(6)} ${'cpu'.padStart(6)}   goal         ours ms  cpu ms`);
    const rows = rowsIn(folder, hasCompiler).filter(({ title }) => title.includes(values.only));
    const results = [];
    for (const row of rows) {
      const times = row.slow === true ? slowPairs : pairs;
      if (times > 0) results.push(await compare(row, times, hasQemu));
    }
    const about = { node: process.version, qemu: hasQemu, date: new Date().toISOString(), load: loadavg() };
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ ...about, results }, null, 2)}\n`);
    if (values.only === '' && pairs > 0) benchHangs(pairs, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await bench();
