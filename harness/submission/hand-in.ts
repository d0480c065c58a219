/** What one student handed in, as it was read from a class: what is graded, and the files that it was made of. */
import type { Submission } from './handed-in.ts';
import type { Tree } from './tree.ts';

export interface HandIn {
  readonly submission: Submission;
  /** What was handed in, for builds and for lines of code; null if it is a file that stands alone, or cannot be read. */
  readonly files: Tree | null;
}
