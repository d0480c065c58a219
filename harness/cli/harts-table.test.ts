/** The table of `npm run harts`, with fewer schedules than it has by default: every mistake is found, and no correct twin is reported. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram, ROOT } from '../testkit/program.ts';

const NAMES = readdirSync(join(ROOT, 'submissions/harts/class')).sort();
const FAULTY = NAMES.filter((name) => !name.endsWith('-correct'));

let folder: TestFolder;
let program: string;
beforeAll(() => {
  folder = new TestFolder();
  program = buildProgram(folder);
});
afterAll(() => folder.remove());

const table = (...options: string[]) =>
  promisify(execFile)(process.execPath, [join(ROOT, 'bench/harts.mjs'), '--program', program, ...options]).then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { stdout: string; code: number }) => ({ stdout, code }),
  );

it('names all twelve mistakes, in ten lines each at most, with both places', async () => {
  const { stdout, code } = await table('--faulty', '100', '--twins', '20');
  expect(FAULTY).toHaveLength(12);
  expect(code).toBe(0);
  const parts = stdout.split(/^(?=\S)/m);
  expect(parts.map((part) => part.split(':')[0])).toEqual([...FAULTY, ...FAULTY.map((name) => `${name}-correct`)]);
  for (const part of parts.slice(0, FAULTY.length)) {
    const [first, simplest, ...story] = part.trimEnd().split('\n');
    expect(first).toMatch(/: found, fails under [1-9]\d* of 100 schedules of seed 1, the first of them number [1-9]\d?\d?$/);
    expect(simplest).toMatch(/^ {2}the simplest: hart\d/);
    expect(story.length).toBeLessThanOrEqual(10);
    expect(story.length).toBeGreaterThanOrEqual(2);
    // One of the lines is of the kernel's own file, whose name is the first word.
    expect(story.join('\n')).toContain(`${first!.split(':')[0]}.c:`);
  }
  for (const part of parts.slice(FAULTY.length)) expect(part).toMatch(/: passes under all 20\n$/);
}, 120_000);

it('says what was not found, by its exit status as well', async () => {
  const { stdout, code } = await table('--faulty', '1', '--twins', '1', '--seed', '2');
  expect(stdout).toMatch(/: NOT FOUND under 1 of the schedules of seed 2\n/);
  expect(code).toBe(1);
}, 120_000);
