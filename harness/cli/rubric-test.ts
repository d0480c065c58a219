/**
 * `bootgrade rubric test`: the rubric under test. Grades the submissions of its `expect` block and compares; then mutates the
 * evidence of its reference solution, and lists every mutation that no check notices.
 */
import { dirname, join, resolve } from 'node:path';
import picocolors from 'picocolors';
import type { BlindSpots } from '../grade/blind-spots.ts';
import { unmet } from '../grade/expectations.ts';
import { gradeSubmission } from '../grade/grade.ts';
import type { SubmissionResult } from '../grade/result.ts';
import { clean, count, mark } from '../report/words.ts';
import type { Expectation } from '../rubric/expectations.ts';
import type { Rubric } from '../rubric/types.ts';
import { findSubmissions, SubmissionPathError } from '../submission/find.ts';
import type { Submission } from '../submission/handed-in.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Crew } from './crew.ts';
import { deadSubmission, postponedLine } from './dead-submission.ts';
import type { Environment } from './environment.ts';
import { Interruption, interruptible } from './interrupt.ts';
import { readRubric } from './read-rubric.ts';
import { imagesOf } from './run-submission.ts';
import type { Tried } from './worker-jobs.ts';

export interface RubricTestOptions {
  readonly rubric: string;
  /** List accepted blind spots as well. */
  readonly all: boolean;
}

const NOT_AS_EXPECTED = 1;
const OUR_FAULT = 3;

/** Tests; returns the exit code. Throws UsageError for what the user has to correct. */
export async function rubricTest({ rubric: file, all }: RubricTestOptions, environment: Environment, crew: Crew): Promise<number> {
  const rubric = await readRubric(file);
  const { expect } = rubric;
  if (expect === null) throw new UsageError(`${file}: it has no "expect" block, so there is nothing to test it by (docs/rubric.md)`);
  const folder = resolve(dirname(file), expect.folder);
  const submissions = expect.submissions.map((expectation) => ({ expectation, found: find(folder, expectation, rubric) }));
  const tried = await interruptible((signal) => tryAll(submissions, { rubric, crew, environment, signal }));
  const tested = submissions.map(({ expectation }) => testOne(expectation, tried.get(expectation.submission)!.result));
  for (const one of tested) environment.out(submissionText(one, environment));
  environment.out(
    `${count(tested.length, 'submission')}, ${tested.filter(({ problems }) => problems.length > 0).length} not as expected\n`,
  );
  const blind = expect.reference === null ? null : tried.get(expect.reference)!.blindSpots;
  environment.out(blind === null ? noBlindSpots(expect.reference) : blindSpotsText(blind, all, environment));
  if (tested.some(({ errored }) => errored)) return OUR_FAULT;
  const isBlind = blind?.spots.some(({ accepted }) => accepted === null) ?? false;
  return isBlind || tested.some(({ problems }) => problems.length > 0) ? NOT_AS_EXPECTED : 0;
}

function noBlindSpots(reference: string | null): string {
  return `\n${reference === null ? 'No "reference" is named' : `${clean(reference)} errored`}, so no blind spots were looked for.\n`;
}

function find(folder: string, { submission }: Expectation, rubric: Rubric) {
  try {
    const { submissions } = findSubmissions([join(folder, submission)], rubric.submission.kernel);
    if (submissions.length === 1) return { ...submissions[0]!, name: submission };
    throw new UsageError(`expect: ${submission} is a folder of ${submissions.length} submissions, not one`);
  } catch (error) {
    if (error instanceof SubmissionPathError) throw new UsageError(`expect: ${error.message}`);
    throw error;
  }
}

interface Found {
  readonly expectation: Expectation;
  readonly found: Submission;
}

interface Trying {
  readonly rubric: Rubric;
  readonly crew: Crew;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** By name. Throws Interruption where the user stops it. */
async function tryAll(submissions: readonly Found[], { rubric, crew, environment, signal }: Trying): Promise<Map<string, Tried>> {
  const tried = new Map<string, Tried>();
  const tasks = submissions.map(({ found }) => ({ submission: found, student: null }));
  const setup = { rubric, reference: rubric.expect?.reference ?? null };
  await crew.many(
    'test',
    { setup, tasks, alone: [], signal },
    {
      started: () => {},
      answered: ({ submission }, answer) => tried.set(submission.name, answer),
      postponed: ({ submission: { name } }, { reason }) => environment.err(postponedLine(name, reason)),
      died: (task, { reason }) => {
        const dead = deadSubmission(task, reason, { rubric, images: imagesOf(rubric), host: crew.host, attempt: 1, keep: () => null });
        tried.set(task.submission.name, { result: gradeSubmission(rubric, dead, 'instructor'), blindSpots: null });
      },
    },
  );
  if (tried.size < tasks.length) throw new Interruption(`stopped after ${tried.size} of ${tasks.length} submissions`, signal.reason);
  return tried;
}

interface Tested {
  readonly name: string;
  readonly score: number | null;
  readonly errored: boolean;
  readonly problems: string[];
}

function testOne(expectation: Expectation, result: SubmissionResult): Tested {
  const errored = result.outcome === 'errored';
  return { name: expectation.submission, score: result.score, errored, problems: unmet(expectation, result) };
}

function submissionText({ name, score, problems }: Tested, { colors }: Environment): string {
  const head = ` ${mark(picocolors.createColors(colors), problems.length === 0 ? 'passed' : 'failed')} ${clean(name)}  ${score ?? 'errored'}`;
  return `${[head, ...problems.map((problem) => `     ${clean(problem)}`)].join('\n')}\n`;
}

function blindSpotsText({ tried, spots, unused }: BlindSpots, all: boolean, { colors }: Environment): string {
  const paint = picocolors.createColors(colors);
  const open = spots.filter(({ accepted }) => accepted === null);
  const listed = all ? spots : open;
  const lines = listed.map(({ name, what, accepted }) => {
    const line = ` ${accepted === null ? paint.red('?') : '–'} ${clean(name)}  ${clean(what)}`;
    return accepted === null ? line : `${line}\n     accepted: ${clean(accepted)}`;
  });
  const accepted = spots.length - open.length;
  const summary = `${count(tried, 'change')} to the evidence of the reference: ${tried - spots.length} noticed, ${accepted} accepted as blind spots, ${open.length} not noticed`;
  return `\n${[...lines, summary, ...unused.map((name) => `no blind spot is called ${clean(name)} any more: take it off the list`)].join('\n')}\n`;
}
