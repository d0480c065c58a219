/** A platform's export in, that platform's file for import out, in one command and without a roster. Machines play scripts here. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChosenFormat } from '../report/index.ts';
import type { SubmissionResult } from '../result/result.ts';
import { zip } from '../testkit/archives.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';
import { type GradeOptions, grade } from './grade.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { run: {} }
checks:
  - { id: says-hello, points: 6, console: hello }
  - { id: says-world, points: 4, console: world }
`;

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
});
afterEach(() => folder.remove());

async function run(changes: Partial<GradeOptions> = {}) {
  const printed = capture();
  const options = { rubric: folder.at('lab.yaml'), submissions: [folder.at('class')], out: folder.at('reports') };
  const host = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);
  const common = { json: false, strict: false, explain: 'nothing' as const, attempt: 1 };
  const code = await grade({ ...options, ...common, ...changes }, printed.environment, inThisProcess(host));
  return { code, out: printed.out(), err: printed.err() };
}

const result = (name: string) => JSON.parse(folder.read(`reports/${name}.json`)) as SubmissionResult;
const rows = (file: string, delimiter = ',') =>
  parse(folder.read(`reports/class.${file}`), { delimiter, bom: true, trim: true }) as string[][];
const format = (name: ChosenFormat['name'], values: ChosenFormat['values']) => [{ name, values }];

describe('Moodle', () => {
  const WORKSHEET = `Identifier,Full name,Status,Grade,Feedback comments
Participant 101,Alice,Submitted for grading,,
Participant 102,Bob,Submitted for grading,,
Participant 103,Carol,No submission,,
`;

  it('is graded by the folder with the kernel, and the worksheet has the grades', async () => {
    folder.put('class/Alice_101_assignsubmission_file_/lab13/kernel.elf', 'hello world');
    folder.put('class/Alice_101_assignsubmission_onlinetext_/onlinetext.html', '<p>See the file.</p>');
    folder.put('class/Bob_102_assignsubmission_onlinetext_/onlinetext.html', '<p>I have nothing.</p>');
    folder.put('lab.yaml', RUBRIC.replace('kernel.elf', "'**/kernel.elf'"));
    const { code, err } = await run({ formats: format('moodle', { worksheet: WORKSHEET }) });
    expect([code, err]).toEqual([0, expect.not.stringContaining('Moodle')]);
    expect(rows('moodle.csv').map((row) => [row[0], row[3]])).toEqual([
      ['Identifier', 'Grade'],
      ['Participant 101', '10'],
      ['Participant 102', '0'],
      ['Participant 103', ''],
    ]);
    expect(result('Alice_101').kernel?.file).toBe('lab13/kernel.elf');
    expect(result('Alice_101').students).toMatchObject([{ name: 'Alice' }]);
  });

  it('gives each member of a group its grade', async () => {
    const sheet = WORKSHEET.replace('Status', 'Group').replaceAll('Submitted for grading', 'Group A').replace('No submission', 'Group B');
    folder.put('class/Group A_101_assignsubmission_file_/kernel.elf', 'hello');
    folder.put('class/Group B_7_assignsubmission_file_/kernel.elf', 'hello world');
    await run({ formats: format('moodle', { worksheet: sheet }) });
    expect(rows('moodle.csv').map((row) => row[3])).toEqual(['Grade', '6', '6', '10']);
  });
});

describe('Canvas', () => {
  it('finds kernels that were handed in again, and its file has Canvas’s ids', async () => {
    folder.put('class/alicea_LATE_17_456_kernel-1.elf', 'hello');
    folder.put('class/alicea_LATE_17_457_notes.txt', 'done');
    folder.put('class/bobb_18_458_kernel.elf', 'hello world');
    const { code, out } = await run({ formats: [...format('canvas', { assignment: 'Lab 13 (4711)' }), ...format('csv', {})] });
    expect(code).toBe(0);
    expect(rows('canvas.csv').map((row) => [row[1], row[3], row[5]])).toEqual([
      ['ID', 'SIS Login ID', 'Lab 13 (4711)'],
      ['', '', '10'],
      ['17', '', '6'],
      ['18', '', '10'],
    ]);
    expect(rows('csv')[0]).toContain('late');
    expect(result('alicea_17').handIn).toMatchObject({ time: null, late: true, secondsLate: null, daysLate: null });
    expect(out).toContain('2 submissions');
  });

  it('takes name and sections from the gradebook that Canvas exports', async () => {
    folder.put('class/alicea_17_456_kernel.elf', 'hello');
    folder.put('class/stranger_19_457_kernel.elf', 'hello');
    const roster = folder.put(
      'gradebook.csv',
      'Student,ID,SIS User ID,SIS Login ID,Section\n"A, Alice",17,u17,alice,A\n"B, Bob",18,u18,bob,A\n',
    );
    const { out, err } = await run({ roster, formats: format('canvas', { assignment: 'Lab 13 (4711)' }) });
    expect(err).toContain('has no student for 1 submission: stranger_19');
    expect(out).toContain('Without a submission: 1 student: B, Bob (18)');
    expect(rows('canvas.csv').slice(2)).toEqual([
      ['A, Alice', '17', 'u17', 'alice', 'A', '6'],
      ['stranger', '19', '', '', '', '6'],
      ['B, Bob', '', 'u18', 'bob', 'A', ''],
    ]);
  });
});

describe('Blackboard', () => {
  const entry = (time: string, user = 'u1001') => `class/Lab 13_${user}_attempt_2026-11-30-${time}`;
  const formats = format('blackboard', { column: 'Lab 13 |4711' });

  beforeEach(() => {
    folder.put(`${entry('22-00-00')}_kernel.elf`, 'hello world');
    folder.put(`${entry('22-00-00')}.txt`, 'Name: Alice (u1001)\n');
    folder.put(`${entry('23-30-00')}_kernel.elf`, 'hello');
    folder.put(`${entry('23-30-00')}.txt`, 'Name: Alice (u1001)\n');
    folder.put(`${entry('23-59-01', 'u1002')}_kernel.elf`, 'hello');
    folder.put(`${entry('23-59-01', 'u1002')}.txt`, 'Name: Bob (u1002)\n');
  });

  const grades = () => rows('blackboard.txt', '\t').slice(1);

  it('is graded by each student’s last attempt, and lists all of them', async () => {
    const { err } = await run({ formats });
    expect(grades()).toEqual([
      ['u1001', '6'],
      ['u1002', '6'],
    ]);
    expect(err).toMatch(/left out, because it is Blackboard's note about an attempt: .*u1001_attempt_2026-11-30-22-00-00\.txt/);
    const { students, handIn } = result('u1001');
    expect(students).toMatchObject([{ id: 'u1001', name: 'Alice', ids: { Username: 'u1001' } }]);
    expect(handIn).toMatchObject({ time: '2026-11-30T23:30:00', late: null });
    expect(handIn?.attempts).toMatchObject({ number: 2, counts: 2, all: [{ late: null }, { late: null }] });
  });

  it('is graded by the last attempt before the deadline, whose zone the times have; who is late is late by seconds and days', async () => {
    await run({ formats: [...formats, ...format('csv', {})], deadline: '2026-11-30T23:00+08:00' });
    expect(grades()).toEqual([
      ['u1001', '10'],
      ['u1002', '6'],
    ]);
    expect(result('u1001').handIn).toMatchObject({ time: '2026-11-30T22:00:00', late: false, secondsLate: 0, daysLate: 0 });
    expect(result('u1002').handIn).toMatchObject({ late: true, secondsLate: 3541, daysLate: 1, attempts: null });
    const [header, ...table] = rows('csv');
    const column = (name: string) => table.map((row) => row[header!.indexOf(name)]);
    expect([column('late'), column('seconds late'), column('attempt')]).toEqual([
      ['no', 'yes'],
      ['0', '3541'],
      ['1 of 2', ''],
    ]);
  });

  it('may be graded by the best attempt', async () => {
    folder.put('lab.yaml', RUBRIC.replace('[kernel.elf], format: raw }', '[kernel.elf], format: raw, attempts: best }'));
    const { out } = await run({ formats: [...formats, ...format('csv', {})] });
    expect(grades()).toEqual([
      ['u1001', '10'],
      ['u1002', '6'],
    ]);
    expect(rows('csv').map((row) => row[2])).toEqual(['submission', 'u1001/attempt-1', 'u1002']);
    expect(out).toContain('2 submissions');
    expect(result('u1001/attempt-2').score).toBe(6);
  });

  it('may have a row for every attempt, of which gradebooks take the last before the deadline', async () => {
    folder.put(
      'lab.yaml',
      RUBRIC.replace('[kernel.elf], format: raw }', "[kernel.elf], format: raw, attempts: all, deadline: '2026-11-30T23:00+08:00' }"),
    );
    await run({ formats: [...formats, ...format('csv', {})] });
    expect(rows('csv').map((row) => row[2])).toEqual(['submission', 'u1001/attempt-1', 'u1001/attempt-2', 'u1002']);
    expect(grades()).toEqual([
      ['u1001', '10'],
      ['u1002', '6'],
    ]);
  });
});

describe('an export as it was downloaded, still packed', () => {
  const graded = async (members: Parameters<typeof zip>[0], changes: Partial<GradeOptions> = {}) => {
    const submissions = [folder.put('class.zip', zip(members))];
    return run({ submissions, ...changes });
  };
  const lab = (text: string) => zip([{ name: 'lab13/kernel.elf', data: text }]);
  /** A student's archive that unpacks to 256 MiB and more of nothing. */
  const bomb = () => zip([{ name: 'kernel.elf', data: Buffer.alloc(260 * 2 ** 20) }]);
  const climbing = zip([{ name: '../kernel.elf', data: 'hello world' }]);
  const LED_OUT = /lab\.zip: \.\.\/kernel\.elf leads out of the archive/;

  it('of Moodle fills the worksheet, with archives in students’ folders, and a refused one is the failure of its student', async () => {
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
    expect(rows('moodle.csv').map((row) => row[2])).toEqual(['Grade', '10', '0', '6', '0']);
    expect(result('Alice_101').kernel?.file).toBe('lab.zip/lab13/kernel.elf');
    expect(result('Bob_102')).toMatchObject({ students: [{ name: 'Bob' }], reason: expect.stringMatching(LED_OUT) });
    expect(result('Jürgen_103').students).toMatchObject([{ name: 'Jürgen' }]);
    expect(result('Dan_104').reason).toMatch(/^Dan_104_.* leads out of the archive/);
  });

  it('of Moodle may hold a single student', async () => {
    await graded([{ name: 'Alice_101_assignsubmission_file_/kernel.elf', data: 'hello' }]);
    expect(result('Alice_101')).toMatchObject({ score: 6, students: [{ name: 'Alice' }] });
  });

  it('of Canvas has Canvas’s ids, LATE, numbers after names, and archives', async () => {
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
      rows('canvas.csv')
        .slice(2)
        .map((row) => [row[1], row[5]]),
    ).toEqual([
      ['17', '6'],
      ['18', '10'],
      ['19', '0'],
      ['20', '0'],
      ['21', '0'],
    ]);
    expect(result('alicea_17').handIn?.late).toBe(true);
    expect(result('bobb_18').kernel?.file).toBe('lab13/kernel.elf');
    expect(result('carolc_19').reason).toMatch(LED_OUT);
    expect(result('dand_20').reason).toContain('is encrypted; pack it again without a password');
    expect(result('evee_21').reason).toMatch(/^lab\.zip: it unpacks to more than 200 times its own size/);
  });

  it('of Blackboard keeps attempts apart, and what is wrong with one of them', async () => {
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
    expect(rows('blackboard.txt', '\t').slice(1)).toEqual([
      ['u1001', '10'],
      ['u1002', '0'],
    ]);
    await graded([
      { name: `${attempt('22-00-00')}_lab.zip`, data: lab('hello world') },
      { name: `${attempt('23-30-00')}_lab.zip`, data: climbing },
    ]);
    expect(result('u1001').reason).toMatch(LED_OUT);
  });

  it('of Gradescope lies in a folder of its own, and every student of a group is known', async () => {
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
      { formats: format('csv', {}) },
    );
    expect(err).toContain("it is Gradescope's list of submissions");
    const [header, ...table] = rows('csv');
    const column = (name: string) => table.map((row) => row[header!.indexOf(name)]);
    expect([column('student id'), column('score')]).toEqual([
      ['s1001', 's1002', 's1003'],
      ['10', '10', '0'],
    ]);
    expect(result('submission_2').reason).toMatch(LED_OUT);
  });
});

describe('a student', () => {
  it('cannot speak for others by what lies in their folder', async () => {
    folder.put('class/alice/Bob_102_assignsubmission_file_/kernel.elf', 'hello world');
    folder.put('class/bob/kernel.elf', 'hello');
    await run({ formats: format('csv', {}) });
    expect(
      rows('csv')
        .slice(1)
        .flatMap(([name]) => name),
    ).not.toContain('Bob_102');
    expect(rows('csv')[0]).not.toContain('student id');
  });
});

describe('a deadline', () => {
  it.each(['2026-12-01', '2026-12-01T23:59', '2026-02-30T10:00Z', 'tomorrow'])('%s is refused', async (text) => {
    const printed = capture();
    folder.put('class/alice/kernel.elf', 'hello');
    const code = await bootgrade(['grade', folder.at('lab.yaml'), folder.at('class'), '--deadline', text], printed.environment);
    expect(code).toBe(2);
    expect(printed.err()).toContain('such as 2026-12-01T23:59+08:00');
  });
});

describe('a repository', () => {
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder.at('class/alice'), '-c', 'user.name=alice', '-c', 'user.email=alice@example.org', ...words], {
      env: { PATH: process.env['PATH'], GIT_COMMITTER_DATE: '2026-11-30T10:00:00+08:00', GIT_AUTHOR_DATE: '2026-11-30T10:00:00+08:00' },
    });

  beforeEach(() => {
    folder.put('class/alice/kernel.elf', 'hello world');
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-q', '-m', 'one');
    folder.put('class/alice/kernel.elf', 'hello');
    folder.put('class/bob/kernel.elf', 'hello');
  });

  it('is graded as it lies, unless a commit or a deadline is asked for', async () => {
    const graded = async (changes: Partial<GradeOptions>) => {
      await run(changes);
      return result('alice');
    };
    expect(await graded({})).toMatchObject({ score: 6, handIn: null });
    const tagged = await graded({ at: 'main' });
    expect([tagged.score, tagged.handIn?.time, tagged.handIn?.late]).toEqual([10, '2026-11-30T10:00:00+08:00', null]);
    const due = await graded({ deadline: '2026-11-29T10:00+08:00' });
    expect([due.score, due.handIn?.late, due.handIn?.daysLate]).toEqual([10, true, 1]);
    expect(result('bob').score).toBe(6);
  });

  it('is one submission when it is named itself', async () => {
    rmSync(folder.at('class/alice/kernel.elf'));
    await run({ at: 'HEAD', submissions: [folder.at('class/alice')] });
    expect(result('alice')).toMatchObject({ score: 10, kernel: { file: 'kernel.elf' } });
  });
});
