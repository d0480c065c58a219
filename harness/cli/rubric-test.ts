/** `bootgrade rubric test`: has the rubric held against the grades that it expects, and prints what is not as expected, and its blind spots. */
import { dirname, join, resolve } from 'node:path';
import picocolors from 'picocolors';
import { type BlindSpotGroup, blindSpotGroups } from '../grade/blind-spot-groups.ts';
import type { BlindSpots } from '../grade/blind-spots.ts';
import type { Crew } from '../grading/crew.ts';
import { type Tested, testRubric } from '../grading/rubric-test.ts';
import { clean, count, mark } from '../report/words.ts';
import type { Expectation } from '../rubric/expectations.ts';
import type { Rubric } from '../rubric/types.ts';
import { findSubmissions, SubmissionPathError } from '../submission/find.ts';
import type { HandIn } from '../submission/hand-in.ts';
import { type Workspace, withWorkspace } from '../submission/workspace.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { type BuildFlags, withBuilding } from './building.ts';
import type { Environment } from './environment.ts';
import { OUR_FAULT } from './exit-codes.ts';
import { processPorts } from './ports.ts';
import { readRubric } from './read-rubric.ts';

export interface RubricTestOptions extends BuildFlags {
  readonly rubric: string;
  /** List accepted blind spots as well. */
  readonly all: boolean;
}

const NOT_AS_EXPECTED = 1;

/** Tests; returns the exit code. Throws UsageError for what the user has to correct. */
export async function rubricTest(options: RubricTestOptions, environment: Environment, crew: Crew): Promise<number> {
  return withWorkspace((workspace) => rubricTestIn(workspace, options, environment, crew));
}

async function rubricTestIn(
  workspace: Workspace,
  { rubric: file, all, ...flags }: RubricTestOptions,
  environment: Environment,
  crew: Crew,
): Promise<number> {
  const rubric = await readRubric(file);
  const { expect } = rubric;
  if (expect === null) throw new UsageError(`${file}: it has no "expect" block, so there is nothing to test it by (docs/rubric.md)`);
  const { reference } = expect;
  const folder = resolve(dirname(file), expect.folder);
  const handIns: HandIn[] = [];
  for (const expectation of expect.submissions) handIns.push(await find(folder, expectation, rubric, workspace));
  const submissions = expect.submissions.map((expectation, index) => ({ expectation, submission: handIns[index]!.submission }));
  const plan = { rubric: file, rules: rubric.submission, handIns, paths: [folder], ...flags };
  const { tested, blindSpots } = await withBuilding(plan, (building) =>
    testRubric(rubric, reference, submissions, processPorts(environment, crew, undefined, building)),
  );
  for (const one of tested) environment.out(submissionText(one, environment));
  environment.out(
    `${count(tested.length, 'submission')}, ${tested.filter(({ problems }) => problems.length > 0).length} not as expected\n`,
  );
  environment.out(newBlocks(tested));
  environment.out(blindSpots === null ? noBlindSpots(reference) : blindSpotsText(blindSpots, { all }, environment));
  if (tested.some(({ errored }) => errored)) return OUR_FAULT;
  const isBlind = blindSpots?.spots.some(({ accepted }) => accepted === null) ?? false;
  return isBlind || tested.some(({ problems }) => problems.length > 0) ? NOT_AS_EXPECTED : 0;
}

function noBlindSpots(reference: string | null): string {
  return `\n${reference === null ? 'No "reference" is named' : `${clean(reference)} errored`}, so no blind spots were looked for.\n`;
}

async function find(folder: string, { submission }: Expectation, rubric: Rubric, workspace: Workspace): Promise<HandIn> {
  try {
    const { submissions } = await findSubmissions([join(folder, submission)], rubric.submission, { workspace });
    const [handIn] = submissions;
    if (handIn !== undefined && submissions.length === 1) return { ...handIn, submission: { ...handIn.submission, name: submission } };
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

/** What to paste where the new grades are the right ones. */
function newBlocks(tested: readonly Tested[]): string {
  const lines = tested.flatMap(({ block }) => block.map((line) => `    ${clean(line)}`));
  if (lines.length === 0) return '';
  return `\nIf these grades are right, the "expect" block has to say:\n\n  submissions:\n${lines.join('\n')}\n`;
}

function blindSpotsText(
  { tried, noticed, spots, ungraded, unused }: BlindSpots,
  { all }: { all: boolean },
  { colors }: Environment,
): string {
  const paint = picocolors.createColors(colors);
  const open = spots.filter(({ accepted }) => accepted === null);
  const groups = blindSpotGroups(open, [...noticed, ...spots.filter((spot) => !open.includes(spot)).map(({ name }) => name)]);
  const accepted = spots.filter((spot) => !open.includes(spot));
  const lines = [
    ...groups.flatMap((group) =>
      groupLines(group, { all }).map((line, index) => (index === 0 ? ` ${paint.red('?')} ${line}` : `     ${line}`)),
    ),
    ...(all
      ? accepted.flatMap(({ name, what, accepted: why }) => [` – ${clean(name)}  ${clean(what)}`, `     accepted: ${clean(why!)}`])
      : []),
  ];
  const summary = `${count(tried, 'change')} to the evidence of the reference: ${tried - spots.length} noticed, ${accepted.length} accepted as blind spots, ${open.length} not noticed`;
  const left = ungraded.length === 0 ? [] : [`not changed, since no check is about them: ${ungraded.join('; ')}`];
  const stale = unused.map((name) => `no blind spot is called ${clean(name)} any more: take it off the list`);
  return `\n${[...lines, summary, ...left, ...stale].join('\n')}\n${acceptingBlock(groups)}`;
}

/** Changes of one group that are listed; --all lists them all. */
const LISTED = 3;

function groupLines({ pattern, spots }: BlindSpotGroup, { all }: { all: boolean }): string[] {
  const [only] = spots;
  if (spots.length === 1 && only !== undefined) return [`${clean(pattern)}  ${clean(only.what)}`];
  const shown = all ? spots : spots.slice(0, LISTED);
  const rest = spots.length - shown.length;
  const names = shown.map(({ name, what }) => `${clean(name.slice(pattern.length - 1))}  ${clean(what)}`);
  return [`${clean(pattern)}  ${count(spots.length, 'change')}`, ...names, ...(rest > 0 ? [`… and ${rest} more; --all lists them`] : [])];
}

/** What to paste for changes that no check has to notice. */
function acceptingBlock(groups: readonly BlindSpotGroup[]): string {
  if (groups.length === 0) return '';
  const items = groups.flatMap(({ pattern }) => [`    - mutations: ${JSON.stringify(pattern)}`, '      reason: why it does not matter']);
  return `\nFor each of them, add a check that notices it, or accept it in the "expect" block:\n\n  blind-spots:\n${items.map(clean).join('\n')}\n`;
}
