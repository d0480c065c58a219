/** One submission, from its kernel to its files on disk: what a grading does again and again, in this process or in a worker. */

import type { Submission as Ran, ScenarioRun } from '../grade/grade.ts';
import type { Audience, Student, SubmissionResult } from '../grade/result.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/scenario.ts';
import type { Submission } from '../submission/class-folder.ts';
import { FormatFiles, subjectOf } from './format-files.ts';
import type { ChosenFormat } from './format-options.ts';
import { type Destination, writeRecord } from './record.ts';
import { type Explain, type Images, imagesOf, kernelOf, runSubmission, unrun } from './run-submission.ts';

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
export function gradeOne({ submission, student }: Task, grading: Grading, announce: (scenario: string) => void): SubmissionResult {
  return record({ ...runSubmission(submission, { ...grading, announce }), student }, grading);
}

/** The same for a submission whose worker process has died of it: errored, with the reason. */
export function gradeDead({ submission, student }: Task, reason: string, grading: Grading): SubmissionResult {
  const { rubric, images, host, attempt } = grading;
  const kernel = kernelOf(submission.kernel);
  const handedIn = 'bytes' in kernel ? { file: kernel.file, sha256: kernel.sha256 } : null;
  const runs = new Map<string, ScenarioRun>();
  for (const scenario of rubric.scenarios) {
    const drives = images.get(scenario.name)!;
    const evidence = unrun(scenario, drives, { reason: 'worker-died', message: reason }, host);
    runs.set(scenario.name, { evidence: { ...evidence, kernelSha256: handedIn?.sha256 ?? null }, images: drives });
  }
  return record({ name: submission.name, student, tool: host.tool, kernel: handedIn, attempt, runs }, grading);
}

function record(ran: Ran, { rubric, destination, print, formats }: Grading): SubmissionResult {
  const recorded = writeRecord(ran, rubric, destination);
  new FormatFiles(formats, destination, print).writeSubmission(subjectOf(ran, recorded));
  return recorded;
}
