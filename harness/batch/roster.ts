/**
 * The course's students: a CSV file with a header, with one line for each student (RFC 4180; comma, semicolon or tab, as spreadsheets write
 * it, also with Excel's line `sep=;` before the header; rows without any text are passed over).
 *
 * Columns are found by their names: `submission` (the submission's name), `id` or `student id`, `name`. Other columns are kept
 * as they are, if they are asked for. Whose submission is whose is said in owners.ts.
 */
import { parse } from 'csv-parse/sync';
import { printable } from '../evidence/printable.ts';
import type { Student } from '../result/result.ts';

/** Characters of a message. */
const LONGEST = 1000;

/** A mistake in the roster: a line, and what is wrong there. The message is one line, whatever the roster's cells hold. */
export class RosterError extends Error {
  override readonly name = 'RosterError';

  constructor(message: string) {
    super(printable(message, LONGEST));
  }
}

/** Which columns are kept besides submission, id and name. */
export type Columns = 'all' | readonly string[];

export interface Row {
  /** Of the file, from 1. */
  readonly line: number;
  /** NFC. Empty: it names none. */
  readonly submission: string;
  readonly student: Student;
  /** All cells, by their columns' plain names. */
  readonly cells: ReadonlyMap<string, string>;
}

type Key = 'submission' | 'id' | 'name';

/**
 * What a column may be called, without regard to case, `_` and `-`. The first that is there counts: a gradebook's export has a column
 * `ID`, and often `Student` beside it. The rosters of platforms have the others: SID is Gradescope's, `ID number` Moodle's, `username`
 * Blackboard's and Classroom 50's, `identifier` GitHub Classroom's and, where there is nothing better, Moodle's.
 */
const HEADERS: Readonly<Record<Key, readonly string[]>> = {
  submission: ['submission', 'path', 'folder'],
  id: ['student id', 'studentid', 'id', 'sid', 'id number', 'username', 'identifier', 'student'],
  name: ['name', 'student name', 'full name', 'student'],
};

const DELIMITERS = [',', ';', '\t'];

/** Excel's, for other Excels. */
const SEPARATOR = /^\uFEFF?sep=([,;\t])\r?\n/i;

/** A column's name without what makes no difference. */
export function plain(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replaceAll(/[_\-\s]+/g, ' ');
}

/** The one that the header uses most. */
function delimiterOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  const uses = (delimiter: string) => header.split(delimiter).length;
  return DELIMITERS.reduce((best, one) => (uses(one) > uses(best) ? one : best));
}

interface Parsed {
  readonly record: string[];
  readonly info: { readonly lines: number };
}

function records(text: string): Parsed[] {
  const [first = '', separator] = SEPARATOR.exec(text) ?? [];
  const table = text.slice(first.length);
  const options = { bom: true, delimiter: separator ?? delimiterOf(table), info: true, skip_empty_lines: true };
  try {
    const parsed = parse(table, { ...options, relax_column_count_less: true }) as unknown as Parsed[];
    const lines = first === '' ? 0 : 1;
    return parsed
      .filter(({ record }) => record.some((cell) => cell.trim() !== ''))
      .map(({ record, info }) => ({ record, info: { lines: info.lines + lines } }));
  } catch (error) {
    throw new RosterError((error as Error).message);
  }
}

/** -1: there is none. */
function columnOf(key: Key, headers: readonly string[]): number {
  const called = (label: string) => headers.flatMap((header, index) => (plain(header) === label ? [index] : []));
  const found = HEADERS[key].map(called).find(({ length }) => length > 0) ?? [];
  if (found.length > 1) throw new RosterError(`line 1: several columns could be the ${key}: ${found.map((at) => headers[at]).join(', ')}`);
  return found[0] ?? -1;
}

function requiredColumnOf(key: 'submission' | 'id', headers: readonly string[]): number {
  const found = columnOf(key, headers);
  if (found < 0) throw new RosterError(`line 1: no column is called "${key}" (there are: ${headers.join(', ')})`);
  return found;
}

/** As the command names submissions, where a person wrote `./alice/`. */
function submissionName(text: string): string {
  const name = text
    .normalize('NFC')
    .trim()
    .replace(/^(\.\/)+/, '');
  let end = name.length;
  while (name[end - 1] === '/') end--;
  return name.slice(0, end);
}

/** What the column `submission` names; empty where there is none, or where the roster has mistakes, which are said when it is used. */
export function namedSubmissions(text: string): ReadonlySet<string> {
  try {
    const [header, ...rest] = records(text);
    const at = columnOf('submission', header?.record.map((one) => one.trim()) ?? []);
    return new Set(rest.map(({ record }) => submissionName(record[at] ?? '')).filter((name) => name !== ''));
  } catch (error) {
    if (error instanceof RosterError) return new Set();
    throw error;
  }
}

/** `needsSubmissions`: students can be told only by the column `submission`. Throws RosterError. */
export function parseRoster(text: string, kept: Columns, { needsSubmissions }: { readonly needsSubmissions: boolean }): Row[] {
  const [header, ...rest] = records(text);
  if (header === undefined) throw new RosterError('it is empty');
  const headers = header.record.map((one) => one.trim());
  const submission = needsSubmissions ? requiredColumnOf('submission', headers) : columnOf('submission', headers);
  const id = requiredColumnOf('id', headers);
  const called = columnOf('name', headers);
  const name = called === id ? -1 : called;
  const others = headers.flatMap((column, at) => (at === submission || at === id || at === name ? [] : [{ column, at }]));
  const taken = kept === 'all' ? others : kept.map((one) => columnCalled(one, others));
  const isNote = (record: readonly string[]) => isFromCanvas(headers) && (record[id] ?? '').trim() === '';
  const students = rest.filter(({ record }) => !isNote(record));
  const rows = students.map(({ record, info }): Row => {
    if (record.length < headers.length) {
      throw new RosterError(`line ${info.lines}: it has ${record.length} cells, and the header ${headers.length}`);
    }
    const cells = new Map(headers.map((column, at) => [plain(column), record[at]!.trim()]));
    const student = { id: record[id]!.trim(), name: (record[name] ?? fullName(cells)).normalize('NFC').trim() };
    if (student.id === '') throw new RosterError(`line ${info.lines}: the student's id is empty`);
    const columns = Object.fromEntries(taken.map(({ column, at }) => [column, record[at]!]));
    return { line: info.lines, submission: submissionName(record[submission] ?? ''), student: { ...student, columns, ids: {} }, cells };
  });
  refuseDoubled(rows);
  return rows;
}

/** Below the header Canvas's gradebook has lines about the assignments, such as their points, in the site's language and without an id. */
function isFromCanvas(headers: readonly string[]): boolean {
  return headers.some((header) => ['sis user id', 'sis login id'].includes(plain(header)));
}

/** Of a roster that has the parts of names in columns of their own. */
function fullName(cells: ReadonlyMap<string, string>): string {
  return `${cells.get('first name') ?? ''} ${cells.get('last name') ?? ''}`;
}

/** For a student of an earlier roster, with the columns that were kept then. */
export function keepColumns({ columns, ...student }: Student, kept: Columns): Student {
  const isKept = (column: string) => kept === 'all' || kept.some((one) => plain(one) === plain(column));
  return { ...student, columns: Object.fromEntries(Object.entries(columns).filter(([column]) => isKept(column))) };
}

interface Column {
  readonly column: string;
  readonly at: number;
}

function columnCalled(name: string, columns: readonly Column[]): Column {
  const found = columns.find(({ column }) => plain(column) === plain(name));
  if (found !== undefined) return found;
  throw new RosterError(`line 1: no other column is called "${name}" (there are: ${columns.map(({ column }) => column).join(', ')})`);
}

function refuseDoubled(rows: readonly Row[]): void {
  const seen = new Map<string, number>();
  for (const { line, student } of rows) {
    const before = seen.get(student.id);
    if (before !== undefined) throw new RosterError(`line ${line}: the student ${student.id} is in line ${before} already`);
    seen.set(student.id, line);
  }
}
