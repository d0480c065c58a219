/** Drives whose image was handed in: the kernel prints what its drive begins with. */
import { mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import type { SubmissionResult } from '../result/result.ts';
import { zip } from '../testkit/archives.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { diskKernel, printBuffer, read } from '../testkit/disk-kernel.ts';
import { bootgrade } from './bootgrade.ts';

const KERNEL = Buffer.from(diskKernel([read(0), printBuffer]));

let folder: TestFolder;
const { XDG_CACHE_HOME } = process.env;
beforeEach(() => {
  folder = new TestFolder();
  process.env['XDG_CACHE_HOME'] = folder.at('cache');
});
afterEach(() => {
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  folder.remove();
});

const CONSOLE = ' - { id: greets, points: 1, console: { contains: hello from s1001 } }\n';
const IMAGE = ' - { id: holds, points: 1, image: { at: 11, equals: { text: s1001 } } }\n';

function rubric(checks = CONSOLE, pattern = 'fs.img', submission = 'kernel: kernel.elf'): string {
  return folder.put(
    'lab.yaml',
    `rubric: 1
title: Programs
machine: { memory: 16M, drives: { fs: { submitted: "${pattern}" } } }
submission: { ${submission} }
scenarios: { boot: { limit: 100ms guest } }
checks:
${checks}`,
  );
}

const image = (student: string) => `hello from ${student}\n`.padEnd(700, '\0');

function handIn(student: string, text = image(student)): void {
  folder.put(`class/${student}/kernel.elf`, KERNEL);
  folder.put(`class/${student}/fs.img`, text);
}

function replaceImage(put: (path: string) => void): void {
  const path = folder.at('class/s1001/fs.img');
  rmSync(path);
  put(path);
}

async function run(...argv: string[]) {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

async function grade(file: string, ...more: string[]) {
  const { code, out, err } = await run('grade', file, folder.at('class'), '--out', folder.at('out'), '--json', '--no-explain', ...more);
  const { results = [] } = code === 2 ? {} : (JSON.parse(out) as { results: SubmissionResult[] });
  return { results, code, err };
}

describe('a drive whose image was handed in', () => {
  it('is each student’s own, and the result says which bytes it held', async () => {
    for (const student of ['s1001', 's1002']) handIn(student);
    const { results } = await grade(rubric(CONSOLE + IMAGE), '--report', 'csv');
    expect(results.map(({ checks }) => checks.map(({ outcome }) => outcome))).toEqual([
      ['passed', 'passed'],
      ['failed', 'failed'],
    ]);
    expect(results[0]!.images['boot/fs']).not.toBe(results[1]!.images['boot/fs']);
    const evidence = JSON.parse(folder.read('out/s1001.boot.evidence.json'));
    expect(evidence.images[0]).toMatchObject({ drive: 'fs', size: 1024, initialSha256: results[0]!.images['boot/fs'] });
    expect(
      folder
        .read('out/class.csv')
        .split('\n')
        .slice(1, 3)
        .map((line) => line.split(',')[0]),
    ).toEqual(['s1001', 's1002']);
  });

  it('is noticed when a class is gone on with, graded again, or merged from its parts', async () => {
    for (const student of ['s1001', 's1002', 's1003']) handIn(student);
    const file = rubric();
    for (const part of ['1/2', '2/2']) {
      expect((await run('grade', file, folder.at('class'), '--out', folder.at('parts'), '--shard', part)).code).toBe(0);
    }
    const blobs = ['1', '2'].map((part) => folder.at(`parts/shard-${part}-of-2.blob`));
    const merged = await run('merge', ...blobs, '--out', folder.at('merged'), '--json');
    expect((JSON.parse(merged.out) as { results: SubmissionResult[] }).results.map(({ score }) => score)).toEqual([1, 0, 0]);

    await grade(file);
    const more = rubric(CONSOLE.replace('points: 1', 'points: 5'));
    const regraded = await run('regrade', more, folder.at('out'), '--out', folder.at('new'), '--json');
    const { results } = JSON.parse(regraded.out) as { results: SubmissionResult[] };
    expect(results.map(({ score }) => score)).toEqual([5, 0, 0]);
    const needs = await run('regrade', rubric(CONSOLE + IMAGE), folder.at('out'), '--out', folder.at('newer'));
    expect(needs.out + needs.err).toContain('the image that was handed in for it is not kept with the evidence');
    handIn('s1002', image('s1001'));
    const resumed = await grade(rubric(), '--resume');
    expect([resumed.code, resumed.err]).toEqual([
      2,
      expect.stringContaining('the image of drive fs of s1002 is not the one that was graded'),
    ]);
  });

  it.each([
    ['missing', () => replaceImage(() => {}), 'no file of that name was handed in'],
    [
      'in two folders',
      () => replaceImage(() => ['a', 'b'].map((at) => folder.put(`class/s1001/${at}/fs.img`, 'x'))),
      'several files match fs.img: a/fs.img, b/fs.img; a drive can hold only one',
    ],
    ['a folder', () => replaceImage((path) => mkdirSync(path)), 'fs.img is a folder, not a file'],
    [
      'a link',
      () => replaceImage((path) => symlinkSync('/etc/passwd', path)),
      'fs.img is a symbolic link that leads out of the submission',
    ],
  ])('fails the submission where it is %s', async (_, change, problem) => {
    handIn('s1001');
    change();
    const { results, code } = await grade(rubric());
    expect(results).toMatchObject([{ outcome: 'failed', score: 0 }]);
    expect(results[0]!.reason).toBe(`a drive needs fs.img, which has to be handed in: ${problem}`);
    expect(code).toBe(0);
  });

  it.each([
    ['empty', () => truncateSync(folder.at('class/s1001/fs.img'), 0), 'fs.img, the image of a drive, is empty'],
    [
      'too large',
      () => truncateSync(folder.at('class/s1001/fs.img'), 257 * 2 ** 20),
      'fs.img cannot be the image of a drive: it has 269484032 bytes, the most is 268435456',
    ],
    [
      'in Git LFS',
      () => folder.put('class/s1001/fs.img', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'),
      'fs.img is kept by Git LFS, which is not asked: commit the file itself',
    ],
  ])('fails the submission where it is %s', async (_, change, problem) => {
    handIn('s1001');
    change();
    const { results } = await grade(rubric());
    expect(results).toMatchObject([{ outcome: 'failed', score: 0, reason: problem }]);
  });

  it('is found in an archive, in the folder that a student packed, and under the number that Canvas gives', async () => {
    const name = (file: string) => ({ name: `lab/build/${file}` });
    folder.put(
      'class/s1001.zip',
      zip([
        { ...name('kernel.elf'), data: KERNEL },
        { name: 'lab/fs.img', data: image('s1001') },
      ]),
    );
    expect((await grade(rubric())).results).toMatchObject([{ name: 's1001', score: 1 }]);
    rmSync(folder.at('class'), { recursive: true });
    folder.put('class/alicea_17_456_kernel-1.elf', KERNEL);
    folder.put('class/alicea_17_457_fs-1.img', image('s1001'));
    expect((await grade(rubric())).results).toMatchObject([{ name: 'alicea_17', score: 1 }]);
  });

  it('is needed beside a kernel that was named alone, and kept by a published rubric', async () => {
    handIn('s1001');
    const published = await run('rubric', 'publish', rubric());
    folder.put('class/s1001/lab.yaml', published.out);
    folder.put('class/s1001/bootgrade.yaml', 'rubric: lab.yaml\n');
    const check = async (path: string) =>
      JSON.parse((await run('check', folder.at(path), '--json', '--no-explain')).out) as SubmissionResult;
    expect(await check('class/s1001')).toMatchObject({ score: 1 });
    expect(await check('class/s1001/kernel.elf')).toMatchObject({
      score: 0,
      reason: 'a drive needs fs.img, which has to be handed in: the folder with it and the kernel is needed, not the kernel alone',
    });
  });
});

describe.skipIf(lacks('bubblewrap'))('a drive whose image was handed in beside sources', () => {
  it('is the student’s file, whatever the build makes', async () => {
    folder.put('course/kernel.bin', KERNEL);
    folder.put('course/user.txt', 'course');
    folder.put('class/s1001/lab/user.txt', 'mine');
    folder.put('class/s1001/lab/fs.img', image('s1001'));
    const steps = '[cp kernel.bin kernel.elf, echo nothing > fs.img]';
    const { results } = await grade(
      rubric(CONSOLE, 'fs.img', `base: course, take: user.txt, kernel: kernel.elf, build: { steps: ${steps} }`),
    );
    expect(results).toMatchObject([{ score: 1, build: { outcome: 'built', taken: ['user.txt'] } }]);
  });
});
