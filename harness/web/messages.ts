/** What the page and its worker say to each other. */
import type { Stage } from '../batch/deadlines.ts';
import type { Outcome } from '../result/result.ts';
import type { Course } from '../vocabulary/course.ts';

/** A file or a folder that the student has chosen, with the files below it. */
export interface Chosen {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly files: readonly ChosenFile[];
}

export interface ChosenFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly file: File;
}

export interface Job {
  readonly course: Course;
  readonly chosen: Chosen;
}

export type Answer =
  | { readonly kind: 'begun'; readonly scenarios: number }
  | { readonly kind: 'entered'; readonly phase: Stage['phase']; readonly scenario: string | null }
  | ({ readonly kind: 'done' } & Graded)
  /** There is no result. */
  | { readonly kind: 'failed'; readonly message: string };

export interface Graded {
  readonly name: string;
  readonly outcome: Outcome;
  /** In words: "66/100". */
  readonly score: string;
  readonly json: string;
  readonly html: string;
}
