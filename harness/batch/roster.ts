/**
 * Who handed in what: a CSV file with a header, with one line for each student (RFC 4180; comma, semicolon or tab, as spreadsheets write it).
 *
 * Columns are found by their names: `submission` (the submission's name), `id` or `student id`, `name`. Other columns are kept
 * as they are, if they are asked for. A student whose submission is empty, or is not there, is missing.
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

interface Row {
  /** Of the file, from 1. */
  readonly line: number;
  /** Empty: the student handed in nothing. */
  readonly submission: string;
  readonly student: Student;
}

export interface Assignment {
  /** By the submission's name. */
  readonly students: ReadonlyMap<string, Student>;
  /** In the roster, without a submission; in its order. */
  readonly missing: Student[];
  /** Names of submissions that belong to no student. */
  readonly strangers: string[];
}

type Key = 'submission' | 'id' | 'name';

/**
 * What a column may be called, without regard to case, `_` and `-`. The first that is there counts: a gradebook's export has a column
 * `ID`, and often `Student` beside it.
 */
const HEADERS: Readonly<Record<Key, readonly string[]>> = {
  submission: ['submission', 'path', 'folder'],
  id: ['student id', 'studentid', 'id', 'student'],
  name: ['name', 'student name', 'full name', 'student'],
};

const DELIMITERS = [',', ';', '\t'];

function plain(header: string): string {
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
  try {
    return parse(text, { bom: true, delimiter: delimiterOf(text), info: true, skip_empty_lines: true }) as unknown as Parsed[];
  } catch (error) {
    throw new RosterError((error as Error).message);
  }
}

/** -1: there is none. */
function columnOf(key: Key, headers: readonly string[]): number {
  const called = (label: string) => headers.flatMap((header, index) => (plain(header) === label ? [index] : []));
  const found = HEADERS[key].map(called).find(({ length }) => length > 0) ?? [];
  if (found.length > 1) throw new RosterError(`line 1: several columns could be the ${key}: ${found.map((at) => headers[at]).join(', ')}`);
  if (found.length === 0 && key !== 'name') {
    throw new RosterError(`line 1: no column is called "${key}" (there are: ${headers.join(', ')})`);
  }
  return found[0] ?? -1;
}

/** As `findSubmissions` names them, where a person wrote `./alice/`. */
function submissionName(text: string): string {
  const name = text.trim().replace(/^(\.\/)+/, '');
  let end = name.length;
  while (name[end - 1] === '/') end--;
  return name.slice(0, end);
}

function parseRows(text: string, kept: Columns): Row[] {
  const [header, ...rest] = records(text);
  if (header === undefined) throw new RosterError('it is empty');
  const headers = header.record.map((one) => one.trim());
  const [submission, id] = [columnOf('submission', headers), columnOf('id', headers)];
  const called = columnOf('name', headers);
  const name = called === id ? -1 : called;
  const others = headers.flatMap((column, at) => (at === submission || at === id || at === name ? [] : [{ column, at }]));
  const taken = kept === 'all' ? others : kept.map((one) => columnCalled(one, others));
  return rest.map(({ record, info }) => {
    const student = { id: record[id]!.trim(), name: (record[name] ?? '').trim() };
    if (student.id === '') throw new RosterError(`line ${info.lines}: the student's id is empty`);
    const columns = Object.fromEntries(taken.map(({ column, at }) => [column, record[at]!]));
    return { line: info.lines, submission: submissionName(record[submission]!), student: { ...student, columns } };
  });
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

function refuseDoubled(rows: readonly Row[], what: string, keyOf: (row: Row) => string): void {
  const seen = new Map<string, number>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key === '') continue;
    const before = seen.get(key);
    if (before !== undefined) throw new RosterError(`line ${row.line}: ${what} ${key} is in line ${before} already`);
    seen.set(key, row.line);
  }
}

/** Who handed in what of `names`. Throws RosterError. */
export function assignStudents(text: string, names: readonly string[], kept: Columns = 'all'): Assignment {
  const rows = parseRows(text, kept);
  refuseDoubled(rows, 'the student', ({ student }) => student.id);
  refuseDoubled(rows, 'the submission', ({ submission }) => submission);
  const known = new Set(names);
  const students = new Map(rows.filter(({ submission }) => known.has(submission)).map(({ submission, student }) => [submission, student]));
  return {
    students,
    missing: rows.filter(({ submission }) => !known.has(submission)).map(({ student }) => student),
    strangers: names.filter((name) => !students.has(name)),
  };
}
