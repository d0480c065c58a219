/**
 * `bootgrade grade`: runs every submission through the rubric's scenarios, writes its report and evidence, prints the reports.
 *
 * What is printed is read by whoever looks, a student's log of CI included, so it shows nothing hidden unless `--for instructor`
 * says so; the record that is written is complete unless `--for student` says otherwise.
 */

import { blobFile, writeBlob } from '../batch/blob.ts';
import { type Identity, namesSha256, sha256 } from '../batch/identity.ts';
import { hasJournal, journalFile } from '../batch/journal.ts';
import { type Shard, shardOf } from '../batch/shard.ts';
import { asUsage } from '../files/named.ts';
import { sameFile } from '../files/read.ts';
import type { Audience } from '../grade/result.ts';
import { clean } from '../report/words.ts';
import type { Rubric } from '../rubric/types.ts';
import { type FoundSubmissions, findSubmissions, SubmissionPathError } from '../submission/find.ts';
import type { Submission } from '../submission/handed-in.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Crew } from './crew.ts';
import type { Environment } from './environment.ts';
import { FormatFiles } from './format-files.ts';
import type { ChosenFormat } from './format-options.ts';
import { gradeClass } from './grade-class.ts';
import { endGrading, MOST_PRINTED, ReportPrinter } from './grade-end.ts';
import { type Grading, gradingOf } from './grade-one.ts';
import { Progress } from './progress.ts';
import { readRubric } from './read-rubric.ts';
import { prepareRecord, reportFile } from './record.ts';
import { type Roster, type RosterOptions, readRoster } from './roster-option.ts';
import type { Explain } from './run-submission.ts';
import { whileLocked } from './while-locked.ts';
import { makeRoom } from './write-report.ts';

export interface GradeOptions extends RosterOptions {
  readonly rubric: string;
  readonly submissions: readonly string[];
  /** Folder of the reports. */
  readonly out: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly explain: Explain;
  /** Who both print and record are for; undefined: the print for students, the record for instructors. */
  readonly for?: Audience;
  /** Which of the students' attempts this is, from 1. */
  readonly attempt: number;
  /** Reports beside the record. */
  readonly formats?: readonly ChosenFormat[];
  /** Each path is one submission, a folder without a kernel a failed one. */
  readonly single?: boolean;
  /** Goes on with the journal in `out`. */
  readonly resume?: boolean;
  /** Grades this part of the class, and packs it into a blob in `out`. */
  readonly shard?: Shard;
}

/** Grades; returns the exit code. Throws UsageError for what the user has to correct, before anything is booted; HostError; Interruption. */
export async function grade(options: GradeOptions, environment: Environment, crew: Crew): Promise<number> {
  const { shard, out, formats = [] } = options;
  if (shard !== undefined && formats.length > 0) throw new UsageError('--report: of a shard there are none; give it to bootgrade merge');
  const rubric = await readRubric(options.rubric);
  const { submissions, leftOut, classes } = find(options.submissions, rubric, options.single);
  if (classes.some((path) => asUsage('--out', () => sameFile(path, out)))) {
    throw new UsageError(`--out: ${out} is the class itself, where reports would be taken for submissions; name another folder`);
  }
  for (const path of leftOut) environment.err(`bootgrade: ${clean(path)} is left out: it holds reports\n`);
  const names = submissions.map(({ name }) => name);
  const roster = readRoster(options, options.for ?? 'instructor', names, environment);
  const taken = shard === undefined ? submissions : shardOf(submissions, shard);
  const grading = gradingOf(
    {
      ...{ rubric, formats, attempt: options.attempt, explain: options.explain },
      ...{ destination: { out, audience: options.for ?? 'instructor' }, print: options.for ?? 'student' },
    },
    crew.host,
  );
  const identity = identityOf(grading, roster, names, taken, shard ?? null);
  const work = () => gradeInFolder({ options, environment, crew, grading, roster, identity, names, taken });
  return hasJournal(identity) ? whileLocked(journalFile(out, identity.shard), environment, work) : work();
}

/** Grades into a folder that is no other batch's meanwhile. */
async function gradeInFolder(prepared: Prepared): Promise<number> {
  const { environment, grading, roster, identity, names, taken } = prepared;
  for (const { name } of taken) prepareRecord(name, grading.rubric, grading.destination);
  if (identity.shard !== null) makeRoom(blobFile(grading.destination.out, identity.shard));
  const files = new FormatFiles(grading.formats, grading.destination, grading.print);
  files.prepare(names);
  const named = names.map((name) => ({ name, student: roster.students.get(name) ?? null }));
  for (const warning of files.warnings(named)) environment.err(`bootgrade: ${clean(warning)}\n`);
  return gradeTaken(prepared, files);
}

interface Prepared {
  readonly options: GradeOptions;
  readonly environment: Environment;
  readonly crew: Crew;
  readonly grading: Grading;
  readonly roster: Roster;
  readonly identity: Identity;
  /** Of the whole class. */
  readonly names: readonly string[];
  /** What of the class is graded here. */
  readonly taken: readonly Submission[];
}

async function gradeTaken({ options, environment, crew, grading, roster, identity, taken }: Prepared, files: FormatFiles): Promise<number> {
  const { out, json, strict, shard, resume = false } = options;
  const progress = await Progress.begin(taken.length, taken.length > MOST_PRINTED, environment);
  const printer = json || taken.length > MOST_PRINTED ? undefined : new ReportPrinter(grading.print, environment);
  const { entries, results } = await gradeClass({
    ...{ identity, grading, crew, resume, environment, progress },
    tasks: taken.map((submission) => ({ submission, student: roster.students.get(submission.name) ?? null })),
    ended: (result, position) => {
      if (printer !== undefined) progress.clear();
      printer?.add(position, result);
    },
  });
  progress.clear();
  const code = endGrading(
    results,
    { out, print: grading.print, json, strict, files, missing: shard === undefined ? roster.missing : [] },
    environment,
  );
  if (shard !== undefined) {
    const blob = blobFile(out, shard);
    writeBlob(blob, identity, entries, (name) => reportFile(out, name));
    (json ? environment.err : environment.out)(`For bootgrade merge: ${clean(blob)}\n`);
  }
  if (!json && options.for === undefined && hidesSomething(grading.rubric)) {
    environment.out(`${clean(out)} holds what is hidden from students; --for student --out FOLDER writes reports for them.\n`);
  }
  return code;
}

function identityOf(
  { rubric, images, host, destination, print, attempt, explain, formats }: Grading,
  roster: Roster,
  names: readonly string[],
  taken: readonly Submission[],
  shard: Shard | null,
): Identity {
  const contents = [...images].map(([scenario, drives]) => [scenario, [...drives].map(([drive, image]) => [drive, image.sha256])]);
  return {
    ...{ tool: host.tool, rubric: rubric.sha256, images: sha256(JSON.stringify(contents)) },
    ...{ audience: destination.audience, print, attempt, explain, reports: sha256(JSON.stringify(formats)) },
    ...{ roster: roster.sha256, class: namesSha256(names), shard, submissions: taken.map(({ name }) => name), missing: roster.missing },
  };
}

export function hidesSomething({ checks, scenarios }: Rubric): boolean {
  return [...checks, ...scenarios].some(({ hidden }) => hidden);
}

export function find(paths: readonly string[], { submission }: Rubric, single = false): FoundSubmissions {
  try {
    return findSubmissions(paths, submission.kernel, single);
  } catch (error) {
    if (error instanceof SubmissionPathError) throw new UsageError(error.message);
    throw error;
  }
}
