/** Whose a submission is, for reports: a gradebook has a row for each student. */
import { printable } from '../evidence/printable.ts';
import type { Student, SubmissionResult } from '../result/result.ts';
import { handInText } from './attempts.ts';
import type { Named } from './format.ts';
import { clean } from './words.ts';

/** One for each student of the submission; null stands for one of whom nothing but the submission's name is known. */
export function ownersOf({ students }: Pick<Named, 'students'>): readonly (Student | null)[] {
  return students.length === 0 ? [null] : students;
}

/** A student, or null where only the submission's name is known, with what was handed in. */
export interface Owned<Result> {
  readonly student: Student | null;
  readonly result: Result;
}

/**
 * Whose grades a platform's gradebook gets: everybody's; but where some students come from the platform's own export, which knows them by one of
 * `columns`, students who come from the export of a different platform are left out, since the gradebook has no rows for them.
 */
export function gradebookRows<Result extends Pick<Named, 'students'>>(
  results: readonly Result[],
  columns: readonly string[],
): Owned<Result>[] {
  const rows = results.flatMap((result) => ownersOf(result).map((student) => ({ student, result })));
  const isOwn = (student: Student | null) => columns.some((column) => cellOf(student, column) !== null);
  const isForeign = (student: Student | null) => student !== null && Object.keys(student.ids).length > 0 && !isOwn(student);
  return rows.some(({ student }) => isOwn(student)) ? rows.filter(({ student }) => !isForeign(student)) : rows;
}

/** What the roster, or else the export, has in the column. */
export function cellOf(student: Student | null, column: string): string | null {
  return student?.columns[column] ?? student?.ids[column] ?? null;
}

/** Whose it is and when it was handed in, as one line that is safe to print; empty if nobody knows. */
export function aboutText({ students, handIn }: Pick<SubmissionResult, 'students' | 'handIn'>): string {
  return [studentsText(students), clean(handInText(handIn))].filter((part) => part !== '').join(' · ');
}

/** Columns of the roster that are shown beside a name, and characters of what one of them holds. */
const MOST_COLUMNS = 6;
const LONGEST_CELL = 60;

/** `Alice (s1001; section: A), Bob (s1002; section: B)`, safe to print; empty if nobody is known. */
export function studentsText(students: readonly Student[]): string {
  return students
    .map(({ id, name, columns }) => {
      const facts = [...(name === '' || name === id ? [] : [clean(id)]), ...columnTexts(columns)];
      return `${clean(name === '' ? id : name)}${facts.length === 0 ? '' : ` (${facts.join('; ')})`}`;
    })
    .join(', ');
}

/** `section: A` for each kept column of the roster that holds something, safe to print. */
export function columnTexts(columns: Student['columns']): string[] {
  const filled = Object.entries(columns).filter(([, cell]) => cell.trim() !== '');
  const shown = filled.slice(0, MOST_COLUMNS).map(([title, cell]) => `${printable(title, LONGEST_CELL)}: ${printable(cell, LONGEST_CELL)}`);
  return filled.length > MOST_COLUMNS ? [...shown, `and ${filled.length - MOST_COLUMNS} more`] : shown;
}
