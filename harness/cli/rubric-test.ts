/** `bootgrade rubric test`: has the rubric held against the grades that it expects, and prints what is not as expected, and its blind spots. */
import { dirname, join, resolve } from 'node:path';
import picocolors from 'picocolors';
import type { BlindSpots } from '../grade/blind-spots.ts';
import type { Crew } from '../grading/crew.ts';
import { type Tested, testRubric } from '../grading/rubric-test.ts';
import { clean, count, mark } from '../report/words.ts';
import type { Expectation } from '../rubric/expectations.ts';
import type { Rubric } from '../rubric/types.ts';
import { findSubmissions, SubmissionPathError } from '../submission/find.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { OUR_FAULT } from './exit-codes.ts';
import { processPorts } from './ports.ts';
import { readRubric } from './read-rubric.ts';

export interface RubricTestOptions {
  readonly rubric: string;
  /** List accepted blind spots as well. */
  readonly all: boolean;
}

const NOT_AS_EXPECTED = 1;

/** Tests; returns the exit code. Throws UsageError for what the user has to correct. */
export async function rubricTest({ rubric: file, all }: RubricTestOptions, environment: Environment, crew: Crew): Promise<number> {
  const rubric = await readRubric(file);
  const { expect } = rubric;
  if (expect === null) throw new UsageError(`${file}: it has no "expect" block, so there is nothing to test it by (docs/rubric.md)`);
  const { reference } = expect;
  const folder = resolve(dirname(file), expect.folder);
  const submissions = expect.submissions.map((expectation) => ({ expectation, submission: find(folder, expectation, rubric) }));
  const { tested, blindSpots } = await testRubric(rubric, reference, submissions, processPorts(environment, crew));
  for (const one of tested) environment.out(submissionText(one, environment));
  environment.out(
    `${count(tested.length, 'submission')}, ${tested.filter(({ problems }) => problems.length > 0).length} not as expected\n`,
  );
  environment.out(blindSpots === null ? noBlindSpots(reference) : blindSpotsText(blindSpots, { all }, environment));
  if (tested.some(({ errored }) => errored)) return OUR_FAULT;
  const isBlind = blindSpots?.spots.some(({ accepted }) => accepted === null) ?? false;
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

function submissionText({ name, score, problems }: Tested, { colors }: Environment): string {
  const head = ` ${mark(picocolors.createColors(colors), problems.length === 0 ? 'passed' : 'failed')} ${clean(name)}  ${score ?? 'errored'}`;
  return `${[head, ...problems.map((problem) => `     ${clean(problem)}`)].join('\n')}\n`;
}

function blindSpotsText({ tried, spots, unused }: BlindSpots, { all }: { all: boolean }, { colors }: Environment): string {
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
