/** One submission, from its kernel to its files on disk: what a grading does again and again, in this process or in a worker. */
import type { Stage } from '../batch/deadlines.ts';
import type { Submission as Ran } from '../grade/grade.ts';
import type { Audience, Student, SubmissionResult } from '../grade/result.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import type { Submission } from '../submission/handed-in.ts';
import { deadSubmission } from './dead-submission.ts';
import { FormatFiles } from './format-files.ts';
import type { ChosenFormat } from './format-options.ts';
import { type Destination, SubmissionRecord } from './record.ts';
import { type Explain, type Images, imagesOf, runSubmission } from './run-submission.ts';

/** What all submissions of a grading share: plain data, as a worker process gets it. */
export interface GradingSetup {
  readonly rubric: Rubric;
  readonly destination: Destination;
  /** Who what is printed is for. */
  readonly print: Audience;
  readonly attempt: number;
  readonly explain: Explain;
  readonly formats: readonly ChosenFormat[];
}

export interface Grading extends GradingSetup {
  readonly images: Images;
  readonly host: Host;
}

export function gradingOf(setup: GradingSetup, host: Host): Grading {
  return { ...setup, host, images: imagesOf(setup.rubric) };
}

export interface Task {
  readonly submission: Submission;
  readonly student: Student | null;
}

/** Runs the submission; its report, its evidence and its files of other formats are on disk when it returns. */
export function gradeOne({ submission, student }: Task, grading: Grading, enter: (stage: Stage) => void): SubmissionResult {
  const record = recordOf(submission, grading);
  const ran = runSubmission(submission, { ...grading, enter, keep: (evidence) => record.keep(evidence) });
  return finish({ ...ran, student }, record, grading, enter);
}

/** The same for a submission of which the process has died: errored, with the reason. */
export function gradeDead(task: Task, reason: string, grading: Grading, enter: (stage: Stage) => void = () => {}): SubmissionResult {
  const record = recordOf(task.submission, grading);
  const dead = deadSubmission(task, reason, { ...grading, keep: (evidence) => record.keep(evidence) });
  return finish(dead, record, grading, enter);
}

function recordOf({ name }: Submission, { rubric, destination }: Grading): SubmissionRecord {
  return new SubmissionRecord(name, rubric, destination);
}

function finish(
  ran: Ran,
  record: SubmissionRecord,
  { destination, print, formats }: Grading,
  enter: (stage: Stage) => void,
): SubmissionResult {
  enter({ phase: 'writing' });
  const subject = record.finish(ran);
  new FormatFiles(formats, destination, print).writeSubmission(subject);
  return subject.result;
}
