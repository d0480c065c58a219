/** The example of docs/script.md as a course uses it: graded, mended, and graded again, by the command. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../docs/script.md'), 'utf8');
const BLOCKS = [...DOCUMENT.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text]) => ({ language, text: text! }));
const blocks = (wanted: string) => BLOCKS.flatMap(({ language, text }) => (language === wanted ? [text] : []));
const [CHECKS] = blocks('yaml');
const [SCRIPT] = blocks('js');
const [FAILED, ERRORED] = blocks('');

const RUBRIC = `rubric: 1
title: Scheduling
submission: { kernel: kernel.elf }
scenarios: { boot: { limit: 1s guest } }
${CHECKS}`;

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  folder.put('fair.mjs', SCRIPT!);
});
afterEach(() => folder.remove());

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

const graded = (prints: string) => {
  folder.put('kernel.elf', tinyKernel(prints));
  return run('grade', folder.at('lab.yaml'), folder.at('kernel.elf'), '--out', folder.at('reports'));
};

it('passes a fair kernel, and fails others as the document says', async () => {
  expect((await graded('ABAB')).out).toContain(' ✓ fair  10/10');
  const [starving, running] = [await graded('AAAA'), await graded(`AB${'A'.repeat(21)}`)];
  expect(starving.out).toContain(FAILED);
  expect(running.out).toContain(' ✗ fair  4/10');
  expect(running.out).toContain('expected  at most 20 letters in a row\n     found     21\n');
});

it('a script that goes wrong gives no score, and regrade grades when it is mended', async () => {
  folder.put('fair.mjs', SCRIPT!.replace('let longest = 0;', 'let longest = letters.lengths.length;'));
  const wrong = await graded('ABAB');
  expect(wrong.code).toBe(3);
  expect(wrong.out).toMatch(/errored \(of 10\)/);
  expect(wrong.out).toMatch(
    / ! fair {2}errored: the course's script is wrong, .*: fair\.mjs:\d+:\d+: TypeError: cannot read property 'length' of undefined/,
  );
  expect(ERRORED).toMatch(
    /^ ! fair {2}errored: the course's script is wrong, which is no fault of the submission: fair\.mjs:\d+:\d+: TypeError: /,
  );

  folder.put('fair.mjs', SCRIPT!);
  const again = await run('regrade', folder.at('lab.yaml'), folder.at('reports'), '--out', folder.at('again'));
  expect(again).toMatchObject({ code: 0, err: '' });
  expect(again.out).toContain('–/10 → 10/10');
});

it('is part of the rubric: a changed script is a changed rubric', async () => {
  const identity = async (out: string) => {
    await run('grade', folder.at('lab.yaml'), folder.at('kernel.elf'), '--out', folder.at(out));
    const [report] = Object.entries(folder.texts(out)).flatMap(([file, text]) => (file.endsWith('.evidence.json') ? [] : [text]));
    return (JSON.parse(report!) as { rubric: { sha256: string } }).rubric.sha256;
  };
  folder.put('kernel.elf', tinyKernel('ABAB'));
  const before = await identity('before');
  expect(await identity('same')).toBe(before);
  folder.put('fair.mjs', `${SCRIPT!}// changed\n`);
  expect(await identity('after')).not.toBe(before);
});

it('says what is wrong with a script before anything is graded', async () => {
  folder.put('fair.mjs', 'export default function () {\n  return {\n');
  const checked = await run('rubric', 'check', folder.at('lab.yaml'));
  expect(checked.code).toBe(2);
  expect(checked.err).toMatch(/lab\.yaml:9:21: fair\.mjs:\d:\d+: SyntaxError: .* \[bad-script\]\n {6}script: \{ file: fair\.mjs/);
});
