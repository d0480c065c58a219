// `npm run harts`: the kernels with mistakes between harts (submissions/harts) under many schedules, each beside its correct twin: which are found, under
// how many schedules they fail, and the simplest schedule that shows it. `-- --faulty N --twins N` says how many schedules each is run under.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { execaNode } from 'execa';

const USAGE = 'harts: npm run harts -- [--faulty N] [--twins N]: schedules for each faulty kernel (200) and for each correct one (200)';
const TWIN = '-correct';

/** @param {string} path */
const inProject = (path) => fileURLToPath(new URL(path, import.meta.url));

function options() {
  try {
    const { values } = parseArgs({ options: { faulty: { type: 'string', default: '200' }, twins: { type: 'string', default: '200' } } });
    return { faulty: Number(values.faulty), twins: Number(values.twins) };
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}

/**
 * What grading one kernel under so many schedules says: the check's reason, `null` where it passed, and the schedule that the report shows.
 *
 * @param {string} folder
 * @param {string} name
 * @param {number} schedules
 * @returns {Promise<{ reason: string | null, shown: string | undefined, tried: number }>}
 */
async function graded(folder, name, schedules) {
  const rubric = join(folder, 'harts.yaml');
  const text = readFileSync(inProject('../rubrics/harts.yaml'), 'utf8').split('\nexpect:')[0] ?? '';
  writeFileSync(rubric, `${text.replace(/schedules: \d+/, `schedules: ${schedules}`)}\n`);
  const kernel = inProject(`../submissions/harts/class/${name}/kernel.elf`);
  const { stdout } = await execaNode(inProject('../dist/bootgrade.mjs'), ['grade', rubric, kernel, '--json'], { reject: false });
  const [result] = JSON.parse(stdout).results;
  const check = result.checks.find((/** @type {{ id: string }} */ { id }) => id === 'many-orders');
  const scenario = result.scenarios.find((/** @type {{ name: string }} */ { name }) => name === 'many-orders');
  const tried = scenario.schedules?.tried ?? 0;
  return { reason: check.outcome === 'passed' ? null : check.reason, shown: scenario.schedules?.shown?.schedule, tried };
}

const { faulty, twins } = options();
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-harts-'));
try {
  console.log(`${'kernel'.padEnd(16)}${'its correct twin'.padEnd(24)}the faulty one`);
  const names = readdirSync(inProject('../submissions/harts/class')).filter((name) => !name.endsWith(TWIN));
  for (const name of names.sort()) {
    const [wrong, right] = [await graded(folder, name, faulty), await graded(folder, `${name}${TWIN}`, twins)];
    const twin = right.reason === null ? `passes all ${right.tried}` : `REPORTED: ${right.reason}`;
    const found = wrong.reason === null ? `not found under ${wrong.tried}` : `${wrong.reason.split(':')[0]}; the simplest: ${wrong.shown}`;
    console.log(`${name.padEnd(16)}${twin.padEnd(24)}${found}`);
  }
} finally {
  rmSync(folder, { recursive: true });
}
