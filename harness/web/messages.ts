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

interface Task {
  readonly course: Course;
  readonly chosen: Chosen;
}

/** The first message to a worker: what it is for. */
export type Job = (Task & { readonly kind: 'grade' }) | (Task & { readonly kind: 'live' });

/** To a worker with a live machine. */
export type Command =
  | { readonly kind: 'keys'; readonly bytes: Uint8Array }
  | { readonly kind: 'pause' | 'go' }
  /** Run until there is one more request. */
  | { readonly kind: 'step' };

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

/** Of a live machine. */
export type LiveAnswer =
  | { readonly kind: 'console'; readonly bytes: Uint8Array }
  | { readonly kind: 'counted'; readonly instructions: number; readonly time: number; readonly requests: number }
  /** The requests until now, drawn. */
  | { readonly kind: 'requests'; readonly html: string }
  | { readonly kind: 'state'; readonly state: LiveState }
  /** It runs no more, or never ran. */
  | { readonly kind: 'ended'; readonly why: string };

export type LiveState = 'running' | 'stepping' | 'paused';
