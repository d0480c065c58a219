/** What a student asks before handing in: runs one submission and grades it. Nothing is written: a record is what a grading leaves. */
import type { Stage } from '../batch/deadlines.ts';
import { GaveUp } from '../batch/watchdog.ts';
import { gradeSubmission } from '../grade/grade.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Submission } from '../submission/handed-in.ts';
import { deadSubmission } from './dead-submission.ts';
import { announcing } from './grade-class.ts';
import type { Ports } from './ports.ts';
import { type Run, runSubmission } from './run-submission.ts';

/** Throws HostError. */
export async function checkSubmission(
  { name, kernel }: Submission,
  { rubric, images, attempt, explain }: Pick<Run, 'rubric' | 'images' | 'attempt' | 'explain'>,
  { files, crew, progress }: Ports,
): Promise<SubmissionResult> {
  await progress.begin(1);
  const run = { rubric, images, attempt, explain, host: crew.host, keep: () => null };
  const work = (enter: (stage: Stage) => void) => {
    const handedIn = { name, kernel: files.readKernel(kernel) };
    const ran = runSubmission(handedIn, { ...run, enter: announcing(progress, name, enter) });
    enter({ phase: 'grading' });
    return gradeSubmission(rubric, ran, 'student');
  };
  try {
    return crew.alone(rubric, work);
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
    const handedIn = { name, kernel: files.readKernel(kernel), student: null };
    return gradeSubmission(rubric, deadSubmission(handedIn, error.message, run), 'student');
  } finally {
    progress.finished();
  }
}
