/**
 * Grading as a library: `import { grade } from 'bootgrade'` (docs/library.md). What it returns for a submission is what the command
 * `bootgrade grade` writes for it. Nothing is written and nothing is printed.
 */

import { createHash } from 'node:crypto';
import { readRubric } from './cli/read-rubric.ts';
import { TOOL } from './cli/version.ts';
import type { Evidence } from './evidence/evidence.ts';
import { gradeSubmission } from './grade/grade.ts';
import { handedFiles } from './grading/handed-files.ts';
import { withOwnRandom } from './grading/own-random.ts';
import { machineHost } from './grading/processes/machine-host.ts';
import { readHandIn } from './grading/read-hand-in.ts';
import { type HandedIn, imagesOf, runSubmission } from './grading/run-submission.ts';
import type { Audience, SubmissionResult } from './result/result.ts';
import type { Rubric } from './rubric/types.ts';
import { findSubmissions, SubmissionPathError } from './submission/find.ts';
import type { Kernel } from './submission/handed-in.ts';
import { systemFiles } from './submission/system-files.ts';
import { absentText, alone } from './submission/text-search.ts';
import { whyNoKernel } from './submission/what-it-is.ts';
import { type Workspace, withWorkspace } from './submission/workspace.ts';
import { ownImages } from './vocabulary/scenario.ts';
import { UsageError } from './vocabulary/usage-error.ts';

export type { Evidence } from './evidence/evidence.ts';
export { HostError } from './files/system-error.ts';
export type { Audience, CheckResult, Detail, FindingResult, Outcome, ScenarioResult, SubmissionResult } from './result/result.ts';
export type { Problem as RubricProblem } from './vocabulary/problem.ts';
export { RubricError, UsageError } from './vocabulary/usage-error.ts';

export interface GradeOptions {
  /** The rubric's file. */
  readonly rubric: string;
  /** What was handed in: a kernel's bytes; or a path, of a kernel or of a folder in which the rubric finds one. */
  readonly submission: string | Uint8Array;
  /** What the result calls the submission. Without it: the path's last part, or "kernel". */
  readonly name?: string;
  /** Which of the student's attempts this is, from 1: it decides which hints the result has. Without it: 1. */
  readonly attempt?: number;
  /** Who the result is for: one for students has nothing that the rubric hides. Without it: an instructor. */
  readonly audience?: Audience;
  /**
   * What is run a second time to find out which line of the kernel's source is to blame: what failed, nothing, or everything, which also
   * watches for races. Without it: what failed.
   */
  readonly explain?: 'failures' | 'nothing' | 'everything';
}

export interface Graded {
  readonly result: SubmissionResult;
  /** What each scenario's run left behind, by the scenario's name. All of it, hidden scenarios included, whoever the result is for. */
  readonly evidence: Readonly<Record<string, Evidence>>;
}

/**
 * Runs a submission through every scenario of a rubric, in this process and thread, and grades it.
 *
 * What is wrong with the submission is in the result, and so is a fault of the grader's (`errored`, without a score). Throws UsageError
 * where the rubric or the path cannot be used, RubricError (a UsageError) if the rubric has mistakes, HostError if this computer fails.
 */
export async function grade(options: GradeOptions): Promise<Graded> {
  return withWorkspace((workspace) => gradeIn(workspace, options));
}

async function gradeIn(workspace: Workspace, options: GradeOptions): Promise<Graded> {
  const { audience = 'instructor', attempt = 1, explain = 'failures' } = options;
  const read = await readRubric(options.rubric);
  const evidence = new Map<string, Evidence>();
  const found = await handedIn(options.submission, read, workspace);
  const { rubric, images } = withOwnRandom({ rubric: read, images: imagesOf(read) }, found);
  const submission = runSubmission(found, {
    rubric,
    images,
    host: machineHost(TOOL),
    attempt,
    explain,
    enter: () => {},
    keep: (one) => {
      evidence.set(one.scenario, one);
      return null;
    },
  });
  const name = options.name ?? submission.name;
  return { result: gradeSubmission(rubric, { ...submission, name }, audience), evidence: Object.fromEntries(evidence) };
}

async function handedIn(submission: string | Uint8Array, rubric: Rubric, workspace: Workspace): Promise<HandedIn> {
  if (typeof submission === 'string') return found(submission, rubric, workspace);
  const [image] = ownImages(rubric.scenarios);
  if (image !== undefined) {
    throw new UsageError(`a drive of the rubric needs ${image.pattern} beside the kernel: give the folder's path, not bytes`);
  }
  const file = 'kernel';
  const kernel: Kernel = { file, bytes: submission, sha256: createHash('sha256').update(submission).digest('hex') };
  const problem = rubric.submission.format === 'raw' ? null : whyNoKernel(file, submission);
  const files = handedFiles(rubric, ({ pattern }) => [absentText(alone(pattern))]);
  return { name: 'kernel', kernel: problem ?? kernel, files, sources: null };
}

async function found(path: string, rubric: Rubric, workspace: Workspace): Promise<HandedIn> {
  try {
    const { submissions } = await findSubmissions([path], rubric.submission, { single: true, workspace });
    return readHandIn(submissions[0]!.submission, rubric, systemFiles);
  } catch (error) {
    if (error instanceof SubmissionPathError) throw new UsageError(error.message);
    throw error;
  }
}
