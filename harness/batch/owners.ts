/**
 * Whose each submission is. A platform's export says it for its own; a roster says it by the submission's name, or by what it has
 * in common with the export: an id, a user name, an e-mail address, or the name where only one student has it.
 *
 * The roster's students with the same submission handed it in together. What the export says of a student whom the roster does not know stays.
 */
import type { Student } from '../result/result.ts';
import type { Person } from '../submission/platforms/exported.ts';
import { type Columns, parseRoster, type Row } from './roster.ts';

/** What is to be known of a submission here. */
export interface HandedIn {
  readonly name: string;
  /** Names of the class's entries that it consists of. */
  readonly entries: readonly string[];
  /** By the export; empty if it is in none. */
  readonly people: readonly Person[];
}

export interface Assignment {
  /** By the submission's name; without those of whom nothing is known. */
  readonly students: ReadonlyMap<string, readonly Student[]>;
  /** In the roster, without a submission; in its order. */
  readonly missing: Student[];
  /** Names of submissions that belong to no student of the roster. */
  readonly strangers: string[];
}

const OWN_IDS = ['id', 'student id', 'id number', 'sid', 'identifier'];
const LOGINS = ['username', 'user name', 'login', 'login id', 'sis login id'];

/**
 * Which of the roster's columns may hold what an export tells students apart by. A number means something in its own column alone: a
 * participant of Moodle's may have somebody else's student id.
 */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  Identifier: ['identifier', 'participant'],
  ID: ['id', 'canvas id', 'canvas user id'],
  Username: [...LOGINS, ...OWN_IDS],
  SID: [...OWN_IDS, 'sis user id'],
  'GitHub username': ['github username', 'github', ...LOGINS],
  email: ['email', 'e mail', 'email address', 'e mail address'],
};

/** Without a roster. */
export function exportedStudents(handedIn: readonly HandedIn[]): Assignment {
  const known = handedIn.filter(({ people }) => people.length > 0);
  return { students: new Map(known.map(({ name, people }) => [name, people.map(studentOf)])), missing: [], strangers: [] };
}

function studentOf({ id, name, ids }: Person): Student {
  return { id, name, columns: {}, ids };
}

/** Throws RosterError. */
export function assignStudents(text: string, handedIn: readonly HandedIn[], kept: Columns = 'all'): Assignment {
  const needsSubmissions = handedIn.every(({ people }) => people.length === 0);
  const rows = parseRoster(text, kept, { needsSubmissions });
  const people = new PeopleIndex(rows);
  const found = new Set<Row>();
  const students = new Map<string, Student[]>();
  const strangers: string[] = [];
  const bySubmission = grouped(rows);
  const stems = stemsOf(handedIn);
  for (const one of handedIn) {
    const named = rowsNamed(one, bySubmission, stems);
    const joined = named.length > 0 ? named.map((row) => ({ row, person: personOf(row, one.people) })) : people.join(one.people);
    for (const { row } of joined) if (row !== undefined) found.add(row);
    if (joined.every(({ row }) => row === undefined)) strangers.push(one.name);
    if (joined.length > 0) students.set(one.name, joined.map(student));
  }
  return { students, strangers, missing: rows.filter((row) => !found.has(row)).map((row) => row.student) };
}

interface Joined {
  readonly row: Row | undefined;
  readonly person: Person | undefined;
}

/** One of the two is there. */
function student({ row, person }: Joined): Student {
  return row === undefined ? studentOf(person!) : { ...row.student, ids: person?.ids ?? {} };
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.submission !== '') groups.set(row.submission, [...(groups.get(row.submission) ?? []), row]);
  }
  return groups;
}

/** A file that was handed in alone is found without its ending as well, where that can mean no other submission: `s1001.c` as `s1001`. */
function rowsNamed({ name, entries }: HandedIn, bySubmission: ReadonlyMap<string, Row[]>, stems: ReadonlyMap<string, string>): Row[] {
  const rows = [...new Set([name, ...entries].flatMap((one) => bySubmission.get(one.normalize('NFC')) ?? []))];
  const stem = stemOf(name);
  return rows.length === 0 && stems.get(stem) === name ? (bySubmission.get(stem) ?? []) : rows;
}

/** By a name without its ending, the only submission that could be meant by it. */
function stemsOf(handedIn: readonly HandedIn[]): Map<string, string> {
  const stems = handedIn.map(({ name }) => stemOf(name));
  const [seen, doubled] = [new Set<string>(), new Set<string>()];
  for (const stem of stems) (seen.has(stem) ? doubled : seen).add(stem);
  return new Map(handedIn.flatMap(({ name }, index) => (doubled.has(stems[index]!) ? [] : [[stems[index]!, name]])));
}

function stemOf(name: string): string {
  const dot = name.lastIndexOf('.');
  const isEnding = dot > name.lastIndexOf('/') + 1 && dot < name.length - 1;
  return (isEnding ? name.slice(0, dot) : name).normalize('NFC');
}

/** Which of a submission's people the row is about. */
function personOf(row: Row, people: readonly Person[]): Person | undefined {
  return people.length === 1 ? people[0] : people.find((person) => new PeopleIndex([row]).rowOf(person) !== undefined);
}

/** Rows by what they say of their student; null: several rows say the same. */
class PeopleIndex {
  /** By column and cell. */
  readonly #byId = new Map<string, Row | null>();
  readonly #byName = new Map<string, Row | null>();

  constructor(rows: readonly Row[]) {
    const add = (index: Map<string, Row | null>, key: string, row: Row) => {
      if (key !== '') index.set(key, index.has(key) && index.get(key) !== row ? null : row);
    };
    for (const row of rows) {
      for (const [column, cell] of row.cells) if (cell !== '') add(this.#byId, keyOf(column, cell), row);
      for (const name of spellings(row.student.name)) add(this.#byName, name, row);
    }
  }

  join(people: readonly Person[]): Joined[] {
    return people.map((person) => ({ row: this.rowOf(person), person }));
  }

  rowOf({ name, email, ids }: Person): Row | undefined {
    for (const [label, value] of [...Object.entries(ids), ['email', email] as const]) {
      if (value === '') continue;
      for (const column of COLUMNS[label] ?? []) {
        const row = this.#byId.get(keyOf(column, value));
        if (row !== undefined && row !== null) return row;
      }
    }
    return this.#byName.get(letters(name)) ?? undefined;
  }
}

/** Moodle calls participants `Participant 101`, in the site's language: the number is enough. */
function keyOf(column: string, cell: string): string {
  const value = COLUMNS['Identifier']!.includes(column) ? (/^\p{L}+ (\d+)$/u.exec(cell.trim())?.[1] ?? cell) : cell;
  return `${column}:${fold(value)}`;
}

function fold(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}

/** A name's letters and digits: Canvas leaves nothing else of names. */
function letters(name: string): string {
  return fold(name).replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

/** `Doe, Alice` and `Alice Doe` are the same name. */
function spellings(name: string): string[] {
  const comma = name.indexOf(',');
  const space = name.trim().lastIndexOf(' ');
  const turned =
    comma >= 0
      ? `${name.slice(comma + 1)} ${name.slice(0, comma)}`
      : `${name.trim().slice(space + 1)} ${name.trim().slice(0, Math.max(space, 0))}`;
  return [...new Set([letters(name), letters(turned)])];
}
