/**
 * Verdicts are the same bytes on every supported version of Node, whether the computer is idle or busy: the built command grades alone on the
 * Node that runs this test, and then on three versions at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lacks, otherNodes } from '../../testing/tools.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram, ROOT } from '../testkit/program.ts';

/** Kernels with every kind of failure that the sample class has; two harts under many schedules, one kernel wrong and one right. */
const CLASSES = {
  lab13: ['rubrics/lab13.yaml', 'submissions/class'],
  harts: ['rubrics/harts.yaml', 'submissions/harts/class/lost-update', 'submissions/harts/class/lock-order-correct'],
};

let folder: TestFolder;
let program: string;
beforeAll(() => {
  folder = new TestFolder();
  program = buildProgram(folder);
});
afterAll(() => folder.remove());

/** All that `grade` writes for a class: reports, evidence, the journal. */
async function graded(node: string, name: keyof typeof CLASSES, out: string): Promise<Record<string, string>> {
  const child = spawn(node, [program, 'grade', ...CLASSES[name], '--out', folder.at(out)], { cwd: ROOT, stdio: 'ignore' });
  const [code] = await once(child, 'close');
  expect({ node, code }).toEqual({ node, code: 0 });
  return folder.texts(out);
}

it.skipIf(lacks('Node 22 and 24')).each(Object.keys(CLASSES) as (keyof typeof CLASSES)[])(
  'grading %s leaves the same bytes on Node 20, 22 and 24, idle and busy',
  async (name) => {
    const idle = await graded(process.execPath, name, `${name}-idle`);
    expect(Object.keys(idle).length).toBeGreaterThan(3);
    const versions = [{ version: 'own', file: process.execPath }, ...otherNodes()];
    const busy = await Promise.all(versions.map(({ version, file }) => graded(file, name, `${name}-${version}`)));
    for (const texts of busy) expect(texts).toEqual(idle);
  },
  180_000,
);
