/** Whose a submission is, for reports: a gradebook has a row for each student. */
import type { Student, SubmissionResult } from '../result/result.ts';
import { handInText } from './attempts.ts';
import type { Named } from './format.ts';
import { clean } from './words.ts';

/** One for each student of the submission; null stands for one of whom nothing but the submission's name is known. */
export function ownersOf({ students }: Pick<Named, 'students'>): readonly (Student | null)[] {
  return students.length === 0 ? [null] : students;
}

/** What the roster, or else the export, has in the column. */
export function cellOf(student: Student | null, column: string): string | null {
  return student?.columns[column] ?? student?.ids[column] ?? null;
}

/** Whose it is and when it was handed in, as one line that is safe to print; empty if nobody knows. */
export function aboutText({ students, handIn }: Pick<SubmissionResult, 'students' | 'handIn'>): string {
  return [studentsText(students), clean(handInText(handIn))].filter((part) => part !== '').join(' · ');
}

/** `Alice (s1001), Bob (s1002)`, safe to print; empty if nobody is known. */
export function studentsText(students: readonly Student[]): string {
  return students.map(({ id, name }) => clean(name === '' || name === id ? id : `${name} (${id})`)).join(', ');
}
