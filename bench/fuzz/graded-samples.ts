/** Sample submissions as they are graded: what the records of earlier gradings are made from, to be changed. */
import { gradeSubmission, type SubmissionRuns } from '../../harness/grade/grade.ts';
import type { SubmissionResult } from '../../harness/result/result.ts';
import type { Rubric } from '../../harness/rubric/types.ts';
import { type Held, loaded, run } from './grading.ts';
import { textOf } from './mutate.ts';
import { projectFile, type SampleName, samplePath } from './samples.ts';

export interface Graded {
  readonly rubric: Rubric;
  readonly submission: SubmissionRuns;
  /** By scenario. */
  readonly left: Held['left'];
  readonly result: SubmissionResult;
}

/** One passes, one is wrong, one panics, one hangs. */
export const GRADED_SAMPLES: readonly SampleName[] = ['passes', 'writable-data', 'panics', 'no-notify'];

let lab: Promise<Rubric> | undefined;
const known = new Map<SampleName, Graded>();

/** The first lab's rubric, on a machine that is small enough for many. */
export function labRubric(): Promise<Rubric> {
  lab ??= loaded(textOf(projectFile('rubrics/lab13.yaml')).replace('memory: 1G', 'memory: 16M'));
  return lab;
}

/** A sample, graded by the lab's rubric and explained. */
export async function gradedSample(name: SampleName): Promise<Graded> {
  const found = known.get(name);
  if (found !== undefined) return found;
  const rubric = await labRubric();
  const { graded: ran, left } = run(samplePath(name), rubric, 'everything');
  const submission = { ...ran, student: { id: 'a1', name: 'Alice', columns: { Section: 'A' } } };
  const graded = { rubric, submission, left, result: gradeSubmission(rubric, submission, 'instructor') };
  known.set(name, graded);
  return graded;
}
