// `npm run bench [-- PAIRS]`: our speed as a ratio to QEMU's, whole commands, ours and QEMU's taking turns, so that both meet the same
// load on a shared computer. Below 1 we are faster. Then what kernels that hang cost, against those that pass (bench/hangs.mjs). Nothing is asserted; docs/speed.md says what was seen and how to read it.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGuests, COMPILER } from './guests/build.mjs';
import { benchHangs } from './hangs.mjs';

const QEMU = 'qemu-system-riscv64';
const PAIRS = 11;
const UNTIL = '[INIT] Starting Shell...';

/**
 * One run of a whole command. `instructions` is what ours says of itself.
 *
 * @typedef {{ milliseconds: number, instructions: number | undefined }} Run
 *
 * What is run; `until`: a text on the console that ends it; `few`: a third of the pairs will do.
 *
 * @typedef {{ title: string, args: readonly string[], until?: string, few?: boolean }} Row
 */

/** @param {string} path */
const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const BOOTGRADE = inProject('dist/bootgrade.mjs');

/**
 * Runs a command to its end, or until its standard output shows a text; then it is killed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {string} [until]
 * @returns {Promise<Run>}
 */
function measure(program, args, until) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    /** @type {number | undefined} */
    let reached;
    child.stdout.on('data', (bytes) => {
      output += bytes;
      if (until === undefined || reached !== undefined || !output.includes(until)) return;
      reached = performance.now() - start;
      child.kill('SIGKILL');
    });
    child.stderr.on('data', (bytes) => {
      errors += bytes;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const milliseconds = reached ?? performance.now() - start;
      if (reached === undefined && (code !== 0 || until !== undefined)) reject(new Error(`${program} ended with ${code}: ${errors}`));
      else resolve({ milliseconds, instructions: instructionsIn(errors) });
    });
  });
}

/**
 * From the last line of `bootgrade run` on standard error.
 *
 * @param {string} errors
 */
function instructionsIn(errors) {
  const [, digits] = /after ([\d,]+) instructions/.exec(errors) ?? [];
  return digits === undefined ? undefined : Number(digits.replaceAll(',', ''));
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [before = Number.NaN, after = Number.NaN] = sorted.slice(Math.max(middle - 1, 0));
  return sorted.length % 2 === 1 ? (sorted[middle] ?? Number.NaN) : (before + after) / 2;
}

/**
 * With `until`, QEMU is killed; ours has an option for it and always ends by itself.
 *
 * @param {Row} row
 * @param {number} pairs
 * @param {boolean} hasQemu
 * @returns {Promise<Run>}
 */
async function compare({ title, args, until }, pairs, hasQemu) {
  /** @type {Run[]} */
  const ours = [];
  /** @type {number[]} */
  const ratios = [];
  const own = until === undefined ? [] : ['--until', until];
  for (let pair = 0; pair < pairs; pair++) {
    const run = await measure(process.execPath, [BOOTGRADE, 'run', ...own, ...args]);
    ours.push(run);
    if (hasQemu) ratios.push(run.milliseconds / (await measure(QEMU, args, until)).milliseconds);
  }
  // Other work on the computer only takes away: a rate is that of the fastest run.
  const milliseconds = Math.min(...ours.map((run) => run.milliseconds));
  const fastest = { instructions: ours[0]?.instructions, milliseconds };
  report(title, ratios, fastest);
  return fastest;
}

/**
 * @param {string} title
 * @param {readonly number[]} ratios
 * @param {Run} run
 */
function report(title, ratios, { instructions = Number.NaN, milliseconds }) {
  const spread = ratios.length > 0 ? `  (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})` : '';
  const ratio = ratios.length > 0 ? `ratio ${median(ratios).toFixed(2)}${spread}` : 'no ratio';
  const rate = Math.round(instructions / milliseconds / 1000);
  console.log(`${title.padEnd(34)} ${ratio.padEnd(28)} ${(instructions / 1e6).toFixed(1).padStart(7)} M instructions, ${rate} M/s`);
}

/**
 * The lab's own command line, on a copy of the lab's disk.
 *
 * @param {string} folder
 */
function bootArguments(folder) {
  const disk = join(folder, 'blk.img');
  const image = Buffer.alloc(64 << 20);
  image.write('Hello World from Image!');
  writeFileSync(disk, image);
  const machine = '-cpu rv64,zba=true,zbb=true -machine virt -m 1G --no-reboot -nographic'.split(' ');
  const drive = ['-device', 'virtio-blk-device,drive=x0,serial=blk0', '-drive', `file=${disk},if=none,id=x0,format=raw,snapshot=on`];
  return [...machine, ...drive, '-kernel', inProject('submissions/class/ostd-passes/kernel.elf'), '-append', 'ostd.log_level=error'];
}

/** @param {string} kernel */
const bareArguments = (kernel) => ['-machine', 'virt', '-m', '128M', '-nographic', '-bios', 'none', '-kernel', kernel];

/**
 * @param {string} folder
 * @returns {Row[]}
 */
function rows(folder) {
  const boot = { title: `OSTD kernel to "${UNTIL.slice(0, 6)} …"`, args: bootArguments(folder), until: UNTIL };
  const start = {
    title: 'start-up (hello.elf)',
    args: ['-machine', 'virt', '-nographic', '-kernel', inProject('submissions/kernels/hello.elf')],
  };
  if (!works(COMPILER)) {
    console.log(`${COMPILER} is not installed (Debian: gcc-riscv64-linux-gnu): the loops and the cold code are left out`);
    return [boot, start];
  }
  const guests = buildGuests(folder);
  return [boot, start, ...Object.entries(guests).map(([title, path]) => ({ title, args: bareArguments(path), few: title === 'mixed-1G' }))];
}

/** @param {string} program */
const works = (program) => spawnSync(program, ['--version']).status === 0;

/**
 * Of the longer loop less the shorter one: start-up and compilation are in both.
 *
 * @param {Run} short
 * @param {Run} long
 */
function steadyRate(short, long) {
  const instructions = (long.instructions ?? Number.NaN) - (short.instructions ?? Number.NaN);
  return Math.round(instructions / (long.milliseconds - short.milliseconds) / 1000);
}

/** @param {number} pairs */
async function bench(pairs) {
  const hasQemu = works(QEMU);
  console.log(hasQemu ? `ours / QEMU, whole commands, median of ${pairs} pairs` : `${QEMU} is not installed: no ratios`);
  const folder = mkdtempSync(join(tmpdir(), 'bootgrade-bench-'));
  try {
    /** @type {Map<string, Run>} */
    const results = new Map();
    for (const row of rows(folder)) results.set(row.title, await compare(row, row.few ? Math.ceil(pairs / 3) : pairs, hasQemu));
    const [short, long] = [results.get('mixed-100M'), results.get('mixed-1G')];
    if (short && long) console.log(`mixed loop, steady: ${steadyRate(short, long)} million instructions a second`);
    benchHangs(pairs, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const pairs = Number(process.argv[2] ?? PAIRS);
if (!Number.isInteger(pairs) || pairs < 1 || process.argv.length > 3) {
  console.error('bench: one argument at most, the number of pairs: npm run bench -- 21');
  process.exit(2);
}
await bench(pairs);
