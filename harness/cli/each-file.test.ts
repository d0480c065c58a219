/** A check of all files that a glob matches: in folders and archives, kept in the result, and looked at again by regrade and resume. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { zip } from '../testkit/archives.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';

const RUBRIC = `rubric: 1
title: Calls
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios: { boot: { limit: 100ms guest } }
checks:
  - { id: no-copy, points: 4, file: { path: "user/*.c", each: true, forbids: ["memmove(", goto] } }
  - { id: one, points: 1, file: { path: "user/*.c", forbids: goto } }
`;
const KERNEL = tinyKernel('hello');
const CLEAN = '// goto is not used, and memmove( is a text: "memmove("\nint main() { return 0; }\n';

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
});
afterEach(() => folder.remove());

async function run(...argv: string[]) {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

function put(student: string, files: Record<string, string>): void {
  folder.put(`class/${student}/kernel.elf`, KERNEL);
  for (const [file, text] of Object.entries(files)) folder.put(`class/${student}/${file}`, text);
}

async function grade(...more: string[]): Promise<Record<string, SubmissionResult>> {
  const { out, err } = await run('grade', folder.at('lab.yaml'), folder.at('class'), '--out', folder.at('out'), '--json', ...more);
  if (out === '') throw new Error(err);
  const { results } = JSON.parse(out) as { results: SubmissionResult[] };
  return Object.fromEntries(results.map((result) => [result.name.replace(/\.zip$/, ''), result]));
}

const checkOf = (result: SubmissionResult | undefined) => result!.checks[0]!;

describe('each file that matches', () => {
  it('must be as the check says, wherever the student has packed them', async () => {
    put('clean', { 'user/a.c': CLEAN, 'user/b.c': CLEAN, 'kernel/vm.c': 'memmove(a, b, 1);' });
    put('copies', { 'user/a.c': CLEAN, 'user/b.c': `${CLEAN}void f() { memmove (p, q, 8); }\n` });
    put('both', { 'user/a.c': 'a: goto a;\n', 'user/b.c': 'memmove(p, q, 8);\n', 'user/c.c': CLEAN });
    put('none', { 'kernel/vm.c': CLEAN });
    folder.put(
      'class/packed.zip',
      zip([
        { name: 'lab/kernel.elf', data: Buffer.from(KERNEL) },
        { name: 'lab/user/x.c', data: Buffer.from('goto a;\n') },
      ]),
    );
    const results = await grade();
    const outcomes = Object.fromEntries(
      Object.entries(results).map(([name, result]) => [name, [checkOf(result).outcome, checkOf(result).reason]]),
    );
    expect(outcomes).toEqual({
      clean: ['passed', null],
      copies: ['failed', 'user/b.c: line 3 has "memmove(", which is forbidden here'],
      both: ['failed', '2 of 3 files are wrong'],
      none: ['failed', 'user/*.c was not handed in'],
      packed: ['failed', 'lab/user/x.c: line 1 has "goto", which is forbidden here'],
    });
    expect(checkOf(results['both']).details.map((detail) => ('text' in detail ? detail.text : ''))).toEqual([
      'user/a.c: line 1 has "goto", which is forbidden here.',
      'no "goto"',
      'line 1: "a: goto a;"',
      'user/b.c: line 1 has "memmove(", which is forbidden here.',
      'no "memmove("',
      'line 1: "memmove(p, q, 8);"',
    ]);
    // Without `each` the glob has to mean one file.
    expect(results['both']!.checks[1]!.reason).toMatch(/several different files match user\/\*\.c/);
    expect(results['both']!.files!.map(({ file, each = false }) => [file, each])).toEqual([
      ['user/a.c', true],
      ['user/b.c', true],
      ['user/c.c', true],
      [null, false],
    ]);
  });

  it('is kept: regrade asks something else of it, and resume sees that one was added', async () => {
    put('alice', { 'user/a.c': CLEAN, 'user/b.c': CLEAN });
    put('bob', { 'user/a.c': CLEAN });
    await grade();
    folder.put('lab.yaml', RUBRIC.replace('["memmove(", goto]', 'main'));
    const again = await run('regrade', folder.at('lab.yaml'), folder.at('out'), '--out', folder.at('again'), '--json');
    expect(JSON.parse(again.out)).toMatchObject({ results: [{ checks: [{ reason: '2 of 2 files are wrong' }, {}] }, {}], rerun: [] });
    folder.put('lab.yaml', RUBRIC);
    put('alice', { 'user/c.c': CLEAN });
    await expect(grade('--resume')).rejects.toThrow('the file user/*.c of alice is not the one that was graded');
  });

  it('is bounded: in the number of files, and in what is kept of them', async () => {
    put('many', Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`user/${index}.c`, CLEAN])));
    put('long', Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`user/${10 + index}.c`, `int x;\n${' '.repeat(60_000)}`])));
    const { many, long } = await grade();
    expect(checkOf(many).reason).toBe('more than 100 files match user/*.c');
    expect(many!.files!.filter(({ each }) => each)).toHaveLength(101);
    expect(checkOf(long).reason).toMatch(/^3 of 20 files are wrong$/);
    expect(checkOf(long).details[0]).toMatchObject({ text: 'user/27.c was not looked at: the files have more than 1024 KiB together.' });
  });
});
