// `npm run harts`: the kernels with mistakes between harts (submissions/harts) under many schedules, and their correct twins: which mistakes are found, under how many
// schedules, which is the first, and what the report tells of it. `-- --faulty N --twins N --seed N`: under how many schedules each is run, and
// which. Exit status 1: a mistake was not found, or a correct twin failed.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execaNode } from 'execa';

const USAGE = `harts: npm run harts -- [--faulty N] [--twins N] [--seed N] [--program FILE]
  schedules for each faulty kernel (200) and for each correct one (200), 1 to 2000; the seed that decides which (1); the built command`;
const TWIN = '-correct';
const CLASS = inProject('../submissions/harts/class');

/** @param {string} path */
function inProject(path) {
  return fileURLToPath(new URL(path, import.meta.url));
}

function options() {
  const number = (/** @type {string} */ fallback) => /** @type {const} */ ({ type: 'string', default: fallback });
  try {
    const { values } = parseArgs({
      options: { faulty: number('200'), twins: number('200'), seed: number('1'), program: number(inProject('../dist/bootgrade.mjs')) },
    });
    const [faulty, twins, seed] = [values.faulty, values.twins, values.seed].map(Number);
    if ([faulty, twins, seed].every((one) => Number.isSafeInteger(one))) return { faulty, twins, seed, program: values.program };
  } catch {
    // The usage says it.
  }
  console.error(USAGE);
  process.exit(2);
}

/**
 * The results of grading these kernels under so many schedules, in their order.
 *
 * @param {string} folder
 * @param {readonly string[]} names
 * @param {{ runs: number | undefined, seed: number | undefined, program: string }} draw
 */
async function graded(folder, names, { runs, seed, program }) {
  const rubric = join(folder, 'harts.yaml');
  const [text = ''] = readFileSync(inProject('../rubrics/harts.yaml'), 'utf8').split('\nexpect:');
  writeFileSync(rubric, `${text.replace('runs: 200', `runs: ${runs}, seed: ${seed}`)}\n`);
  const kernels = names.map((name) => join(CLASS, name));
  const { stdout, stderr } = await execaNode(
    program,
    ['grade', rubric, ...kernels, '--out', join(folder, `out-${runs}-${names[0]}`), '--json'],
    {
      reject: false,
    },
  );
  if (stdout === '') throw new Error(stderr);
  /** @type {Record<string, any>[]} */
  const results = JSON.parse(stdout).results;
  return names.map((name) => {
    const result = results.find((one) => one['name'] === name);
    if (result === undefined) throw new Error(`${name} was not graded`);
    const check = result['checks'].find((/** @type {{ id: string }} */ { id }) => id === 'many-orders');
    const scenario = result['scenarios'].find((/** @type {{ name: string }} */ { name }) => name === 'many-orders');
    return { name, check, schedules: scenario['schedules'] };
  });
}

const { faulty, twins, seed, program } = options();
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-harts-'));
try {
  const names = readdirSync(CLASS)
    .filter((name) => !name.endsWith(TWIN))
    .sort();
  const wrong = await graded(folder, names, { runs: faulty, seed, program });
  const right = await graded(
    folder,
    names.map((name) => `${name}${TWIN}`),
    { runs: twins, seed, program },
  );
  for (const { name, check, schedules } of wrong) {
    if (check.outcome !== 'failed') console.log(`${name}: NOT FOUND under ${schedules?.tried ?? 0} of the schedules of seed ${seed}`);
    else {
      const [how] = check.reason.split(':');
      console.log(`${name}: found, ${how} of seed ${seed}, the first of them number ${schedules.first}`);
      console.log(`  the simplest: ${schedules.shown.schedule}`);
      for (const line of schedules.shown.story) console.log(`    ${line}`);
    }
    process.exitCode = check.outcome === 'failed' ? process.exitCode : 1;
  }
  for (const { name, check, schedules } of right) {
    console.log(check.outcome === 'passed' ? `${name}: passes under all ${schedules.tried}` : `${name}: REPORTED, ${check.reason}`);
    process.exitCode = check.outcome === 'passed' ? process.exitCode : 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
