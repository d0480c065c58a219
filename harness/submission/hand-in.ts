/** What one student handed in, as it was read from a class: what is graded, and the files that it was made of. */
import type { Submission } from './handed-in.ts';
import type { Person } from './platforms/exported.ts';
import type { Tree } from './tree.ts';

export interface HandIn {
  readonly submission: Submission;
  /** What was handed in, for builds and for lines of code; null if it is a file that stands alone, or cannot be read. */
  readonly files: Tree | null;
  /** Whose it is and when it was handed in, by a platform's export or by git; null if neither says anything. */
  readonly origin: Origin | null;
}

export interface Origin {
  /** Names of the class's entries that it consists of. */
  readonly entries: readonly string[];
  /** Empty: not known. */
  readonly people: readonly Person[];
  /** ISO 8601, without a zone where the platform says none. */
  readonly time: string | null;
  /** By the platform. */
  readonly markedLate: boolean | null;
  readonly commit: string | null;
  /** Which of the student's attempts it is, from 1, as the platform counts them; null: it does not say. */
  readonly attempt: number | null;
  /** From 1, where there are several attempts of the same students: the submission's name then ends in it. */
  readonly number: number | null;
}
