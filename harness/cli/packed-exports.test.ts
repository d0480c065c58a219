/** Exports as they were downloaded, still packed, with what is wrong in some students' parts. Machines play scripts here. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { zip } from '../testkit/archives.ts';
import { FakeClass, format } from '../testkit/fake-class.ts';
import type { GradeOptions } from './grade.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { run: {} }
checks:
  - { id: says-hello, points: 6, console: hello }
  - { id: says-world, points: 4, console: world }
`;

let folder: FakeClass;
beforeEach(() => {
  folder = new FakeClass(RUBRIC);
});
afterEach(() => folder.remove());

const graded = async (members: Parameters<typeof zip>[0], changes: Partial<GradeOptions> = {}) => {
  const submissions = [folder.put('class.zip', zip(members))];
  return folder.grade({ submissions, ...changes });
};
const lab = (text: string) => zip([{ name: 'lab13/kernel.elf', data: text }]);
/** A student's archive that unpacks to 256 MiB and more of nothing. */
const bomb = () => zip([{ name: 'kernel.elf', data: Buffer.alloc(260 * 2 ** 20) }]);
const climbing = zip([{ name: '../kernel.elf', data: 'hello world' }]);
const LED_OUT = /lab\.zip: \.\.\/kernel\.elf leads out of the archive/;

it('an export of Moodle fills the worksheet, with archives in students’ folders, and a refused one is the failure of its student', async () => {
  const worksheet =
    'Identifier,Full name,Grade\nParticipant 101,Alice,\nParticipant 102,Bob,\nParticipant 103,Jürgen,\nParticipant 104,Dan,\n';
  const { code, err } = await graded(
    [
      { name: 'Alice_101_assignsubmission_file_/lab.zip', data: lab('hello world') },
      { name: 'Alice_101_assignsubmission_onlinetext_/onlinetext.html', data: '<p>See the file.</p>' },
      { name: 'Bob_102_assignsubmission_file_/lab.zip', data: climbing },
      { name: Buffer.from('J\x81rgen_103_assignsubmission_file_/kernel.elf', 'latin1'), data: 'hello' },
      { name: 'Dan_104_assignsubmission_file_/../../kernel.elf', data: 'hello world' },
    ],
    { formats: format('moodle', { worksheet }) },
  );
  expect([code, err]).toEqual([0, expect.not.stringContaining('left out')]);
  expect(folder.table('moodle.csv').map((row) => row[2])).toEqual(['Grade', '10', '0', '6', '0']);
  expect(folder.result('Alice_101').kernel?.file).toBe('lab.zip/lab13/kernel.elf');
  expect(folder.result('Bob_102')).toMatchObject({ students: [{ name: 'Bob' }], reason: expect.stringMatching(LED_OUT) });
  expect(folder.result('Jürgen_103').students).toMatchObject([{ name: 'Jürgen' }]);
  expect(folder.result('Dan_104').reason).toMatch(/^Dan_104_.* leads out of the archive/);
});

it('an export of Moodle may hold a single student', async () => {
  await graded([{ name: 'Alice_101_assignsubmission_file_/kernel.elf', data: 'hello' }]);
  expect(folder.result('Alice_101')).toMatchObject({ score: 6, students: [{ name: 'Alice' }] });
});

it('an export of Canvas has Canvas’s ids, LATE, numbers after names, and archives', async () => {
  await graded(
    [
      { name: 'alicea_LATE_17_456_kernel-1.elf', data: 'hello' },
      { name: 'alicea_LATE_17_457_notes.txt', data: 'done' },
      { name: 'bobb_18_458_lab-2.zip', data: lab('hello world') },
      { name: 'carolc_19_459_lab.zip', data: climbing },
      { name: 'dand_20_460_kernel.elf', data: 'hello world', flags: 1 },
      { name: 'evee_21_461_lab.zip', data: bomb() },
      { name: 'evee_21_462_notes.txt', data: 'boom' },
    ],
    { formats: format('canvas', { assignment: 'Lab 13 (4711)' }) },
  );
  expect(
    folder
      .table('canvas.csv')
      .slice(2)
      .map((row) => [row[1], row[5]]),
  ).toEqual([
    ['17', '6'],
    ['18', '10'],
    ['19', '0'],
    ['20', '0'],
    ['21', '0'],
  ]);
  expect(folder.result('alicea_17').handIn?.late).toBe(true);
  expect(folder.result('bobb_18').kernel?.file).toBe('lab13/kernel.elf');
  expect(folder.result('carolc_19').reason).toMatch(LED_OUT);
  expect(folder.result('dand_20').reason).toContain('is encrypted; pack it again without a password');
  expect(folder.result('evee_21').reason).toMatch(/^lab\.zip: it unpacks to more than 200 times its own size/);
});

it('an export of Blackboard keeps attempts apart, and what is wrong with one of them', async () => {
  const attempt = (time: string, user = 'u1001') => `Lab 13_${user}_attempt_2026-11-30-${time}`;
  await graded(
    [
      { name: `${attempt('22-00-00')}_lab.zip`, data: lab('hello world') },
      { name: `${attempt('22-00-00')}.txt`, data: 'Name: Alice (u1001)\n' },
      { name: `${attempt('23-30-00')}_lab.zip`, data: climbing },
      { name: `${attempt('23-30-00')}.txt`, data: 'Name: Alice (u1001)\n' },
      { name: `${attempt('21-00-00', 'u1002')}.txt`, data: 'Name: Bob (u1002)\n' },
    ],
    { formats: format('blackboard', { column: 'Lab 13 |4711' }), deadline: '2026-11-30T23:00+08:00' },
  );
  expect(folder.table('blackboard.txt', '\t').slice(1)).toEqual([
    ['u1001', '10'],
    ['u1002', '0'],
  ]);
  await graded([
    { name: `${attempt('22-00-00')}_lab.zip`, data: lab('hello world') },
    { name: `${attempt('23-30-00')}_lab.zip`, data: climbing },
  ]);
  expect(folder.result('u1001').reason).toMatch(LED_OUT);
});

it('an export of Gradescope lies in a folder of its own, and every student of a group is known', async () => {
  const metadata = `submission_1:
  :submitters:
  - { :name: Alice, :sid: s1001, :email: alice@example.org }
  - { :name: Bob, :sid: s1002, :email: bob@example.org }
  :created_at: 2026-11-30 10:00:00.5 Z
submission_2:
  :submitters:
  - { :name: Carol, :sid: s1003, :email: carol@example.org }
  :created_at: 2026-11-30 11:00:00.5 Z
`;
  const { err } = await graded(
    [
      { name: 'assignment_77_export/submission_metadata.yml', data: metadata },
      { name: 'assignment_77_export/submission_1/kernel.elf', data: 'hello world' },
      { name: 'assignment_77_export/submission_2/lab.zip', data: climbing },
    ],
    { formats: format('csv') },
  );
  expect(err).toContain("it is Gradescope's list of submissions");
  const [header, ...table] = folder.table('csv');
  const column = (name: string) => table.map((row) => row[header!.indexOf(name)]);
  expect([column('student id'), column('score')]).toEqual([
    ['s1001', 's1002', 's1003'],
    ['10', '10', '0'],
  ]);
  expect(folder.result('submission_2').reason).toMatch(LED_OUT);
});
