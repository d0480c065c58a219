/**
 * `bootgrade grade`: has every submission graded by the rubric, prints the reports.
 *
 * What is printed is read by whoever looks, a student's log of CI included, so it shows nothing hidden unless `--for instructor`
 * says so; the record that is written is complete unless `--for student` says otherwise.
 */

import { namedSubmissions } from '../batch/roster.ts';
import type { Shard } from '../batch/shard.ts';
import { sameFile } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { chooseAttempts } from '../grading/attempts.ts';
import type { Crew } from '../grading/crew.ts';
import { gradeSubmissions } from '../grading/grade-submissions.ts';
import { Interruption } from '../grading/ports.ts';
import type { Explain } from '../grading/run-submission.ts';
import type { ChosenFormat } from '../report/index.ts';
import { clean } from '../report/words.ts';
import type { Audience } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import { type FoundSubmissions, findSubmissions, type HowToFind, type LeftOutPath, SubmissionPathError } from '../submission/find.ts';
import { atCommit } from '../submission/git/at-commit.ts';
import type { HandIn } from '../submission/hand-in.ts';
import { type Reading, readTree } from '../submission/read-entry.ts';
import type { Tree } from '../submission/tree.ts';
import { type Workspace, withWorkspace } from '../submission/workspace.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { type BuildFlags, withBuilding } from './building.ts';
import type { Environment } from './environment.ts';
import { endGrading, MOST_PRINTED, ReportPrinter } from './grade-end.ts';
import { interruptible } from './interrupt.ts';
import { processPorts } from './ports.ts';
import { readRubric } from './read-rubric.ts';
import { type RosterOptions, readRoster, rosterText } from './roster-option.ts';

export interface GradeOptions extends RosterOptions, BuildFlags {
  readonly rubric: string;
  readonly submissions: readonly string[];
  /** Folder of the reports. */
  readonly out: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly explain: Explain;
  /** Who both print and record are for; undefined: the print for students, the record for instructors. */
  readonly for?: Audience;
  /** Which of the students' attempts this is, from 1; left out: what an export says, or the first. */
  readonly attempt?: number;
  /** Reports beside the record. */
  readonly formats?: readonly ChosenFormat[];
  /** The commit at which repositories are read; left out: the last before the deadline, or as they lie where there is none. */
  readonly at?: string;
  /** Each path is one submission, a folder without a kernel a failed one. */
  readonly single?: boolean;
  /** When submissions are due; left out: what the rubric says. */
  readonly deadline?: string;
  /** Goes on with the journal in `out`. */
  readonly resume?: boolean;
  /** Grades this part of the class, and packs it into a blob in `out`. */
  readonly shard?: Shard;
}

/** Grades; returns the exit code. Throws UsageError for what the user has to correct, before anything is booted; HostError; Interruption. */
export async function grade(options: GradeOptions, environment: Environment, crew: Crew): Promise<number> {
  return withWorkspace((workspace) => gradeIn(workspace, options, environment, crew));
}

async function gradeIn(workspace: Workspace, options: GradeOptions, environment: Environment, crew: Crew): Promise<number> {
  const { shard, out, json, strict, formats = [] } = options;
  if (shard !== undefined && formats.length > 0) throw new UsageError('--report: a shard has no reports; give --report to bootgrade merge');
  const rubric = await readRubric(options.rubric);
  const { attempts: policy, deadline: due } = rubric.submission;
  const deadline = options.deadline ?? due;
  const roster = rosterText(options);
  const named = roster === null ? new Set<string>() : namedSubmissions(roster);
  const { handedIn, leftOut, classes } = await orInterrupted(async () => {
    const commit = { at: options.at ?? null, deadline };
    const how = { single: options.single === true, repositories: options.at !== undefined, named, commit, workspace };
    const { submissions, ...others } = await find(options.submissions, rubric, how);
    const trusted = options.submissions.length === 1 && others.classes.length === 0;
    return { ...others, handedIn: await readCommits(submissions, { rules: rubric.submission, commit, workspace }, trusted) };
  });
  const chosen = chooseAttempts(handedIn, { policy, deadline });
  const submissions = chosen.map(({ handIn }) => handIn.submission);
  const facts = new Map(chosen.flatMap(({ handIn, facts }) => (facts === null ? [] : [[handIn.submission.name, facts] as const])));
  if (classes.some((path) => asUsage('--out', () => sameFile(path, out)))) {
    throw new UsageError(`--out: ${out} is the class itself, where reports would be taken for submissions; name another folder`);
  }
  for (const line of leftOutLines(leftOut)) environment.err(`bootgrade: ${line}\n`);
  const audience = options.for ?? 'instructor';
  const whose = chosen.map(({ handIn: { submission, origin } }) => ({
    name: submission.name,
    entries: origin?.entries ?? [],
    people: origin?.people ?? [],
  }));
  const owners = readRoster(options, roster, audience, whose, environment);
  const print = options.for ?? 'student';
  const { attempt = null, explain, resume = false } = options;
  const destination = { out, audience };
  const request = { rubric, formats, attempt, explain, destination, print, submissions, facts, owners, resume, shard: shard ?? null };
  const plan = { ...options, rules: rubric.submission, handIns: chosen.map(({ handIn }) => handIn), paths: [...options.submissions, out] };
  const { results, blob } = await withBuilding(plan, (building) =>
    gradeSubmissions(request, processPorts(environment, crew, reportPrinter(json, print, environment), building)),
  );
  const code = endGrading(results, { out, print, json, strict, missing: shard === undefined ? owners.missing : [] }, environment);
  if (blob !== null) (json ? environment.err : environment.out)(`For bootgrade merge: ${clean(blob)}\n`);
  if (!json && options.for === undefined && hidesSomething(rubric)) {
    environment.out(`${clean(out)} holds what is hidden from students; --for student --out FOLDER writes reports for them.\n`);
  }
  return code;
}

/** Ends at once when the user stops it: what is still being unpacked then has no folder any more. Throws Interruption. */
function orInterrupted<Result>(read: () => Promise<Result>): Promise<Result> {
  return interruptible((signal) => {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Interruption('stopped while the hand-ins were read', signal)));
    });
    return Promise.race([read(), stopped]);
  });
}

/** How many are named of those that are left out for one reason. */
const MOST_LEFT_OUT = 5;

/** One line for each reason. */
function leftOutLines(leftOut: readonly LeftOutPath[]): string[] {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const paths = leftOut.flatMap((one) => (one.reason === reason ? [clean(one.path)] : []));
    const more = paths.length > MOST_LEFT_OUT ? ` and ${paths.length - MOST_LEFT_OUT} more` : '';
    return `left out, because ${reason}: ${paths.slice(0, MOST_LEFT_OUT).join(', ')}${more}`;
  });
}

/** Prints each report when its submission has ended, where they are to be printed and are not too many. */
function reportPrinter(json: boolean, print: Audience, environment: Environment) {
  return (total: number) => (json || total > MOST_PRINTED ? undefined : new ReportPrinter(print, environment));
}

export function hidesSomething({ checks, scenarios }: Rubric): boolean {
  return [...checks, ...scenarios].some(({ hidden }) => hidden);
}

/** Repositories at their commits, one after the other: git is quick, and there may be hundreds. */
async function readCommits(handIns: readonly HandIn[], reading: Reading, trusted: boolean): Promise<HandIn[]> {
  const how = {
    folder: () => reading.workspace.folder(),
    read: async (name: string, files: Tree) => (await readTree(name, files, reading)).handIn,
    trusted,
  };
  const read: HandIn[] = [];
  for (const handIn of handIns) read.push(await atCommit(handIn, reading.commit, how));
  return read;
}

export async function find(paths: readonly string[], { submission }: Rubric, how: HowToFind): Promise<FoundSubmissions> {
  try {
    return await findSubmissions(paths, submission, how);
  } catch (error) {
    if (error instanceof SubmissionPathError) throw new UsageError(error.message);
    throw error;
  }
}
