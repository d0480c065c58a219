/** One submission, from its kernel to its files on disk: what a grading does again and again, in this process or in a worker. */
import type { Stage } from '../batch/deadlines.ts';
import { gradeSubmission, type SubmissionRuns } from '../grade/grade.ts';
import type { ChosenFormat } from '../report/index.ts';
import type { Audience, SubmissionResult } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import type { Submission } from '../submission/handed-in.ts';
import { deadSubmission } from './dead-submission.ts';
import type { Files } from './files.ts';
import { FormatFiles } from './format-files.ts';
import { withOwnRandom } from './own-random.ts';
import { readHandIn } from './read-hand-in.ts';
import { type Destination, SubmissionRecord } from './record.ts';
import { type Explain, type Images, imagesOf, runSubmission, type Task } from './run-submission.ts';

/** What all submissions of a grading share: plain data, as a worker process gets it. */
export interface GradingSetup {
  readonly rubric: Rubric;
  readonly destination: Destination;
  /** For whom the output is. */
  readonly print: Audience;
  /** Of all submissions; null: what a platform's export says of each, or the first. */
  readonly attempt: number | null;
  readonly explain: Explain;
  readonly formats: readonly ChosenFormat[];
}

export interface Grading extends GradingSetup {
  readonly images: Images;
  readonly host: Host;
  readonly files: Files;
}

export function gradingOf(setup: GradingSetup, host: Host, files: Files): Grading {
  return { ...setup, host, files, images: imagesOf(setup.rubric) };
}

/** Runs the submission; its report, its evidence and its files of other formats are on disk when it returns. */
export function gradeOne({ submission, students, handIn }: Task, setup: Grading, enter: (stage: Stage) => void): SubmissionResult {
  const handedIn = readHandIn(submission, setup.rubric, setup.files);
  const grading = withOwnRandom(setup, handedIn);
  const record = recordOf(submission, grading);
  const attempt = attemptOf(handIn, grading);
  const ran = runSubmission(handedIn, { ...grading, attempt, enter, keep: (evidence) => record.keep(evidence) });
  return finish({ ...ran, students, handIn, ...buildOf(submission) }, record, grading, enter);
}

/** The same for a submission whose process has died: errored, with the reason. */
export function gradeDead(task: Task, reason: string, grading: Grading, enter: (stage: Stage) => void = () => {}): SubmissionResult {
  const record = recordOf(task.submission, grading);
  const handedIn = readHandIn(task.submission, grading.rubric, grading.files);
  const attempt = attemptOf(task.handIn, grading);
  const dead = deadSubmission({ ...task, ...handedIn }, reason, { ...grading, attempt, keep: (evidence) => record.keep(evidence) });
  return finish({ ...dead, ...buildOf(task.submission) }, record, grading, enter);
}

/** Which hints the student sees. */
function attemptOf(handIn: Task['handIn'], { attempt }: Grading): number {
  return attempt ?? handIn?.attempt ?? 1;
}

/** How its kernel was built, where it was. */
export function buildOf({ build }: Submission): Pick<SubmissionRuns, 'build'> {
  return build === undefined ? {} : { build };
}

function recordOf({ name }: Submission, { files, rubric, destination }: Grading): SubmissionRecord {
  return new SubmissionRecord(files, name, rubric, destination);
}

function finish(
  ran: SubmissionRuns,
  record: SubmissionRecord,
  { files, rubric, destination, print, formats }: Grading,
  enter: (stage: Stage) => void,
): SubmissionResult {
  enter({ phase: 'grading' });
  const result = gradeSubmission(rubric, ran, destination.audience);
  enter({ phase: 'writing' });
  const subject = record.finish(result);
  new FormatFiles(files, formats, destination, print).writeSubmission(subject);
  return subject.result;
}
