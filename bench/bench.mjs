// `npm run bench [-- PAIRS]`: our speed as a ratio to QEMU's, whole commands, ours and QEMU's by turns so that both meet the same
// weather on a shared computer. Below 1 we are faster. Then what kernels that hang cost, against those that pass (bench/hangs.mjs). Nothing is asserted; docs/speed.md says what was seen and how to read it.
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

const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const COMMAND = [process.execPath, inProject('dist/bootgrade.mjs'), 'run'];

/** Runs a command to its end, or until its standard output shows a text; then it is killed. */
function measure([program, ...args], until) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors, reached] = ['', '', undefined];
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

/** From the last line of `bootgrade run` on standard error. */
function instructionsIn(errors) {
  const found = /after ([\d,]+) instructions/.exec(errors);
  return found ? Number(found[1].replaceAll(',', '')) : undefined;
}

function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `until`: a text on QEMU's console that ends it; ours is told by its own option and always ends by itself. */
async function compare({ title, args, until, pairs, hasQemu }) {
  const ours = [];
  const ratios = [];
  const own = until === undefined ? COMMAND : [...COMMAND, '--until', until];
  for (let pair = 0; pair < pairs; pair++) {
    ours.push(await measure([...own, ...args]));
    if (hasQemu) ratios.push(ours.at(-1).milliseconds / (await measure([QEMU, ...args], until)).milliseconds);
  }
  // Other work on the computer only takes away: a rate is that of the fastest run.
  const milliseconds = Math.min(...ours.map((run) => run.milliseconds));
  report(title, ratios, ours[0].instructions, milliseconds);
  return { instructions: ours[0].instructions, milliseconds };
}

function report(title, ratios, instructions, milliseconds) {
  const spread = ratios.length > 0 ? `  (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})` : '';
  const ratio = ratios.length > 0 ? `ratio ${median(ratios).toFixed(2)}${spread}` : 'no ratio';
  const rate = Math.round(instructions / milliseconds / 1000);
  console.log(`${title.padEnd(34)} ${ratio.padEnd(28)} ${(instructions / 1e6).toFixed(1).padStart(7)} M instructions, ${rate} M/s`);
}

/** The lab's own command line, on a copy of the lab's disk. */
function bootArguments(folder) {
  const disk = join(folder, 'blk.img');
  const image = Buffer.alloc(64 << 20);
  image.write('Hello World from Image!');
  writeFileSync(disk, image);
  const machine = '-cpu rv64,zba=true,zbb=true -machine virt -m 1G --no-reboot -nographic'.split(' ');
  const drive = ['-device', 'virtio-blk-device,drive=x0,serial=blk0', '-drive', `file=${disk},if=none,id=x0,format=raw,snapshot=on`];
  return [...machine, ...drive, '-kernel', inProject('submissions/class/ostd-passes/kernel.elf'), '-append', 'ostd.log_level=error'];
}

const bareArguments = (kernel) => ['-machine', 'virt', '-m', '128M', '-nographic', '-bios', 'none', '-kernel', kernel];

/** Each row: what is run, and how many pairs of the number asked for. */
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

const works = (program) => spawnSync(program, ['--version']).status === 0;

/** Of the longer loop less the shorter one: start-up and compilation are in both. */
function steadyRate(short, long) {
  return Math.round((long.instructions - short.instructions) / (long.milliseconds - short.milliseconds) / 1000);
}

async function bench(pairs) {
  const hasQemu = works(QEMU);
  console.log(hasQemu ? `ours / QEMU, whole commands, median of ${pairs} pairs` : `${QEMU} is not installed: no ratios`);
  const folder = mkdtempSync(join(tmpdir(), 'bootgrade-bench-'));
  try {
    const results = {};
    for (const row of rows(folder)) results[row.title] = await compare({ ...row, pairs: row.few ? Math.ceil(pairs / 3) : pairs, hasQemu });
    if (results['mixed-1G'])
      console.log(`mixed loop, steady: ${steadyRate(results['mixed-100M'], results['mixed-1G'])} million instructions a second`);
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
