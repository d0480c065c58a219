/**
 * `bootgrade rubric test`: the rubric under test. Grades the submissions of its `expect` block and compares; then mutates the
 * evidence of its reference solution, and lists every mutation that no check notices.
 */
import { dirname, join, resolve } from 'node:path';
import picocolors from 'picocolors';
import { type BlindSpots, findBlindSpots } from '../grade/blind-spots.ts';
import { unmet } from '../grade/expectations.ts';
import { type Submission as Graded, gradeSubmission } from '../grade/grade.ts';
import { clean, count, mark } from '../report/words.ts';
import type { Expectation, Expectations } from '../rubric/expectations.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/scenario.ts';
import { findSubmissions, SubmissionPathError } from '../submission/find.ts';
import type { Environment } from './environment.ts';
import { readRubric } from './read-rubric.ts';
import { imagesOf, runSubmission } from './run-submission.ts';
import { UsageError } from './usage-error.ts';

export interface RubricTestOptions {
  readonly rubric: string;
  /** List accepted blind spots as well. */
  readonly all: boolean;
}

const NOT_AS_EXPECTED = 1;
const OUR_FAULT = 3;

/** Tests; returns the exit code. Throws UsageError for what the user has to correct. */
export async function rubricTest({ rubric: file, all }: RubricTestOptions, environment: Environment, host: Host): Promise<number> {
  const rubric = await readRubric(file);
  const { expect } = rubric;
  if (expect === null) throw new UsageError(`${file}: it has no "expect" block, so there is nothing to test it by (docs/rubric.md)`);
  const folder = resolve(dirname(file), expect.folder);
  const submissions = expect.submissions.map((expectation) => ({ expectation, found: find(folder, expectation, rubric) }));
  const images = imagesOf(rubric);
  const tested: Tested[] = [];
  for (const { expectation, found } of submissions) {
    const ran = runSubmission(found, { rubric, images, host, attempt: 1, explain: 'nothing', announce: () => {} });
    tested.push(testOne(expectation, ran, rubric));
    environment.out(submissionText(tested.at(-1)!, environment));
  }
  environment.out(
    `${count(tested.length, 'submission')}, ${tested.filter(({ problems }) => problems.length > 0).length} not as expected\n`,
  );
  const blind = blindSpotsOf(rubric, expect, tested);
  environment.out(blind === null ? NO_REFERENCE : blindSpotsText(blind, all, environment));
  if (tested.some(({ errored }) => errored)) return OUR_FAULT;
  const isBlind = blind?.spots.some(({ accepted }) => accepted === null) ?? false;
  return isBlind || tested.some(({ problems }) => problems.length > 0) ? NOT_AS_EXPECTED : 0;
}

const NO_REFERENCE = '\nNo "reference" is named, so no blind spots were looked for.\n';

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

interface Tested {
  readonly name: string;
  readonly ran: Graded;
  readonly score: number | null;
  readonly errored: boolean;
  readonly problems: string[];
}

function testOne(expectation: Expectation, ran: Graded, rubric: Rubric): Tested {
  const result = gradeSubmission(rubric, ran, 'instructor');
  const errored = result.outcome === 'errored';
  return { name: expectation.submission, ran, score: result.score, errored, problems: unmet(expectation, result) };
}

function submissionText({ name, score, problems }: Tested, { colors }: Environment): string {
  const head = ` ${mark(picocolors.createColors(colors), problems.length === 0 ? 'passed' : 'failed')} ${clean(name)}  ${score ?? 'errored'}`;
  return `${[head, ...problems.map((problem) => `     ${clean(problem)}`)].join('\n')}\n`;
}

/** null where the rubric names no reference. A reference that does not solve the lab shows nothing. */
function blindSpotsOf(rubric: Rubric, { reference }: Expectations, tested: readonly Tested[]): BlindSpots | null {
  if (reference === null) return null;
  return findBlindSpots(rubric, tested.find(({ name }) => name === reference)!.ran);
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
