/** CSV, Canvas, Blackboard and Moodle: what they write is read back with a reader of CSV, and held against each importer's rules. */
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import type { Student, SubmissionResult } from '../result/result.ts';
import { errored, HOSTILE_NAME, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { blackboard } from './blackboard.ts';
import { canvas } from './canvas.ts';
import { csv } from './csv.ts';
import { wholeText } from './format.ts';
import { moodle } from './moodle.ts';
import { gradebookRows } from './students.ts';

const subjects = (...results: SubmissionResult[]) => results.map((of) => subject(of));

const STUDENT: Student = {
  id: 'ete1',
  name: "Élève d'été, MSc",
  columns: { 'SIS Login ID': 'ete.login', ID: '4711', Section: 'A, "evening"' },
  ids: {},
};

/** Of the roster, without a submission. */
const CAROL: Student = { id: 'carol', name: 'Carol', columns: { ID: '4713' }, ids: {} };

/** What a spreadsheet takes for a formula. */
const FORMULA = /^[=+\-@\t\r＝＋－＠]/;

describe('CSV', () => {
  const missing: Student[] = [];
  const text = (...results: SubmissionResult[]) => {
    const [part] = csv.parts;
    return part?.scope === 'class' ? wholeText(part.render(subjects(...results), {}, missing)) : '';
  };
  const rows = (...results: SubmissionResult[]) => parse(text(...results), { bom: true, columns: true }) as Record<string, string>[];

  it('has a row for each submission and a column for each check', () => {
    expect(rows(writableData())).toEqual([
      {
        submission: 'writable-data',
        outcome: 'failed',
        score: '15',
        'max score': '60',
        failed: 'write-flags image',
        skipped: 'image-elsewhere',
        errored: '',
        reason: '',
        'reads-block (of 5)': '5',
        'write-flags (of 20)': '0',
        'image (of 15)': '0',
        'image-elsewhere (of 10)': '0',
        'hidden checks (of 10)': '10',
      },
    ]);
  });

  it('keeps fractions, commas, quotes and every letter', () => {
    const [row] = rows(hostile());
    expect(row).toMatchObject({ score: '13.333333', 'max score': '30.5', 'third (of 10)': '3.333333', 'half (of 10.5)': '10.5' });
    expect(row?.['submission']).toBe(`'${HOSTILE_NAME}`);
  });

  it('holds no formula', () => {
    const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'].map((name) => result({ name, reason: `=HYPERLINK("${name}")` }));
    const cells = parse(text(...evil, hostile()), { bom: true }).flat() as string[];
    expect(cells.filter((cell) => FORMULA.test(cell))).toEqual([]);
  });

  it('begins with a byte order mark, and marks hidden checks', () => {
    const checks = [check('open'), check('secret', { hidden: true, outcome: 'errored', score: 0 })];
    const all = text(result({ audience: 'instructor', checks }));
    expect(all.startsWith('\uFEFF')).toBe(true);
    expect(parse(all, { bom: true, columns: true })).toMatchObject([{ 'open (of 10)': '10', 'secret (of 10, hidden)': '' }]);
  });

  it('names the students of a roster', () => {
    expect(rows(result({ students: [STUDENT] }), result({ name: 'b' }))).toMatchObject([
      { 'student id': 'ete1', student: "Élève d'été, MSc", submission: 'alice' },
      { 'student id': '', student: '', submission: 'b' },
    ]);
  });

  it('has the columns of the roster beside the students, none of which replaces one of its own', () => {
    const student = (id: string, columns: Student['columns']): Student => ({ id, name: '', columns, ids: {} });
    missing.push(student('s1003', { section: 'B' }));
    const [header, ...cells] = parse(
      text(
        result({ name: 'a', students: [student('s1001', { section: 'A', score: '=1' })] }),
        result({ name: 'b', students: [student('s1002', {})] }),
        result({ name: 'c' }),
      ),
      { bom: true },
    ) as string[][];
    missing.length = 0;
    expect(header?.slice(0, 7)).toEqual(['student id', 'student', 'section', 'score (roster)', 'submission', 'outcome', 'score']);
    expect(cells.map((row) => row.slice(0, 7))).toEqual([
      ['s1001', '', 'A', "'=1", 'a', 'passed', '10'],
      ['s1002', '', '', '', 'b', 'passed', '10'],
      ['', '', '', '', 'c', 'passed', '10'],
      ['s1003', '', 'B', '', '', 'missing', ''],
    ]);
    expect(new Set(cells.map((row) => row.length))).toEqual(new Set([header?.length]));
  });
});

describe('where one class has the exports of two platforms', () => {
  const person = (id: string, ids: Student['ids']): Student => ({ id, name: '', columns: {}, ids });
  const ofCanvas = result({ name: 'a', students: [person('77', { ID: '77' })] });
  const ofBlackboard = result({ name: 'b', students: [person('u1', { Username: 'u1' })] });
  const nobody = result({ name: 'c' });

  it('a gradebook has the students of its own platform, and those of whom only a name is known', () => {
    const names = (columns: readonly string[]) => gradebookRows([ofCanvas, ofBlackboard, nobody], columns).map(({ result }) => result.name);
    expect(names(['ID'])).toEqual(['a', 'c']);
    expect(names(['Username'])).toEqual(['b', 'c']);
  });

  it('and a gradebook of a third platform has all of them', () => {
    expect(gradebookRows([ofCanvas, ofBlackboard], ['Identifier'])).toHaveLength(2);
  });
});

describe('Canvas', () => {
  const rows = (...results: SubmissionResult[]) => {
    const [part] = canvas.parts;
    const text =
      part?.scope === 'class' ? wholeText(part.render(subjects(...results), { assignment: 'Lab 13, "I/O" (4711)' }, [CAROL])) : '';
    return parse(text, { trim: false }) as string[][];
  };

  /** The rules of Canvas's importer: four columns at least, Student and ID first, the last of a student's own columns is Section. */
  it('has a header that its importer accepts', () => {
    const [header] = rows(result());
    expect(header?.[0]).toMatch(/Student/);
    expect(header?.[1]).toMatch(/ID/);
    expect(header?.[2]).toMatch(/SIS\s+User\s+ID/);
    expect(header?.[3]).toMatch(/SIS\s+Login\s+ID/);
    expect(header?.[4]).toMatch(/Section/);
    expect(header?.[5]).toBe('Lab 13, "I/O" (4711)');
  });

  it('says what the points are of, and gives each student theirs', () => {
    const [, possible, ...students] = rows(writableData(), hostile(), errored(), result({ students: [STUDENT] }));
    expect(possible?.[0]?.trim()).toBe('Points Possible');
    expect(possible?.[5]).toBe('60');
    expect(students.map((row) => row.slice(1))).toEqual([
      ['', '', 'writable-data', '', '15'],
      ['', '', `'${HOSTILE_NAME}`, '', '13.333333'],
      ['', '', 'errored', '', ''],
      ['4711', '', 'ete.login', 'A, "evening"', '10'],
      ['4713', '', '', '', ''],
    ]);
    expect(students[3]?.[0]).toBe("Élève d'été, MSc");
  });
});

describe('Blackboard', () => {
  const text = (...results: SubmissionResult[]) => {
    const [part] = blackboard.parts;
    return part?.scope === 'class'
      ? wholeText(part.render(subjects(...results), { column: 'Lab 13 [Total Pts: 100 Score] |4711' }, [CAROL]))
      : '';
  };

  it('is delimited by tabs, by username and column id, without those that have no score', () => {
    expect(parse(text(writableData(), errored(), hostile(), result({ students: [STUDENT] })), { delimiter: '\t' })).toEqual([
      ['Username', 'Lab 13 [Total Pts: 100 Score] |4711'],
      ['writable-data', '15'],
      [`'${HOSTILE_NAME}`, '13.333333'],
      ['ete1', '10'],
    ]);
  });
});

describe('Moodle', () => {
  /** As Moodle writes it: "Participant" and a number, dates with commas in quotes, "-" where nothing was graded. */
  const WORKSHEET = `\uFEFFIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (submission)","Last modified (grade)","Feedback comments"\r
"Participant 101","Student A",alice@example.org,"Submitted for grading",,100.00,"Monday, 5 October 2026, 9:00 AM",-,\r
"Participant 102","Élève d'été, MSc",ete@example.org,"Submitted for grading",12.00,100.00,"Monday, 5 October 2026, 9:00 AM","Tuesday, 6 October 2026, 8:00 AM","=old, ""kept"""\r
"Participant 103",学生,c@example.org,"No submission",,100.00,-,-,\r
`;
  const base = { worksheet: WORKSHEET, 'grade-column': undefined, 'feedback-column': undefined, 'group-column': undefined };
  const fill = (values: typeof base | Record<keyof typeof base, string | undefined>, ...results: SubmissionResult[]) => {
    const [part] = moodle.parts;
    return part?.scope === 'class'
      ? wholeText(part.render(subjects(...results), { ...values, worksheet: values.worksheet! }, [CAROL]))
      : '';
  };
  const rows = (text: string) => parse(text, { bom: true }) as string[][];

  it('fills in grade and feedback, and leaves every other cell as it was', () => {
    const before = rows(WORKSHEET);
    const after = rows(fill(base, { ...writableData(), name: 'alice' }));
    expect(after[1]?.[4]).toBe('15');
    expect(after[1]?.[8]).toBe(
      '15/60<br>failed: write-flags: The data descriptor is not device-writable (data: expected device reads, found device writes)<br>' +
        'failed: image: Sector 0 holds the new text (the image differs from byte 6 on)<br>skipped: image-elsewhere: Title of image-elsewhere (needs image)',
    );
    const untouched = (all: string[][]) =>
      all.map((row, index) => (index === 1 ? row.filter((_, column) => column !== 4 && column !== 8) : row));
    expect(untouched(after)).toEqual(untouched(before));
  });

  it('keeps byte order mark and line ends', () => {
    const text = fill(base, result());
    expect(text.startsWith('\uFEFFIdentifier,')).toBe(true);
    expect(text.split('\r\n')).toHaveLength(5);
  });

  it.each([
    ['the part of the e-mail address before the @', result({ name: 'ETE' })],
    ['the full name', result({ name: "Élève d'été, MSc" })],
    ['the folder that Moodle packs submissions in', result({ name: "Élève d'été_102_assignsubmission_file_" })],
    ['the student of a roster', result({ name: 'x', students: [STUDENT] })],
    [
      'another column of the roster',
      result({ name: 'x', students: [{ id: '7', name: '', columns: { mail: 'ete@example.org' }, ids: {} }] }),
    ],
  ])('finds a row by %s', (_, of) => {
    expect(rows(fill(base, of))[2]?.[4]).toBe('10');
  });

  it('leaves the cells of what errored, and of whom it does not know', () => {
    expect(rows(fill(base, { ...errored(), name: 'ete' }, result({ name: 'stranger' })))).toEqual(rows(WORKSHEET));
    expect(moodle.warnings?.(base, [errored(), result({ name: 'alice' }), result({ name: 'Student A' })])).toEqual([
      "Moodle's worksheet has no row for errored: it is left out",
      "alice and Student A have the same row in Moodle's worksheet: the later one counts",
    ]);
  });

  it('finds columns by the labels that it is told', () => {
    const german = WORKSHEET.replace(',Grade,', ',Bewertung,').replace('"Feedback comments"', '"Feedback als Kommentar"');
    expect(moodle.mistake?.({ ...base, worksheet: german })).toMatch(
      /no column "Grade"; name it with --moodle-grade-column: .*"Bewertung"/,
    );
    const told = { ...base, worksheet: german, 'grade-column': 'Bewertung', 'feedback-column': 'Feedback als Kommentar' };
    expect(moodle.mistake?.(told)).toBeNull();
    expect(rows(fill(told, result()))[1]?.[4]).toBe('10');
    expect(moodle.mistake?.({ ...base, 'feedback-column': 'x' })).toContain('--moodle-feedback-column');
  });

  it('tells students nothing of hidden checks in the feedback, and writes no markup but its own', () => {
    const checks = [check('secret', { hidden: true, outcome: 'failed', score: 0 })];
    const [, alice] = rows(fill(base, { ...hostile(), audience: 'instructor', name: 'alice', checks: [...hostile().checks, ...checks] }));
    expect(alice?.[8]).not.toContain('secret');
    expect(alice?.[8]?.replaceAll('<br>', '')).not.toMatch(/[<>]/);
  });

  it('refuses what is not a CSV', () => {
    expect(moodle.mistake?.({ ...base, worksheet: 'Grade,"x\n1' })).toContain('this is not a CSV file');
  });
});
