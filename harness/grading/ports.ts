/**
 * What a use case of grading needs from outside. The command line brings this process's own (cli/ports.ts); a test, or a program that
 * grades as a library, brings others. Nothing else in this folder opens a file, prints, or looks at the process.
 */
import type { SubmissionResult } from '../result/result.ts';
import type { Submission } from '../submission/handed-in.ts';
import type { BuildCount } from '../vocabulary/submission.ts';
import type { Crew } from './crew.ts';
import type { Files } from './files.ts';

/** Makes kernels of what was handed in. */
export interface Building {
  /** The submissions with the kernels that were built of them, in their order. Throws HostError; what the signal was aborted with. */
  build(submissions: readonly Submission[], tell: (count: BuildCount) => void, signal: AbortSignal): Promise<readonly Submission[]>;
}

/** Gets reports on how far a grading is. `position`: of the submission among those that are graded. */
export interface Progress {
  /** So many kernels have been built, or need not be; nothing is graded yet. */
  building(count: BuildCount): void;
  /** So many submissions are going to be graded. */
  begin(total: number): Promise<void>;
  /** It was graded before, by the batch that is continued. */
  before(result: SubmissionResult, position: number): void;
  /** `detail`: the scenario, where that is known. */
  started(name: string, detail?: string): void;
  /** It is put off, and will be started once more. */
  postponed(name: string): void;
  ended(result: SubmissionResult, position: number): void;
  /** Nothing is running any more. */
  finished(): void;
  /** What the user should know: a line that is safe to print. */
  note(line: string): void;
  /** What a worker process had printed when it died. */
  printed(text: string): void;
}

/** Does work with a signal that is aborted when the user wants it to end; its reason is the name of the system's signal. */
export type Interruptible = <Result>(work: (signal: AbortSignal) => Promise<Result>) => Promise<Result>;

export interface Ports {
  readonly files: Files;
  readonly progress: Progress;
  /** Runs kernels and grades what they did. */
  readonly crew: Crew;
  readonly interruptible: Interruptible;
  /** Left out: kernels are handed in. */
  readonly building?: Building;
}

/** The user has stopped the work before its end. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
  /** The name of the system's signal. */
  readonly signal: string;

  constructor(message: string, { reason }: AbortSignal) {
    super(message);
    this.signal = String(reason);
  }
}
