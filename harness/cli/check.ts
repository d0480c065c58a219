/**
 * `bootgrade check`: what a student asks before handing in. Boots the kernel of the lab's folder by the course's rubric and prints the
 * report, the first check that failed first. Only what students may see is run, and nothing is written: a record is what `grade` leaves.
 */
import { dirname, relative, resolve } from 'node:path';
import picocolors from 'picocolors';
import { lookThrough } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { visibleRubric } from '../grade/audience.ts';
import { checkSubmission } from '../grading/check-submission.ts';
import type { Crew } from '../grading/crew.ts';
import { type Explain, type Images, imagesOf } from '../grading/run-submission.ts';
import { reportFormats } from '../report/index.ts';
import { count, points } from '../report/words.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import { findKernel } from '../submission/kernel.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { type Course, findCourse } from './course-file.ts';
import type { Environment } from './environment.ts';
import { find } from './grade.ts';
import { exitCode } from './grade-end.ts';
import { interruptible } from './interrupt.ts';
import { processPorts } from './ports.ts';
import { readRubric } from './read-rubric.ts';

export interface CheckOptions {
  /** The lab's folder, one inside it, or a kernel. */
  readonly path: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly explain: Explain;
  /** From 1; left out: what the course's file says. */
  readonly attempt?: number;
  /** Checks again whenever the kernel has changed, until Ctrl-C. */
  readonly watch: boolean;
}

interface Check {
  /** A folder or a kernel. */
  readonly submission: string;
  readonly rubric: Rubric;
  readonly images: Images;
  readonly attempt: number;
  readonly explain: Explain;
  readonly crew: Crew;
}

/** Checks; returns the exit code, as `grade` has it. Throws UsageError. */
export async function check(options: CheckOptions, environment: Environment, crew: Crew): Promise<number> {
  const { path, explain, watch } = options;
  const stat = asUsage(path, () => lookThrough(path));
  if (stat === undefined) throw new UsageError(`${path}: no such file or folder`);
  const isFolder = stat.isDirectory();
  const course = findCourse(isFolder ? path : dirname(resolve(path)));
  const whole = await readRubric(relative('', course.rubric));
  const rubric = visibleRubric(whole);
  if (rubric.checks.length === 0) throw new UsageError(`${course.rubric}: all of its checks are hidden: nothing to check`);
  const submission = isFolder ? labFolder(path, course, rubric) : path;
  const attempt = options.attempt ?? course.attempt;
  const prepared: Check = { submission, rubric, images: imagesOf(rubric), attempt, explain, crew };
  for (;;) {
    const result = await checkOnce(prepared, environment);
    environment.out(options.json ? reportFormats.json.one(result) : report(result, hiddenPart(whole, rubric), environment));
    if (!watch || !(await changed(prepared, result, environment))) return exitCode([result], options);
  }
}

/** The folder nearest to where the command was typed in which there is a kernel; the course's file is in it, or above it. */
function labFolder(path: string, { folder }: Course, { submission }: Rubric): string {
  for (let lab = resolve(path); lab !== folder; lab = dirname(lab)) {
    if (findKernel(lab, submission.kernel) !== undefined) return lab;
  }
  return folder;
}

async function checkOnce({ submission, ...check }: Check, environment: Environment): Promise<SubmissionResult> {
  const [found] = find([submission], check.rubric, { single: true }).submissions;
  return checkSubmission(found!, check, processPorts(environment, check.crew));
}

/** Waits for a change; false when the user ends the command. */
async function changed({ submission, rubric }: Check, { kernel }: SubmissionResult, environment: Environment): Promise<boolean> {
  const { kernelChanged } = await import('../submission/watch.ts');
  return interruptible((signal) => {
    const changed = kernelChanged(submission, rubric.submission.kernel, kernel?.sha256 ?? null, signal);
    if (environment.quiet !== true) environment.err('Waiting for a new build of the kernel; Ctrl-C ends.\n');
    return changed;
  });
}

function report(result: SubmissionResult, hidden: string, environment: Environment): string {
  return (
    reportFormats.terminal.one(firstFailureFirst(result), picocolors.createColors(environment.colors), environment.width ?? null) + hidden
  );
}

/** What a student should look at first is what they read first: the checks after it often fail for the same reason. */
function firstFailureFirst(result: SubmissionResult): SubmissionResult {
  const first = result.checks.find(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return first === undefined ? result : { ...result, checks: [first, ...result.checks.filter((one) => one !== first)] };
}

/** The line about the checks that are not run here. */
function hiddenPart(whole: Rubric, { checks }: Rubric): string {
  const hidden = whole.checks.filter(({ id }) => !checks.some((one) => one.id === id));
  if (hidden.length === 0) return '';
  const worth = points(hidden.reduce((sum, one) => sum + one.points, 0));
  return `\n ${count(hidden.length, 'hidden check')}, worth ${worth} points, ${hidden.length === 1 ? 'is' : 'are'} not run here.\n`;
}
