/** Drives whose image comes out of each student's own build: testdata/reads-drive prints what its drive begins with. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

const COURSE = 'harness/cli/testdata/reads-drive';

let folder: TestFolder;
const { XDG_CACHE_HOME } = process.env;
beforeEach(() => {
  folder = new TestFolder();
  process.env['XDG_CACHE_HOME'] = folder.at('cache');
  cpSync(COURSE, folder.at('course'), { recursive: true });
});
afterEach(() => {
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  folder.remove();
});

function program(student: string): string {
  return `const char greeting[700] = "hello from ${student}\\n";\n`;
}

const CONSOLE = ' - { id: greets, points: 1, console: { contains: hello from s1001 } }\n';
const IMAGE =
  ' - { id: keeps, points: 1, image: { unchanged: true } }\n' +
  ' - { id: holds, points: 1, image: { at: 11, equals: { text: s1001 } } }\n' +
  ' - { id: ends, points: 1, image: { at: 1023, equals: { hex: "0001" } } }\n';

function rubric(checks: string, step = 'make', built = 'fs.img'): string {
  return folder.put(
    'lab.yaml',
    `rubric: 1
title: Programs
machine: { memory: 16M, drives: { fs: { built: ${built} } } }
submission: { base: course, take: user.c, kernel: kernel.elf, build: { steps: ["${step}"] } }
scenarios: { boot: { limit: 100ms guest } }
checks:
${checks}`,
  );
}

async function grade(file: string, out = 'out', ...more: string[]) {
  const { environment, out: printed, err } = capture();
  const argv = ['grade', file, folder.at('class'), '--out', folder.at(out), '--json', '--no-explain', ...more];
  const code = await bootgrade(argv, environment);
  const { results = [] } = code === 2 ? {} : (JSON.parse(printed()) as { results: SubmissionResult[] });
  return { results, code, err: err() };
}

describe.skipIf(lacks('bubblewrap', 'RISC-V gcc'))('a drive that is built', () => {
  it('holds what the student’s own build made, also where it comes from the cache', async () => {
    for (const student of ['s1001', 's1002']) folder.put(`class/${student}/user.c`, program(student));
    const file = rubric(CONSOLE + IMAGE);
    const { results, err } = await grade(file);
    expect(err).toContain('2 built: 2 anew, 0 from the cache');
    expect(results.map(({ checks }) => checks.map(({ outcome }) => outcome))).toEqual([
      ['passed', 'passed', 'passed', 'failed'],
      ['failed', 'passed', 'failed', 'failed'],
    ]);
    const [one, other] = results;
    expect(one!.kernel!.sha256).toBe(other!.kernel!.sha256);
    expect(one!.images['boot/fs']).not.toBe(other!.images['boot/fs']);
    // 700 bytes are two sectors, the second one with zeroes at its end.
    expect(one!.checks[3]!.reason).toBe('the image ends at byte 1024, before what it must hold');
    const again = await grade(file, 'again');
    expect(again.err).toContain('2 built: 0 anew, 2 from the cache');
    expect(again.results).toEqual(results);
    expect(folder.texts('again')['s1001.boot.evidence.json']).toBe(folder.texts('out')['s1001.boot.evidence.json']);
  });

  it('is noticed when a class is gone on with, or graded again', async () => {
    for (const student of ['s1001', 's1002']) folder.put(`class/${student}/user.c`, program(student));
    await grade(rubric(CONSOLE));
    const regraded = capture();
    const regrade = ['regrade', rubric(CONSOLE.replace('points: 1', 'points: 5')), folder.at('out'), '--out', folder.at('new'), '--json'];
    expect(await bootgrade(regrade, regraded.environment)).toBe(0);
    const { results } = JSON.parse(regraded.out()) as { results: SubmissionResult[] };
    expect(results.map(({ score }) => score)).toEqual([5, 0]);
    expect(results[0]!.images).toEqual((JSON.parse(folder.read('out/s1001.json')) as SubmissionResult).images);
    const needsImage = capture();
    await bootgrade(['regrade', rubric(CONSOLE + IMAGE), folder.at('out'), '--out', folder.at('newer')], needsImage.environment);
    expect(needsImage.out() + needsImage.err()).toContain('the image that was built for it is not kept with the evidence');
    folder.put('class/s1002/user.c', program('s1001'));
    const { code, err } = await grade(rubric(CONSOLE), 'out', '--resume');
    expect(code).toBe(2);
    expect(err).toContain('the image of drive fs of s1002 is not the one that was graded');
  });

  it.each([
    ['missing', 'make && rm fs.img', 'nothing matches fs.img'],
    ['empty', 'make && : > fs.img', 'fs.img is empty'],
    [
      'too large',
      'make && truncate -s 257M fs.img',
      'fs.img cannot be the image of a drive: it has 269484032 bytes, the most is 268435456',
    ],
    ['a link', 'make && ln -sf /etc/passwd fs.img', 'fs.img is a symbolic link that leads out of the submission'],
    ['a folder', 'make && rm fs.img && mkdir fs.img', 'fs.img is a folder, not a file'],
  ])('fails the submission where it is %s', async (_, step, problem) => {
    folder.put('class/s1001/user.c', program('s1001'));
    const { results } = await grade(rubric(CONSOLE, step));
    expect(results).toMatchObject([{ outcome: 'failed', score: 0, reason: `the build made no image of a drive: ${problem}` }]);
  });

  it('is one file', async () => {
    folder.put('class/s1001/user.c', program('s1001'));
    const { results } = await grade(rubric(CONSOLE, 'make && cp fs.img other.img', '"*.img"'));
    expect(results[0]!.reason).toBe(
      'the build made no image of a drive: several files match *.img: fs.img, other.img; a drive can hold only one',
    );
  });

  it('is looked for beside the kernel where a published rubric is used, since the student has built both', async () => {
    const published = capture();
    expect(await bootgrade(['rubric', 'publish', rubric(CONSOLE)], published.environment)).toBe(0);
    folder.put('course/lab.yaml', published.out());
    folder.put('course/bootgrade.yaml', 'rubric: lab.yaml\n');
    folder.put('course/user.c', program('s1001'));
    execFileSync('make', { cwd: folder.at('course'), stdio: 'ignore' });
    const check = async () => {
      const { environment, out } = capture();
      await bootgrade(['check', folder.at('course'), '--json', '--no-explain'], environment);
      return JSON.parse(out()) as SubmissionResult;
    };
    expect(await check()).toMatchObject({ score: 1 });
    rmSync(folder.at('course/fs.img'));
    expect(await check()).toMatchObject({ score: 0, reason: 'a drive needs fs.img, which the build makes: nothing matches fs.img' });
  });
});
