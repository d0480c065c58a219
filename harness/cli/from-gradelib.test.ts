/** Every piece of YAML in docs/from-gradelib.md is a rubric, or a part of one. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { TestFolder } from '../testkit/command.ts';
import { readRubric } from './read-rubric.ts';

const TEXT = readFileSync(join(import.meta.dirname, '../../docs/from-gradelib.md'), 'utf8');
const PIECES = [...TEXT.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
/** Checks that stand in a table, as `console: …`. */
const CELLS = [...TEXT.matchAll(/`(console: .*?)` \|$/gm)].map(([, yaml]) => `checks:\n  - { id: a, points: 1, ${yaml!} }\n`);

/** What a piece leaves out. */
const REST: Readonly<Record<string, string>> = {
  rubric: 'rubric: 1\n',
  title: 'title: Lab\n',
  submission: 'submission: { kernel: kernel.elf }\n',
  scenarios: 'scenarios: { run: { limit: 1s guest } }\n',
  checks: 'checks: [{ id: a, points: 1, console: x }]\n',
};
const whole = (piece: string): string =>
  piece +
  Object.entries(REST)
    .flatMap(([key, text]) => (piece.startsWith(`${key}:`) || piece.includes(`\n${key}:`) ? [] : [text]))
    .join('');

const folder = new TestFolder();
afterAll(() => folder.remove());

it('has pieces of YAML', () => {
  expect(PIECES.length).toBeGreaterThan(10);
  expect(CELLS.length).toBeGreaterThan(4);
});

it.each([...PIECES, ...CELLS].map((piece) => ({ piece, first: piece.split('\n').slice(0, 2).join(' ') })))('$first', async ({ piece }) => {
  folder.put('course/Makefile', '');
  folder.put('fair.mjs', 'export default () => ({ passed: true });');
  const { checks, scenarios } = await readRubric(folder.put('lab.yaml', whole(piece)));
  expect(checks.length * scenarios.length).toBeGreaterThan(0);
});
