/** A platform's export in, that platform's file for import out, in one command and without a roster. Machines play scripts here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClass, format } from '../testkit/fake-class.ts';

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
    const { code, err } = await folder.grade({ formats: format('moodle', { worksheet: WORKSHEET }) });
    expect([code, err]).toEqual([0, expect.not.stringContaining('Moodle')]);
    expect(folder.table('moodle.csv').map((row) => [row[0], row[3]])).toEqual([
      ['Identifier', 'Grade'],
      ['Participant 101', '10'],
      ['Participant 102', '0'],
      ['Participant 103', ''],
    ]);
    expect(folder.result('Alice_101').kernel?.file).toBe('lab13/kernel.elf');
    expect(folder.result('Alice_101').students).toMatchObject([{ name: 'Alice' }]);
  });

  it('gives each member of a group its grade', async () => {
    const sheet = WORKSHEET.replace('Status', 'Group').replaceAll('Submitted for grading', 'Group A').replace('No submission', 'Group B');
    folder.put('class/Group A_101_assignsubmission_file_/kernel.elf', 'hello');
    folder.put('class/Group B_7_assignsubmission_file_/kernel.elf', 'hello world');
    await folder.grade({ formats: format('moodle', { worksheet: sheet }) });
    expect(folder.table('moodle.csv').map((row) => row[3])).toEqual(['Grade', '6', '6', '10']);
  });
});

describe('Canvas', () => {
  it('finds kernels that were handed in again, and its file has Canvas’s ids', async () => {
    folder.put('class/alicea_LATE_17_456_kernel-1.elf', 'hello');
    folder.put('class/alicea_LATE_17_457_notes.txt', 'done');
    folder.put('class/bobb_18_458_kernel.elf', 'hello world');
    const { code, out } = await folder.grade({ formats: [...format('canvas', { assignment: 'Lab 13 (4711)' }), ...format('csv')] });
    expect(code).toBe(0);
    expect(folder.table('canvas.csv').map((row) => [row[1], row[3], row[5]])).toEqual([
      ['ID', 'SIS Login ID', 'Lab 13 (4711)'],
      ['', '', '10'],
      ['17', '', '6'],
      ['18', '', '10'],
    ]);
    expect(folder.table('csv')[0]).toContain('late');
    expect(folder.result('alicea_17').handIn).toMatchObject({ time: null, late: true, secondsLate: null, daysLate: null });
    expect(out).toContain('2 submissions');
  });

  it('takes name and sections from the gradebook that Canvas exports', async () => {
    folder.put('class/alicea_17_456_kernel.elf', 'hello');
    folder.put('class/stranger_19_457_kernel.elf', 'hello');
    const roster = folder.put(
      'gradebook.csv',
      'Student,ID,SIS User ID,SIS Login ID,Section,Lab 12 (4710)\n,,,,,Manual Posting\n    Points Possible,,,,,10\n' +
        '"A, Alice",17,u17,alice,A,3\n"B, Bob",18,u18,bob,A,\n',
    );
    const { out, err } = await folder.grade({ roster, formats: format('canvas', { assignment: 'Lab 13 (4711)' }) });
    expect(err).toContain('has no student for 1 submission: stranger_19');
    expect(out).toContain('Without a submission: 1 student: B, Bob (18)');
    expect(folder.table('canvas.csv').slice(2)).toEqual([
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

  const grades = () => folder.table('blackboard.txt', '\t').slice(1);

  it('is graded by each student’s last attempt, and lists all of them', async () => {
    const { err } = await folder.grade({ formats });
    expect(grades()).toEqual([
      ['u1001', '6'],
      ['u1002', '6'],
    ]);
    expect(err).toMatch(/left out, because it is Blackboard's note about an attempt: .*u1001_attempt_2026-11-30-22-00-00\.txt/);
    const { students, handIn } = folder.result('u1001');
    expect(students).toMatchObject([{ id: 'u1001', name: 'Alice', ids: { Username: 'u1001' } }]);
    expect(handIn).toMatchObject({ time: '2026-11-30T23:30:00', late: null });
    expect(handIn?.attempts).toMatchObject({ number: 2, counts: 2, all: [{ late: null }, { late: null }] });
  });

  it('is graded by the last attempt before the deadline, whose zone the times have; who is late is late by seconds and days', async () => {
    await folder.grade({ formats: [...formats, ...format('csv')], deadline: '2026-11-30T23:00+08:00' });
    expect(grades()).toEqual([
      ['u1001', '10'],
      ['u1002', '6'],
    ]);
    expect(folder.result('u1001').handIn).toMatchObject({ time: '2026-11-30T22:00:00', late: false, secondsLate: 0, daysLate: 0 });
    expect(folder.result('u1002').handIn).toMatchObject({ late: true, secondsLate: 3541, daysLate: 1, attempts: null });
    const [header, ...table] = folder.table('csv');
    const column = (name: string) => table.map((row) => row[header!.indexOf(name)]);
    expect([column('late'), column('seconds late'), column('attempt')]).toEqual([
      ['no', 'yes'],
      ['0', '3541'],
      ['1 of 2', ''],
    ]);
  });

  it('may be graded by the best attempt', async () => {
    folder.put('lab.yaml', RUBRIC.replace('[kernel.elf], format: raw }', '[kernel.elf], format: raw, attempts: best }'));
    const { out } = await folder.grade({ formats: [...formats, ...format('csv')] });
    expect(grades()).toEqual([
      ['u1001', '10'],
      ['u1002', '6'],
    ]);
    expect(folder.table('csv').map((row) => row[2])).toEqual(['submission', 'u1001/attempt-1', 'u1002']);
    expect(out).toContain('2 submissions');
    expect(folder.result('u1001/attempt-2').score).toBe(6);
  });

  it('may have a row for every attempt, of which gradebooks take the last before the deadline', async () => {
    folder.put(
      'lab.yaml',
      RUBRIC.replace('[kernel.elf], format: raw }', "[kernel.elf], format: raw, attempts: all, deadline: '2026-11-30T23:00+08:00' }"),
    );
    await folder.grade({ formats: [...formats, ...format('csv')] });
    expect(folder.table('csv').map((row) => row[2])).toEqual(['submission', 'u1001/attempt-1', 'u1001/attempt-2', 'u1002']);
    expect(grades()).toEqual([
      ['u1001', '10'],
      ['u1002', '6'],
    ]);
  });
});

describe('Gradescope', () => {
  const metadata = (history: string) => `submission_1:
  :submitters:
  - { :name: Alice, :sid: s1001, :email: alice@example.org }
  :created_at: 2026-11-30 10:00:00.5 Z
  :history: ${history}
`;
  const hints = '[{ from-attempt: 1, text: Say it. }, { from-attempt: 3, text: Print it. }]';

  beforeEach(() => {
    folder.put('lab.yaml', RUBRIC.replace('console: world }', `console: world, hint: ${hints} }`));
    folder.put('class/submission_1/kernel.elf', 'hello');
  });

  const hint = () => folder.result('submission_1').checks[1]?.hint;

  it('says which attempt a submission is, which decides the hints, unless the command says otherwise', async () => {
    folder.put(
      'class/submission_metadata.yml',
      metadata('[{ :created_at: 2026-11-28 10:00:00.5 Z }, { :created_at: 2026-11-29 10:00:00.5 Z }]'),
    );
    const { out } = await folder.grade({ formats: format('csv') });
    expect(folder.result('submission_1')).toMatchObject({ attempt: 3, handIn: { attempt: 3, attempts: null } });
    expect([hint(), folder.column('csv', 'attempt')]).toEqual(['Print it.', ['3']]);
    expect(out).toContain('handed in 2026-11-30T10:00:00Z, attempt 3');
    await folder.grade({ attempt: 1 });
    expect([folder.result('submission_1').attempt, hint()]).toEqual([1, 'Say it.']);
  });

  it('gets a results.json for each submission', async () => {
    folder.put('class/submission_metadata.yml', metadata('[]'));
    await folder.grade({ formats: format('gradescope') });
    const results = JSON.parse(folder.read('reports/submission_1.gradescope.json')) as { score: number; tests: unknown[] };
    expect([results.score, results.tests.length, hint()]).toEqual([6, 2, 'Say it.']);
  });
});

describe('clones', () => {
  const clone = (name: string, kernel: string) => {
    folder.put(`class/${name}/.git/HEAD`, 'ref: refs/heads/main');
    folder.put(`class/${name}/kernel.elf`, kernel);
  };

  it('of Classroom 50 get a result.json each, of the newest submission, and its roster finds names', async () => {
    clone('cs-lab13-alice', 'hello world');
    clone('cs-lab13-bob', 'hello');
    const line = (user: string, tag: string) =>
      `${user},,,,,0,100,2026-11-30T10:00:00Z,${tag},${user},https://github.com/os/cs-lab13-${user}/compare/a...b,false,\n`;
    folder.put(
      'class/scores.csv',
      'username,first_name,last_name,email,section,score,max_score,datetime,submission_tag,submitted_by,review_url,late,override\n' +
        `${line('Alice', 'submit/20261130T100000Z-abc1234')}${line('Alice', 'submit/20261129T100000Z-def1234')}bob,,,,,,,,,,,,\n`,
    );
    const { err } = await folder.grade({ formats: format('classroom50', { classroom: 'cs', assignment: 'lab13' }) });
    expect(err).toContain('where its export has no submission: cs-lab13-bob;');
    expect(JSON.parse(folder.read('reports/cs-lab13-alice.classroom50.json'))).toMatchObject({
      owner: 'Alice',
      submission: 'submit/20261130T100000Z-abc1234',
      datetime: '2026-11-30T10:00:00Z',
      score: 1000,
    });
    expect(Object.keys(folder.texts('reports'))).not.toContain('cs-lab13-bob.classroom50.json');
    expect(folder.result('cs-lab13-alice')).toMatchObject({ attempt: 2, students: [{ id: 'Alice' }] });
    const roster = folder.put('students.csv', 'username,first_name,last_name,email,section\nalice,Alice,A,alice@example.org,B\n');
    await folder.grade({ roster });
    expect(folder.result('cs-lab13-alice').students).toMatchObject([{ id: 'alice', name: 'Alice A' }]);
  });

  it('of GitHub Classroom have their users in the table, by whom its roster finds names', async () => {
    clone('lab-13-alice', 'hello world');
    clone('lab-13-bob-b', 'hello');
    await folder.grade({ formats: format('csv') });
    expect([folder.column('csv', 'student id'), folder.column('csv', 'score')]).toEqual([
      ['alice', 'bob-b'],
      ['10', '6'],
    ]);
    const roster = folder.put(
      'classroom_roster.csv',
      '"identifier","github_username","github_id","name"\n"s1001","alice","1","Alice"\n"s1002","Bob-B","2",""\n"s1003","carol","3","Carol"\n',
    );
    await folder.grade({ roster, formats: format('csv') });
    expect([folder.column('csv', 'student id'), folder.column('csv', 'student'), folder.column('csv', 'outcome')]).toEqual([
      ['s1001', 's1002', 's1003'],
      ['Alice', '', 'Carol'],
      ['passed', 'failed', 'missing'],
    ]);
  });
});

describe('a student', () => {
  it('cannot speak for others by what lies in their folder', async () => {
    folder.put('class/alice/Bob_102_assignsubmission_file_/kernel.elf', 'hello world');
    folder.put('class/bob/kernel.elf', 'hello');
    await folder.grade({ formats: format('csv') });
    expect(
      folder
        .table('csv')
        .slice(1)
        .flatMap(([name]) => name),
    ).not.toContain('Bob_102');
    expect(folder.table('csv')[0]).not.toContain('student id');
  });
});
