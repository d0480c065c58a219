/**
 * What a student asks before handing in: runs one submission and grades it. Nothing is written unless the student asks for it: a record is
 * what a grading leaves.
 */
import type { Stage } from '../batch/deadlines.ts';
import { GaveUp } from '../batch/watchdog.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { gradeSubmission, type SubmissionRuns } from '../grade/grade.ts';
import type { ChosenFormat } from '../report/index.ts';
import { excerptOf, type RunExcerpt } from '../report/run-excerpt.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Submission } from '../submission/handed-in.ts';
import { withKernels } from './build-stage.ts';
import { deadSubmission } from './dead-submission.ts';
import { FormatFiles } from './format-files.ts';
import { announcing } from './grade-class.ts';
import { buildOf } from './grade-one.ts';
import { withOwnRandom } from './own-random.ts';
import type { Ports } from './ports.ts';
import { readHandIn } from './read-hand-in.ts';
import { prepareRecord, SubmissionRecord } from './record.ts';
import { type Run, runSubmission } from './run-submission.ts';
import { classSubject } from './subject.ts';

/** The folder that reports and evidence are to be written to, and the formats besides JSON. */
export interface WantedReports {
  readonly out: string;
  readonly formats: readonly ChosenFormat[];
}

export interface CheckRequest extends Pick<Run, 'rubric' | 'images' | 'attempt' | 'explain'> {
  /** null: nothing is written. */
  readonly reports: WantedReports | null;
  /** Random values that the submission is to have instead of its own, by name. */
  readonly values?: Readonly<Record<string, string>>;
}

export interface Checked {
  readonly result: SubmissionResult;
  readonly runs: readonly RunExcerpt[];
}

/** Throws HostError; UsageError where reports cannot be written. */
export async function checkSubmission(found: Submission, request: CheckRequest, ports: Ports): Promise<Checked> {
  const { files, crew, progress } = ports;
  const { attempt, explain, reports, values } = request;
  const writer = reports === null ? null : new ReportWriter(found, request, reports, ports);
  const [submission = found] = await withKernels([found], ports);
  await progress.begin(1);
  const runs: RunExcerpt[] = [];
  const keep = (evidence: Evidence) => {
    runs.push(excerptOf(evidence));
    return writer?.record.keep(evidence) ?? null;
  };
  const run = { rubric: request.rubric, images: request.images, attempt, explain, host: crew.host, keep };
  const end = (rubric: Rubric, ran: SubmissionRuns): Checked => {
    const result = gradeSubmission(rubric, { ...ran, ...buildOf(submission) }, 'student');
    writer?.finish(result);
    return { result, runs };
  };
  try {
    return crew.alone(request.rubric, (enter: (stage: Stage) => void) => {
      const handedIn = readHandIn(submission, request.rubric, files);
      const own = withOwnRandom(run, handedIn, values);
      const ran = runSubmission(handedIn, { ...own, enter: announcing(progress, submission.name, enter) });
      enter({ phase: 'grading' });
      return end(own.rubric, ran);
    });
  } catch (error) {
    if (!(error instanceof GaveUp)) throw error;
    runs.length = 0;
    const handedIn = readHandIn(submission, request.rubric, files);
    return end(request.rubric, deadSubmission({ ...handedIn, students: [], handIn: null }, error.message, run));
  } finally {
    progress.finished();
  }
}

/** Writes the record and the other formats, as a grading does. */
class ReportWriter {
  readonly record: SubmissionRecord;
  readonly #formats: FormatFiles;

  /** Makes sure that the files can be written. Throws UsageError. */
  constructor({ name }: Submission, { rubric }: CheckRequest, { out, formats }: WantedReports, { files }: Ports) {
    const destination = { out, audience: 'student' } as const;
    prepareRecord(files, name, rubric, destination);
    this.record = new SubmissionRecord(files, name, rubric, destination);
    this.#formats = new FormatFiles(files, formats, destination);
    this.#formats.prepare([name]);
  }

  finish(result: SubmissionResult): void {
    this.#formats.writeSubmission(this.record.finish(result));
    this.#formats.writeClass([classSubject(result)], []);
  }
}
