/** Each platform's export as its reference describes it: who handed in what. */
import { describe, expect, it } from 'vitest';
import { withoutNumber } from './canvas.ts';
import type { ExportFolder } from './exported.ts';
import { recogniseExport } from './index.ts';

/** Names with a `/` at the end are folders; texts are files on top; `holds`: `folder/name`. */
function exported(names: readonly string[], { name = 'class', texts = {}, holds = [] as string[] } = {}): ExportFolder {
  return {
    name,
    entries: names.map((one) => ({ name: one.replace(/\/$/, ''), kind: one.endsWith('/') ? 'folder' : 'file' })),
    text: (entry, most) => {
      const text = (texts as Record<string, string>)[entry];
      return text === undefined || text.length > most ? null : text;
    },
    holds: (folder, entry) => holds.includes(`${folder}/${entry}`),
  };
}

/** What is said of a hand-in in most tests. */
const brief = (folder: ExportFolder) =>
  recogniseExport(folder).attempts.map(({ name, people, parts }) => ({
    name,
    ids: people.map(({ id }) => id),
    parts: parts.map(({ entry, as }) => `${entry} → ${as}`),
  }));

describe('Moodle', () => {
  it('joins the folders of one participant, the files first', () => {
    const folder = exported([
      'Alice A_101_assignsubmission_file_/',
      'Alice A_101_assignsubmission_onlinetext_/',
      'Bob B_102_assignsubmission_onlinetext/',
      'Bob B_102_assignsubmission_file/',
    ]);
    expect(brief(folder)).toEqual([
      {
        name: 'Alice A_101',
        ids: ['101'],
        parts: ['Alice A_101_assignsubmission_file_ → ', 'Alice A_101_assignsubmission_onlinetext_ → onlinetext'],
      },
      {
        name: 'Bob B_102',
        ids: ['102'],
        parts: ['Bob B_102_assignsubmission_file → ', 'Bob B_102_assignsubmission_onlinetext → onlinetext'],
      },
    ]);
    expect(recogniseExport(folder).attempts[0]?.people).toEqual([{ id: '101', name: 'Alice A', email: '', ids: { Identifier: '101' } }]);
  });

  it('knows the files of a download without folders, and gives them their own names', () => {
    expect(
      brief(exported(['Alice A_101_assignsubmission_file_kernel_v2.elf', 'Alice A_101_assignsubmission_onlinetext_onlinetext.html'])),
    ).toEqual([
      {
        name: 'Alice A_101',
        ids: ['101'],
        parts: [
          'Alice A_101_assignsubmission_file_kernel_v2.elf → kernel_v2.elf',
          'Alice A_101_assignsubmission_onlinetext_onlinetext.html → onlinetext/onlinetext.html',
        ],
      },
    ]);
  });

  it('knows the group of those who are in none, whose folder has no number', () => {
    const { attempts } = recogniseExport(exported(['Default group_assignsubmission_file_/', 'Group A_7_assignsubmission_file_/']));
    expect(attempts.map(({ name, people }) => [name, people[0]?.ids])).toEqual([
      ['Default group', { Identifier: '' }],
      ['Group A_7', { Identifier: '7' }],
    ]);
  });

  it('tells participants apart who have the same name, or none where marking is blind', () => {
    const names = ['Participant_101_assignsubmission_file_/', 'Participant_102_assignsubmission_file_/', 'A_B_103_assignsubmission_file_/'];
    expect(brief(exported(names)).map(({ name, ids }) => [name, ...ids])).toEqual([
      ['Participant_101', '101'],
      ['Participant_102', '102'],
      ['A_B_103', '103'],
    ]);
  });

  it('leaves what only looks alike to others', () => {
    const names = [
      '_assignsubmission_file_/',
      'alice_x_assignsubmission_file_/',
      'alice_x1_assignsubmission_file_/',
      '_7_assignsubmission_file_/',
    ];
    const { attempts, rest } = recogniseExport(exported(names));
    expect(attempts).toEqual([]);
    expect(rest).toHaveLength(4);
  });
});

describe('Canvas', () => {
  it('joins the files of one student, and knows LATE, texts and links', () => {
    const folder = exported([
      'aalice_LATE_123_456_kernel-1.elf',
      'aalice_LATE_123_457_notes_2_3_.txt',
      'bbob_124_458_kernel.elf',
      'bbob_124_text.html',
    ]);
    expect(brief(folder)).toEqual([
      {
        name: 'aalice_123',
        ids: ['123'],
        parts: ['aalice_LATE_123_456_kernel-1.elf → kernel-1.elf', 'aalice_LATE_123_457_notes_2_3_.txt → notes_2_3_.txt'],
      },
      { name: 'bbob_124', ids: ['124'], parts: ['bbob_124_458_kernel.elf → kernel.elf', 'bbob_124_text.html → text.html'] },
    ]);
    const [alice, bob] = recogniseExport(folder).attempts;
    expect([alice?.markedLate, bob?.markedLate]).toEqual([true, false]);
    expect(alice?.people).toEqual([{ id: '123', name: 'aalice', email: '', ids: { ID: '123' } }]);
  });

  it('knows anonymous students apart, whom no gradebook can be told of', () => {
    const folder = exported(['anon_x1Y2z_456_kernel.elf', 'LATE_anon_Qq9_457_kernel.elf']);
    expect(recogniseExport(folder).attempts.map(({ name, people, markedLate }) => [name, people[0]?.ids, markedLate])).toEqual([
      ['anon_x1Y2z', {}, false],
      ['anon_Qq9', {}, true],
    ]);
  });

  it('does not take a few files for an export', () => {
    const { attempts, rest } = recogniseExport(exported(['alice.elf', 'bob.elf', 'carol_1_2_kernel.elf', 'dave/']));
    expect(attempts).toEqual([]);
    expect(rest).toHaveLength(4);
  });

  it.each([
    ['kernel-1.elf', 'kernel.elf'],
    ['kernel-12.elf', 'kernel.elf'],
    ['lab-3', 'lab'],
    ['kernel-0.elf', 'kernel-0.elf'],
    ['kernel-123.elf', 'kernel-123.elf'],
    ['-1.elf', '-1.elf'],
    ['kernel.elf', 'kernel.elf'],
  ])('%s was %s when it was handed in first', (file, first) => {
    expect(withoutNumber(file)).toBe(first);
  });
});

describe('Blackboard', () => {
  const alice = (time: string) => `Lab 13_u1001_attempt_2026-11-30-${time}`;

  it('keeps attempts apart, and takes the platform’s text for nobody’s work', () => {
    const names = [
      `${alice('22-00-00')}_kernel.elf`,
      `${alice('22-00-00')}.txt`,
      `${alice('23-59-01')}_kernel.elf`,
      `${alice('23-59-01')}_a.txt`,
    ];
    const { attempts, extras, rest } = recogniseExport(exported(names));
    expect(attempts.map(({ name, time, parts, people }) => [name, time, parts.map(({ as }) => as), people[0]?.ids])).toEqual([
      ['u1001', '2026-11-30T22:00:00', ['kernel.elf'], { Username: 'u1001' }],
      ['u1001', '2026-11-30T23:59:01', ['kernel.elf', 'a.txt'], { Username: 'u1001' }],
    ]);
    expect(extras.map(({ entry }) => entry)).toEqual([`${alice('22-00-00')}.txt`]);
    expect(rest).toEqual([]);
  });

  it('takes name and user name from the first line of the text, whatever the student wrote below it', () => {
    const before = 'Lab_13_u_1001_attempt_2026-11-30-22-00-00';
    const texts = { [`${before}.txt`]: 'Name: Alice (A.) B (u_1001)\r\nAssignment: Lab_13\r\n\r\nComments:\r\nName: Bob (u1002)\r\n' };
    const [attempt] = recogniseExport(exported([`${before}_kernel.elf`, `${before}.txt`], { texts })).attempts;
    expect(attempt?.people[0]).toMatchObject({ id: 'u_1001', name: 'Alice (A.) B' });
    const lie = { [`${before}.txt`]: 'Name: Bob (u1002)\n' };
    expect(recogniseExport(exported([`${before}_kernel.elf`, `${before}.txt`], { texts: lie })).attempts[0]?.people[0]?.id).toBe('1001');
  });

  it('has a hand-in without files for an attempt without any', () => {
    expect(brief(exported([`${alice('22-00-00')}.txt`]))).toEqual([{ name: 'u1001', ids: ['u1001'], parts: [] }]);
  });
});

describe('Gradescope', () => {
  const METADATA = `submission_1:
  :submitters:
  - :name: Alice
    :sid: '1001'
    :email: alice@example.org
  - :name: Bob
    :sid: 1002
    :email: bob@example.org
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :score: 2.0
  :results:
    output: |-
      submission_2:
        :submitters: nobody
submission_2:
  :submitters:
  - :name: Carol
    :email: carol@example.org
submission_4: 7
`;
  const names = ['submission_1/', 'submission_2/', 'submission_3/', 'submission_4/', 'submission_metadata.yml'];

  it('gives every student of a group the submission, and the time in UTC', () => {
    const { attempts, extras, rest } = recogniseExport(exported(names, { texts: { 'submission_metadata.yml': METADATA } }));
    expect(attempts).toMatchObject([
      {
        name: 'submission_1',
        people: [
          { id: '1001', name: 'Alice', email: 'alice@example.org', ids: { SID: '1001' } },
          { id: '1002', name: 'Bob', ids: { SID: '1002' } },
        ],
        time: '2026-04-26T17:34:00Z',
      },
      { name: 'submission_2', people: [{ id: 'carol@example.org', name: 'Carol', ids: {} }], time: null },
    ]);
    expect(extras).toHaveLength(1);
    expect(rest.map(({ name }) => name)).toEqual(['submission_3', 'submission_4']);
  });

  it('says which attempt it is, where the list has the others', () => {
    const history = (...times: string[]) => `  :history:\n${times.map((time) => `  - :created_at: ${time}\n    :score: 1.0\n`).join('')}`;
    const entry = (name: string, others: string) => `${name}:\n  :submitters: []\n  :created_at: 2026-04-26 17:34:00.5 Z\n${others}`;
    const metadata = [
      entry('submission_1', '  :history: []\n'),
      entry('submission_2', history('2026-04-20 17:34:00.5 Z', '2026-04-21 17:34:00.5 Z')),
      // The student made an earlier one the active one.
      entry('submission_3', history('2026-04-20 17:34:00.5 Z', '2026-04-27 17:34:00.5 Z')),
      entry('submission_4', history('yesterday')),
    ].join('');
    const { attempts } = recogniseExport(exported(names, { texts: { 'submission_metadata.yml': metadata } }));
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 3, 2, null]);
  });

  it.each(['[1, 2', '- 1', '', 'a: &a [*a, *a]\nb: *a'])('takes a list that cannot be read for a file of its own: %j', (text) => {
    expect(recogniseExport(exported(names, { texts: { 'submission_metadata.yml': text } })).attempts).toEqual([]);
  });
});

describe('GitHub Classroom', () => {
  const clones = ['lab-13-alan/', 'lab-13-alice/', 'lab-13-bob-b/'];
  const holds = clones.map((name) => `${name}.git`);

  it('takes the assignment from the folder’s name', () => {
    const one = exported(['lab-13-alice-b/', 'notes/'], { name: 'lab-13-submissions', holds: ['lab-13-alice-b/.git'] });
    expect(recogniseExport(one).attempts).toMatchObject([
      { name: 'lab-13-alice-b', people: [{ id: 'alice-b', ids: { 'GitHub username': 'alice-b' } }] },
    ]);
  });

  it('or from what all clones share', () => {
    expect(brief(exported(clones, { holds })).map(({ ids }) => ids)).toEqual([['alan'], ['alice'], ['bob-b']]);
  });

  it('makes nothing of repositories whose names share nothing, or of one alone', () => {
    expect(brief(exported(['alice-lab/', 'bob-lab/'], { holds: ['alice-lab/.git', 'bob-lab/.git'] }))).toEqual([]);
    expect(brief(exported(['lab-13-alice/'], { holds: ['lab-13-alice/.git'] }))).toEqual([]);
    expect(brief(exported(clones))).toEqual([]);
  });
});

describe('Classroom 50', () => {
  const HEADER =
    'username,first_name,last_name,email,section,score,max_score,datetime,submission_tag,submitted_by,review_url,late,override';
  const scores = `${HEADER}
Alice,Alice,A,alice@example.org,A,5,10,2026-11-30T23:00:00Z,submit/1,Alice,https://github.com/os/os-lab13-alice/pull/1,false,
bob,Bob,B,bob@example.org,A,5,10,2026-11-30T23:00:00Z,submit/1,Alice,https://github.com/os/os-lab13-alice/pull/1,false,
carol,Carol,C,,B,,,,,,,,
`;

  it('knows the owner by the clone, and the members of a group by the review', () => {
    const folder = exported(['os-lab13-alice/', 'os-lab13-dave/', 'scores.csv'], { texts: { 'scores.csv': scores } });
    const { attempts, extras, rest } = recogniseExport(folder);
    expect(attempts).toMatchObject([
      {
        platform: 'classroom50',
        name: 'os-lab13-alice',
        people: [{ id: 'Alice', name: 'Alice A', email: 'alice@example.org' }, { id: 'bob' }],
        time: '2026-11-30T23:00:00Z',
        markedLate: false,
      },
    ]);
    expect(extras).toHaveLength(1);
    expect(rest.map(({ name }) => name)).toEqual(['os-lab13-dave']);
  });

  it('knows each student once who handed in several times, which attempt the newest is, and who cannot be a member', () => {
    const line = (user: string, day: string, repository: string, late: string) =>
      `${user},5,10,2026-11-${day}T23:00:00Z,submit/${day},${user},https://github.com/os/${repository}/pull/1,${late},\n`;
    const text =
      'username,score,max_score,datetime,submission_tag,submitted_by,review_url,late,override\n' +
      line('alice', '30', 'os-lab13-alice', 'true') +
      line('alice', '29', 'os-lab13-alice', 'false') +
      // A result that a student published says that it was reviewed elsewhere.
      line('mallory', '28', 'os-lab13-alice', 'false') +
      line('bob', '27', 'os-lab13-team-x', 'false') +
      line('carol', '27', 'os-lab13-team-x', 'false') +
      'dave,,,,,,,,\n';
    const clones = ['os-lab13-alice/', 'os-lab13-dave/', 'os-lab13-mallory/', 'os-lab13-team-x/'];
    const { attempts } = recogniseExport(exported([...clones, 'scores.csv'], { texts: { 'scores.csv': text } }));
    expect(attempts.map(({ people, attempt, time, markedLate }) => [people.map(({ id }) => id).join(), attempt, time, markedLate])).toEqual(
      [
        ['alice', 2, '2026-11-30T23:00:00Z', true],
        ['dave', null, null, null],
        ['mallory', 1, '2026-11-28T23:00:00Z', false],
        ['bob,carol', 1, '2026-11-27T23:00:00Z', false],
      ],
    );
  });

  it('leaves a scores.csv of another kind alone', () => {
    const { extras, rest } = recogniseExport(exported(['a/', 'scores.csv'], { texts: { 'scores.csv': 'name,score\n' } }));
    expect([extras.length, rest.length]).toEqual([0, 2]);
  });
});
