/** Classes as teaching assistants have tried them, from what lies in the folder to the table and the reports. Machines play scripts here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../testkit/archives.ts';
import { FakeClass, format } from '../testkit/fake-class.ts';
import type { GradeOptions } from './grade.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf, '*.qemu_elf'], format: raw }
scenarios: { run: {} }
checks:
  - { id: says-hello, points: 10, console: hello }
`;

let folder: FakeClass;
beforeEach(() => {
  folder = new FakeClass(RUBRIC);
});
afterEach(() => folder.remove());

async function run(changes: Partial<GradeOptions> = {}) {
  const ran = await folder.grade({ formats: format('csv'), ...changes });
  const column = (title: string) => folder.column('csv', title);
  return { ...ran, rows: column('submission'), ids: column('student id'), scores: column('score') };
}

it('a kernel in a folder of the student’s folder is that student’s, for the roster as well', async () => {
  folder.put('class/s1001/kernel.elf', 'hello');
  folder.put('class/s1002/lab13/kernel.elf', 'hello');
  const roster = folder.put('class.csv', 'submission,id\ns1001,1\ns1002,2\n');
  const { rows, ids, scores, out } = await run({ roster });
  expect([rows, ids, scores]).toEqual([
    ['s1001', 's1002'],
    ['1', '2'],
    ['10', '10'],
  ]);
  expect(out).not.toContain('Without a submission');
});

it('a name is found in the roster in whichever Unicode form both are written', async () => {
  folder.put('class/ju\u0308rgen/kernel.elf', 'hello');
  folder.put('class/ren\u00e9/kernel.elf', 'hello');
  const roster = folder.put('class.csv', 'submission,id\nj\u00fcrgen,1\nrene\u0301,2\n');
  const { ids, out, err } = await run({ roster });
  expect(ids).toEqual(['1', '2']);
  expect(out + err).not.toMatch(/Without a submission|has no student/);
});

it('what is nobody’s work gets no row, and is named with the reason', async () => {
  folder.put('class/s1001/kernel.elf', 'hello');
  for (const file of ['__MACOSX/._s1001', 'roster.csv', 'grades.csv', 'README.txt', 'submission_metadata.yml'])
    folder.put(`class/${file}`, 'hello');
  const { rows, err } = await run();
  expect(rows).toEqual(['s1001']);
  for (const file of ['__MACOSX', 'roster.csv', 'grades.csv', 'README.txt', 'submission_metadata.yml']) {
    expect(err).toMatch(new RegExp(`left out, because .*: .*${file.replace('.', '\\.')}`));
  }
});

it('a stray kernel does not turn a class into one submission', async () => {
  folder.put('class/s1001/kernel.elf', 'hello');
  folder.put('class/kernel.elf', 'hello');
  await expect(run()).rejects.toThrow(/class: is it one submission, with kernel\.elf, or a class, with s1001\?/);
});

it('an old kernel beside a fresh one is not graded in silence', async () => {
  folder.put('class/s1001/a-old.qemu_elf', 'old');
  folder.put('class/s1001/lab.qemu_elf', 'hello');
  folder.put('class/s1002/kernel.elf', 'hello');
  const { code, scores } = await run();
  expect([code, scores]).toEqual([3, ['', '10']]);
  expect(folder.read('reports/s1001.json')).toContain('several files could be the kernel: a-old.qemu_elf, lab.qemu_elf');
});

it('kernels that are named one after the other keep their reports', async () => {
  for (const name of ['s1001', 's1002']) {
    folder.put(`${name}/kernel.elf`, 'hello');
    await run({ submissions: [folder.at(`${name}/kernel.elf`)] });
  }
  expect(Object.keys(folder.texts('reports'))).toEqual(expect.arrayContaining(['s1001.json', 's1002.json']));
});

describe('a folder of sections', () => {
  beforeEach(() => {
    for (const path of ['a/s1001', 'a/s1002/lab13', 'b/s1003']) folder.put(`class/${path}/kernel.elf`, 'hello');
    folder.put('class/b/s1004.elf', 'hello');
    folder.put('class/b/README.txt', 'the second section');
  });

  it('is an error that names the students, and says what to do', async () => {
    await expect(run()).rejects.toThrow(
      /class: a holds kernels in several folders \(s1001, s1002\/lab13\): .*class\/\*\/, or give the roster's column/,
    );
  });

  it('is told apart by the roster’s paths, each student by theirs', async () => {
    const roster = folder.put('class.csv', 'submission,id\na/s1001,1\na/s1002,2\nb/s1003/,3\nb/s1004,4\nb/s1005,5\n');
    const { rows, ids, scores, err, out } = await run({ roster });
    expect([rows, ids, scores]).toEqual([
      ['a/s1001', 'a/s1002', 'b/s1003', 'b/s1004.elf', ''],
      ['1', '2', '3', '4', '5'],
      ['10', '10', '10', '10', ''],
    ]);
    expect(err).toMatch(/left out, because it is a document: .*class\/b\/README\.txt/);
    expect(out).toContain('Without a submission: 1 student: 5');
    expect(Object.keys(folder.texts('reports'))).toEqual(expect.arrayContaining(['a/s1001.json', 'b/s1003.json']));
  });

  it('is so in an archive too, and where the roster names a folder, that is a student', async () => {
    const members = ['a/s1001/kernel.elf', 'a/s1002/kernel.elf', 'b/old/kernel.elf'].map((name) => ({
      name: `class/${name}`,
      data: 'hello',
    }));
    const submissions = [folder.put('class.zip', zip([...members, { name: 'class/b/x', data: '' }]))];
    const roster = folder.put('class.csv', 'submission,id\na/s1001,1\na/s1002,2\nb,3\nb/old,4\n');
    const { rows, ids } = await run({ submissions, roster });
    expect([rows, ids]).toEqual([
      ['a/s1001', 'a/s1002', 'b', ''],
      ['1', '2', '3', '4'],
    ]);
  });
});
