/**
 * Moodle: fills in the offline grading worksheet that the teacher downloaded for the assignment.
 *
 * Its columns, their order and every other cell stay as they are: Moodle finds them by their labels, which are in the site's
 * language, and refuses a grade that changed since the download by the date in its own column. A submission is matched by the
 * participant's number in the folder that "Download all submissions" makes (`…_123_assignsubmission_file_`), or by a cell of
 * the row that is not a grade (full name, ID number, e-mail address or its part before the @), which is the student's id, name or
 * any other of the roster's columns, or the submission's name. What errored keeps its cells.
 * Reference: Moodle's plugin assignfeedback_offline (importgradeslib.php).
 */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { SubmissionResult } from '../result/result.ts';
import { pointsCell } from './delimited.ts';
import { entriesOf, visibleReason } from './entries.ts';
import { format, type Named, type Subject, type Values } from './format.ts';
import { clean, score } from './words.ts';

const options = {
  worksheet: { value: 'file', required: true, describe: 'the worksheet that Moodle offers for download' },
  'grade-column': { value: 'text', required: false, describe: "its column for grades, in the site's language (default: Grade)" },
  'feedback-column': {
    value: 'text',
    required: false,
    describe: 'its column for feedback (default: Feedback comments, where there is one)',
  },
} as const;

const GRADE = 'Grade';
const FEEDBACK = 'Feedback comments';

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
    return submissions.flatMap((submission) => {
      const rows = rowsOf(submission, sheet);
      const [row] = rows;
      const name = clean(submission.name);
      if (rows.length !== 1)
        return [`Moodle's worksheet has ${rows.length === 0 ? 'no row' : 'more than one row'} for ${name}: it is left out`];
      const other = taken.get(row!);
      taken.set(row!, name);
      return other === undefined ? [] : [`${other} and ${name} have the same row in Moodle's worksheet: the later one counts`];
    });
  },
});

interface Worksheet {
  readonly rows: string[][];
  readonly grade: number;
  /** null if there is no such column. */
  readonly feedback: number | null;
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
  const columns = `its columns are ${header.map((label) => `"${label}"`).join(', ')}`;
  if (grade < 0) {
    const wanted = values['grade-column'] ?? GRADE;
    return { problem: `--moodle-worksheet: there is no column "${wanted}"; name it with --moodle-grade-column: ${columns}` };
  }
  if (feedback < 0 && values['feedback-column'] !== undefined) {
    return { problem: `--moodle-feedback-column: there is no column "${values['feedback-column']}": ${columns}` };
  }
  const [lineEnd, bom] = [text.includes('\r\n') ? '\r\n' : '\n', text.startsWith('\uFEFF')] as const;
  return { rows, grade, feedback: feedback < 0 ? null : feedback, delimiter, lineEnd, bom };
}

function filledIn(subjects: readonly Subject[], values: Values<typeof options>): string {
  const sheet = readWorksheet(values);
  if ('problem' in sheet) throw new Error(sheet.problem);
  for (const { result } of subjects) {
    const [row, ...others] = rowsOf(result, sheet);
    if (row === undefined || others.length > 0 || result.score === null) continue;
    row[sheet.grade] = String(pointsCell(result.score));
    if (sheet.feedback !== null) row[sheet.feedback] = feedbackText(result);
  }
  const { delimiter, lineEnd, bom } = sheet;
  return stringify(sheet.rows, { delimiter, record_delimiter: lineEnd, bom });
}

/** The rows that could be the submission's: one is wanted. */
function rowsOf({ name, student }: Named, { rows, grade, feedback }: Worksheet): string[][] {
  const participants = rows.slice(1);
  const number = /_(\d+)_assignsubmission_/.exec(name)?.[1];
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
