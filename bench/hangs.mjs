// What kernels that hang cost to grade, as a ratio to kernels that pass, whole commands by turns; and how long the sample class takes.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What is graded: the rubric's file, the sample, and why its machine must have stopped.
 *
 * @typedef {readonly [rubricFile: string, name: string, stop: string]} Subject
 */

/** @param {string} path */
const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const BOOTGRADE = inProject('dist/bootgrade.mjs');
/** @param {string} name */
const sample = (name) => inProject(`submissions/class/${name}`);

/** @param {string} faults */
const rubric = (faults) => `rubric: 1
title: Spin
machine:
  cpu: rv64,zba=true,zbb=true
  memory: 1G
  append: ostd.log_level=error
  drives: { blk: { size: 64M, contents: [{ at: 0, text: Hello World from Image! }] } }
submission: { kernel: kernel.elf }
scenarios: { write: { until: { console: "[INIT] Starting Shell..." }, limit: 10s guest, faults: [${faults}] } }
checks: [{ id: shell, points: 1, console: "[INIT] Starting Shell..." }]
`;

/**
 * Milliseconds of a whole grading.
 *
 * @param {string} folder
 * @param {Subject} subject
 */
function grade(folder, [rubricFile, name, stop]) {
  const start = performance.now();
  const args = [BOOTGRADE, 'grade', rubricFile, sample(name), '--no-explain', '--json', '--out', join(folder, 'reports')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const milliseconds = performance.now() - start;
  if (status !== 0) throw new Error(`bootgrade grade ended with ${status}: ${stderr}`);
  const found = JSON.parse(stdout).results[0].scenarios[0].stop.reason;
  if (found !== stop) throw new Error(`${name} stopped with ${found}, not with ${stop}`);
  return milliseconds;
}

/**
 * @param {string} title
 * @param {number} pairs
 * @param {string} folder
 * @param {Subject} hanging
 * @param {Subject} passing
 */
function compare(title, pairs, folder, hanging, passing) {
  const ratios = Array.from({ length: pairs }, () => {
    const milliseconds = grade(folder, hanging);
    return milliseconds / grade(folder, passing);
  }).sort((a, b) => a - b);
  const [least, middle, most] = [0, pairs >> 1, -1].map((at) => (ratios.at(at) ?? Number.NaN).toFixed(2));
  console.log(`${title.padEnd(56)} ratio ${middle}  (${least} to ${most})`);
}

/**
 * @param {number} pairs
 * @param {string} folder for files of its own
 */
export function benchHangs(pairs, folder) {
  const plain = join(folder, 'plain.yaml');
  const late = join(folder, 'late.yaml');
  writeFileSync(plain, rubric(''));
  writeFileSync(late, rubric('{ request: { type: OUT }, late: 20s }'));
  console.log(`grading a kernel that hangs / one that passes, median of ${pairs} pairs`);
  /** @type {Subject} */
  const passing = [plain, 'ostd-passes', 'until'];
  compare('OSTD spinning under its timer, to 10 guest seconds', pairs, folder, [late, 'ostd-passes', 'limit'], passing);
  compare('a proved hang (no-notify, passes)', pairs, folder, [plain, 'no-notify', 'hang'], [plain, 'passes', 'until']);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [
    BOOTGRADE,
    'grade',
    inProject('rubrics/lab13.yaml'),
    inProject('submissions/class'),
    '--out',
    folder,
  ]);
  console.log(`npm start, the sample class with explanations: ${((performance.now() - start) / 1000).toFixed(1)} s, exit code ${status}`);
}
