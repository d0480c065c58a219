/**
 * Moodle: fills in the offline grading worksheet that the teacher downloaded for the assignment.
 *
 * Its columns, their order and every other cell stay as they are: Moodle finds them by their labels, which are in the site's
 * language, and refuses a grade that changed since the download by the date in its own column. A submission is matched by the
 * participant's number in the folder that "Download all submissions" makes (`…_123_assignsubmission_file_`); where groups hand in, that
 * number is the group's, and the column Group has its name in the row of each member, also of those who are in no group ("Default group"). Else it is matched by a cell of
 * the row that is not a grade (full name, ID number, e-mail address or its part before the @), which is the student's id, name or
 * any other of the roster's columns, or the submission's name. What errored keeps its cells, and so does who handed in nothing.
 * Reference: Moodle's plugin assignfeedback_offline (importgradeslib.php).
 */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { Student, SubmissionResult } from '../result/result.ts';
import { countedAttempts } from './attempts.ts';
import { pointsCell } from './delimited.ts';
import { entriesOf, visibleReason } from './entries.ts';
import { format, type Subject, type Values } from './format.ts';
import { gradebookRows } from './students.ts';
import { clean, score } from './words.ts';

const options = {
  worksheet: { value: 'file', required: true, describe: 'the worksheet that Moodle offers for download' },
  'grade-column': { value: 'text', required: false, describe: "its column for grades, in the site's language (default: Grade)" },
  'feedback-column': {
    value: 'text',
    required: false,
    describe: 'its column for feedback (default: Feedback comments, where there is one)',
  },
  'group-column': { value: 'text', required: false, describe: 'its column for groups (default: Group, where there is one)' },
} as const;

const GRADE = 'Grade';
const FEEDBACK = 'Feedback comments';
const GROUP = 'Group';

/** As an export has it, which knows the column by this name. */
const IDENTIFIER = 'Identifier';

export const moodle = format({
  describe: "the teacher's own Moodle worksheet, with grades and feedback filled in",
  audience: 'record',
  options,
  parts: [{ scope: 'class', extension: 'moodle.csv', render: filledIn }],
  mistake(values) {
    const sheet = readWorksheet(values);
    return 'problem' in sheet ? sheet.problem : null;
  },
  warnings(values, submissions) {
    const sheet = readWorksheet(values);
    if ('problem' in sheet) return [];
    const taken = new Map<string[], string>();
    const leftOut = new Map<string, Set<string>>();
    const doubled = gradebookRows(submissions, [IDENTIFIER]).flatMap(({ student, result }) => {
      const name = clean(result.name);
      const found = rowsOf(result.name, student, sheet);
      if ('problem' in found) {
        leftOut.set(found.problem, (leftOut.get(found.problem) ?? new Set()).add(name));
        return [];
      }
      return found.rows.flatMap((row) => {
        const other = taken.get(row);
        taken.set(row, name);
        return other === undefined ? [] : [`${other} and ${name} have the same row in Moodle's worksheet: the later one counts`];
      });
    });
    return [...Array.from(leftOut, ([problem, names]) => leftOutText(problem, [...names])), ...doubled];
  },
});

const MOST_NAMED = 5;

function leftOutText(problem: string, names: readonly string[]): string {
  const more = names.length - MOST_NAMED;
  const shown = `${names.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `Moodle's worksheet has ${problem} for ${shown}: ${names.length === 1 ? 'it is' : 'they are'} left out`;
}

interface Worksheet {
  readonly rows: string[][];
  readonly grade: number;
  /** null if there is no such column. */
  readonly feedback: number | null;
  readonly group: number | null;
  readonly delimiter: string;
  readonly lineEnd: '\n' | '\r\n';
  readonly bom: boolean;
}

/** The worksheet, or what is wrong with it. */
function readWorksheet(values: Values<typeof options>): Worksheet | { problem: string } {
  const text = values.worksheet;
  const [firstLine = ''] = text.split(/\r?\n/, 1);
  const delimiter = [',', ';', '\t'].reduce((best, one) => (firstLine.split(one).length > firstLine.split(best).length ? one : best));
  let rows: string[][];
  try {
    rows = parse(text, { delimiter, bom: true, relax_column_count: false });
  } catch (error) {
    return { problem: `--moodle-worksheet: this is not a CSV file: ${error instanceof Error ? error.message : String(error)}` };
  }
  const header = rows[0] ?? [];
  const grade = header.indexOf(values['grade-column'] ?? GRADE);
  const feedback = header.indexOf(values['feedback-column'] ?? FEEDBACK);
  const group = header.indexOf(values['group-column'] ?? GROUP);
  const columns = `its columns are ${header.map((label) => `"${label}"`).join(', ')}`;
  if (grade < 0) {
    const wanted = values['grade-column'] ?? GRADE;
    return { problem: `--moodle-worksheet: there is no column "${wanted}"; name it with --moodle-grade-column: ${columns}` };
  }
  if (feedback < 0 && values['feedback-column'] !== undefined) {
    return { problem: `--moodle-feedback-column: there is no column "${values['feedback-column']}": ${columns}` };
  }
  if (group < 0 && values['group-column'] !== undefined) {
    return { problem: `--moodle-group-column: there is no column "${values['group-column']}": ${columns}` };
  }
  const [lineEnd, bom] = [text.includes('\r\n') ? '\r\n' : '\n', text.startsWith('\uFEFF')] as const;
  const orNull = (at: number) => (at < 0 ? null : at);
  return { rows, grade, feedback: orNull(feedback), group: orNull(group), delimiter, lineEnd, bom };
}

function filledIn(subjects: readonly Subject[], values: Values<typeof options>): string {
  const sheet = readWorksheet(values);
  if ('problem' in sheet) throw new Error(sheet.problem);
  const results = countedAttempts(subjects.map((one) => one.result));
  for (const { student, result } of gradebookRows(results, [IDENTIFIER])) {
    const found = rowsOf(result.name, student, sheet);
    for (const row of result.score !== null && 'rows' in found ? found.rows : []) {
      row[sheet.grade] = String(pointsCell(result.score));
      if (sheet.feedback !== null) row[sheet.feedback] = feedbackText(result);
    }
  }
  const { delimiter, lineEnd, bom } = sheet;
  return stringify(sheet.rows, { delimiter, record_delimiter: lineEnd, bom });
}

type Rows = { readonly rows: readonly string[][] } | { readonly problem: 'no row' | 'more than one row' };

/** The student's row, or those of the group's members. */
function rowsOf(name: string, student: Student | null, sheet: Worksheet): Rows {
  const members = groupRows(student, sheet);
  if (members.length > 0) return { rows: members };
  const [row, ...others] = candidates(name, student, sheet);
  if (row === undefined) return { problem: 'no row' };
  return others.length > 0 ? { problem: 'more than one row' } : { rows: [row] };
}

/** Moodle leaves out of folders' names what files' names must not have. */
function groupRows(student: Student | null, { rows, group }: Worksheet): string[][] {
  if (group === null || student?.ids[IDENTIFIER] === undefined) return [];
  return rows.slice(1).filter((row) => row[group]!.trim() !== '' && letters(row[group]!) === letters(student.name));
}

/** The rows that could be the student's: one is wanted. */
function candidates(name: string, student: Student | null, { rows, grade, feedback }: Worksheet): string[][] {
  const participants = rows.slice(1);
  const number = student?.ids[IDENTIFIER] ?? /_(\d+)_assignsubmission_/.exec(name)?.[1];
  if (number !== undefined) return participants.filter(([identifier = '']) => lastDigits(identifier) === number);
  const matching = (text: string) => {
    const wanted = fold(text);
    const matches = (cell: string) => fold(cell) === wanted || (cell.includes('@') && fold(cell.split('@')[0]!) === wanted);
    return participants.filter((row) => row.some((cell, index) => index !== grade && index !== feedback && matches(cell)));
  };
  const names = student === null ? [name] : [student.id, student.name, ...Object.values(student.columns)];
  const found = names.filter((text) => text !== '').map(matching);
  return found.find(({ length }) => length === 1) ?? found.find(({ length }) => length > 1) ?? [];
}

function letters(text: string): string {
  return fold(text).replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

/** The digits that a text ends with. */
function lastDigits(text: string): string {
  let from = text.length;
  while (/\d/.test(text.charAt(from - 1))) from--;
  return text.slice(from);
}

function fold(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

/** One line a check that did not pass; Moodle takes it for HTML. */
function feedbackText(result: SubmissionResult): string {
  const reason = visibleReason(result);
  const total = `${score(result.score, result.maxScore)}${reason === null ? '' : `: ${reason}`}`;
  const lines = entriesOf(result)
    .filter(({ outcome, hidden }) => outcome !== 'passed' && !hidden)
    .map((entry) => `${entry.outcome}: ${entry.label}${entry.reason === null ? '' : ` (${entry.reason})`}`);
  return [total, ...lines].map((line) => line.replace(/[&<>]/g, (character) => HTML[character]!)).join('<br>');
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
