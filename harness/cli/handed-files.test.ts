/** Checks of texts that lie beside a kernel, in all the forms in which work is handed in, and what is kept for grading again. */
import { symlinkSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grade as gradeOne } from '../index.ts';
import type { SubmissionResult } from '../result/result.ts';
import { zip } from '../testkit/archives.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

const KERNEL = tinyKernel('hello');

function rubric(checks: string, name = 'lab.yaml'): string {
  return folder.put(
    name,
    `rubric: 1
title: Questions
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios: { boot: { limit: 100ms guest } }
checks:
  - { id: greets, points: 1, console: hello }
${checks}`,
  );
}

const ANSWERS = '  - { id: answers, points: 2, file: { path: answers.txt, contains: thirteen } }\n';

async function run(...argv: string[]) {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

async function grade(checks = ANSWERS, ...more: string[]): Promise<SubmissionResult[]> {
  const { code, out, err } = await run('grade', rubric(checks), folder.at('class'), '--out', folder.at('out'), '--json', ...more);
  if (code === 2 || code === 3) throw new Error(err);
  return (JSON.parse(out) as { results: SubmissionResult[] }).results;
}

const reasons = (results: readonly SubmissionResult[]) => results.map(({ checks }) => checks[1]!.reason);

describe('a file that was handed in', () => {
  it('is found beside the kernel, in folders and archives, in the encodings of editors', async () => {
    const put = (student: string, bytes: string | Uint8Array, at = '') => {
      folder.put(`class/${student}/${at}kernel.elf`, KERNEL);
      folder.put(`class/${student}/${at}answers.txt`, bytes);
    };
    put('s1001', 'thirteen\r\n');
    put('s1002', Buffer.from('\uFEFFthirteen', 'utf16le'), 'deep/er/');
    put('s1003', Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from('thirteen \xff', 'latin1')]));
    folder.put(
      'class/s1004.zip',
      zip([
        { name: 'lab/kernel.elf', data: Buffer.from(KERNEL) },
        { name: 'lab/answers.txt', data: 'thirteen' },
      ]),
    );
    const results = await grade();
    expect(reasons(results)).toEqual([null, null, null, null]);
    expect(results.map(({ score }) => score)).toEqual([3, 3, 3, 3]);
    expect(results[1]!.files).toMatchObject([{ name: 'answers.txt', file: 'deep/er/answers.txt', bytes: 18, text: 'thirteen' }]);
    expect(results[0]!.files).toMatchObject([{ text: 'thirteen\n', bytes: 10, hidden: false }]);
  });

  it('is missing, too large, no text, a link or not the only one: each with its sentence', async () => {
    for (const student of ['1', '2', '3', '4', '5', '6']) folder.put(`class/s${student}/kernel.elf`, KERNEL);
    truncateSync(folder.put('class/s2/answers.txt', 'thirteen'), 2 ** 40);
    folder.put('class/s3/answers.txt', 'thirteen\0');
    symlinkSync('../s5/answers.txt', folder.at('class/s4/answers.txt'));
    folder.put('class/s5/a/answers.txt', 'thirteen');
    folder.put('class/s5/b/answers.txt', 'fourteen');
    folder.put('class/s6/answers.txt/thirteen', '');
    expect(reasons(await grade())).toEqual([
      'answers.txt was not handed in',
      'answers.txt is too large: it has 1099511627776 bytes, the most is 65536',
      'answers.txt is not a text file',
      expect.stringContaining('answers.txt is a symbolic link') as string,
      'several different files match answers.txt: a/answers.txt, b/answers.txt; hand in only one',
      'answers.txt is a folder, not a file',
    ]);
  });

  it('counts where the kernel does not boot', async () => {
    folder.put('class/s1/kernel.elf', 'no kernel');
    folder.put('class/s1/answers.txt', 'thirteen');
    expect(await grade()).toMatchObject([
      { score: 2, outcome: 'failed', checks: [{ outcome: 'failed' }, { outcome: 'passed', scenario: null }] },
    ]);
  });

  it('is not there where a kernel was handed in alone, which is said', async () => {
    const file = rubric(ANSWERS);
    folder.put('mine/bootgrade.yaml', 'rubric: ../lab.yaml\n');
    const { code, out, err } = await run('check', folder.put('mine/alone.elf', KERNEL));
    expect([code, err]).toEqual([0, '']);
    const sentence = 'answers.txt was not handed in: there is a kernel without the folder that it and answers.txt are in';
    expect(out.replaceAll(/\s+/g, ' ')).toContain(sentence);
    const { result } = await gradeOne({ rubric: file, submission: KERNEL });
    expect(result.checks[1]).toMatchObject({ outcome: 'failed', reason: sentence });
  });

  it('is graded again from the report, also by other words, and not where the report does not have it', async () => {
    folder.put('class/s1/kernel.elf', KERNEL);
    folder.put('class/s1/answers.txt', 'thirteen');
    await grade();
    const regrade = (checks: string, out: string) =>
      run('regrade', rubric(checks, 'other.yaml'), folder.at('out'), '--out', folder.at(out), '--json');
    const stricter = await regrade(ANSWERS.replace('thirteen', 'fourteen'), 'stricter');
    expect(JSON.parse(stricter.out)).toMatchObject({ results: [{ score: 1, files: [{ text: 'thirteen' }] }], rerun: [] });
    const other = await regrade(ANSWERS.replace('answers.txt', 'time.txt'), 'other');
    expect(JSON.parse(other.out)).toMatchObject({ rerun: [{ reasons: ['a check looks at time.txt, which the report does not have'] }] });
  });

  it('that only a hidden check looks at is in no report for students', async () => {
    folder.put('class/s1/kernel.elf', KERNEL);
    folder.put('class/s1/secret.txt', 'thirteen');
    const hidden = '  - { id: other, points: 2, visibility: hidden, file: { path: secret.txt, contains: fourteen } }\n';
    await grade(hidden, '--for', 'student');
    expect(folder.read('out/s1.json')).not.toMatch(/secret|thirteen|fourteen/);
    await run('grade', rubric(hidden), folder.at('class'), '--out', folder.at('all'));
    expect(folder.read('all/s1.json')).toContain('secret.txt');
  });
});
