/**
 * `bootgrade regrade`: grades the evidence of an earlier grading again, by another rubric, and shows who changed.
 *
 * Nothing is booted, and the earlier record stays as it is: the new one goes to another folder, evidence included, so that it
 * can be graded again in turn. What the evidence does not tell is not guessed: those submissions have to be run again.
 */
import { createHash } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import picocolors from 'picocolors';
import { journalFile } from '../batch/journal.ts';
import { keepColumns } from '../batch/roster.ts';
import { parseEvidence } from '../evidence/read.ts';
import { asUsage } from '../files/named.ts';
import { listFolder, lookAt, readRegular, realPath, sameFile } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { removeLeftovers } from '../files/write.ts';
import type { Submission } from '../grade/grade.ts';
import { type GradedRun, gradeRun } from '../grade/grade-run.ts';
import { type Rerun, rerunsOf, type SavedRun } from '../grade/regrade.ts';
import type { Audience, Student, SubmissionResult } from '../grade/result.ts';
import { parseResult, type SavedResult } from '../grade/saved-result.ts';
import { changeOf, type SubmissionChange, terminalChanges } from '../report/changes.ts';
import { withResults } from '../report/json.ts';
import { clean, count } from '../report/words.ts';
import type { Rubric } from '../rubric/types.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { FormatFiles } from './format-files.ts';
import type { ChosenFormat } from './format-options.ts';
import { readRubric } from './read-rubric.ts';
import { type Destination, prepareRecord, recordFiles, reportFile, SubmissionRecord } from './record.ts';
import { type Images, imagesOf } from './run-submission.ts';
import { classSubject } from './subject.ts';
import { TOOL } from './version.ts';
import { whileLocked } from './while-locked.ts';

export interface RegradeOptions {
  readonly rubric: string;
  /** Folder of the earlier reports. */
  readonly reports: string;
  /** Folder of the new ones. */
  readonly out: string;
  readonly json: boolean;
  /** Who the reports are for; undefined: instructors, and students where a format goes where they look. */
  readonly for?: Audience;
  /** Columns of the roster that get into the new reports; left out: all into those for instructors, none into those for students. */
  readonly rosterColumns?: readonly string[];
  /** Instead of the attempts that the reports name. */
  readonly attempt?: number;
  /** Reports beside the record. */
  readonly formats?: readonly ChosenFormat[];
}

export const REGRADE_SCHEMA = 'bootgrade/regrade/v1';

const MUST_RUN_AGAIN = 1;

/** What stands in the folder under a report's name. */
interface Report {
  readonly path: string;
  readonly saved: SavedResult | { readonly problem: string };
}

interface Outcome {
  readonly results: SubmissionResult[];
  readonly changes: SubmissionChange[];
  readonly rerun: { name: string; reasons: string[] }[];
}

/** Regrades; returns the exit code: 1 where a submission has to be run again. Throws HostError; UsageError for what the user has to correct. */
export async function regrade(options: RegradeOptions, environment: Environment): Promise<number> {
  const rubric = await readRubric(options.rubric);
  if (asUsage('--out', () => sameFile(options.out, options.reports))) {
    throw new UsageError(`--out: ${options.out} holds the reports to be graded again, which must stay; name another folder`);
  }
  const reports = withoutCopies(findReports(options.reports), options.reports, environment);
  if (reports.length === 0) throw new UsageError(`${options.reports}: there is no report in this folder`);
  refuseDoubled(reports);
  const outcome = await whileLocked(journalFile(options.out, null), environment, async () =>
    regradeAll(reports, rubric, options, environment),
  );
  for (const part of options.json ? jsonOf(outcome) : [textOf(outcome, options, environment)]) environment.out(part);
  if (outcome.results.some((result) => result.outcome === 'errored')) return 3;
  return outcome.rerun.length > 0 ? MUST_RUN_AGAIN : 0;
}

/** Throws UsageError. */
function refuseDoubled(reports: readonly Report[]): void {
  const seen = new Set<string>();
  for (const { saved } of reports) {
    if (!('name' in saved)) continue;
    if (seen.has(saved.name)) throw new UsageError(`${clean(saved.name)} has more than one report there; name the folder of one grading`);
    seen.add(saved.name);
  }
}

/** Leaves out a report that was put elsewhere, where the submission has one in its own place: a sample, an earlier grading. */
function withoutCopies(reports: readonly Report[], folder: string, environment: Environment): readonly Report[] {
  const isInPlace = ({ path, saved }: Report) => 'name' in saved && resolve(path) === resolve(reportFile(folder, saved.name));
  const inPlace = new Set(reports.filter(isInPlace).flatMap(({ saved }) => ('name' in saved ? [saved.name] : [])));
  return reports.filter((report) => {
    const { path, saved } = report;
    if (!('name' in saved) || !inPlace.has(saved.name) || isInPlace(report)) return true;
    environment.err(`bootgrade: ${clean(path)} is left out: ${clean(saved.name)} has a report in its own place\n`);
    return false;
  });
}

function regradeAll(reports: readonly Report[], rubric: Rubric, options: RegradeOptions, environment: Environment): Outcome {
  const images = imagesOf(rubric);
  const destination = { out: options.out, audience: options.for ?? 'instructor' };
  const files = prepareFiles(reports, rubric, destination, options, environment);
  const outcome: Outcome = { results: [], changes: [], rerun: [] };
  for (const { path, saved } of reports) {
    if ('problem' in saved) {
      outcome.rerun.push({ name: basename(path), reasons: [`the report ${saved.problem}`] });
      continue;
    }
    const read = (scenario: string) => readRunOf(saved, dirname(path), scenario);
    const reruns = rerunsOf(saved, read, rubric, images);
    if (reruns.length > 0) {
      const reasons = [...shownReasons(reruns, destination.audience), ...stale(destination.out, saved.name)];
      outcome.rerun.push({ name: saved.name, reasons });
      continue;
    }
    const record = new SubmissionRecord(saved.name, rubric, destination);
    const subject = record.finish({ ...whoAndWhat(saved, options), runs: gradeAgain(read, record, rubric, images) });
    files.writeSubmission(subject);
    const { result } = subject;
    outcome.results.push(result);
    const change = changeOf(saved, result, destination.audience);
    if (change !== null) outcome.changes.push(change);
  }
  if (outcome.results.length > 0) files.writeClass(outcome.results.map(classSubject));
  return outcome;
}

function whoAndWhat(saved: SavedResult, options: RegradeOptions): Omit<Submission, 'runs'> {
  const { name, kernel, attempt } = saved;
  return { name, student: studentOf(saved, options), tool: TOOL, kernel, attempt: options.attempt ?? attempt };
}

/** Reads each run once more, which is known to do, grades it and writes its evidence, and holds none of them. */
function gradeAgain(
  read: (scenario: string) => SavedRun | undefined,
  record: SubmissionRecord,
  rubric: Rubric,
  images: Images,
): Map<string, GradedRun> {
  return new Map(
    rubric.scenarios.map((scenario) => {
      const run = read(scenario.name);
      if (run === undefined || 'problem' in run) throw new UsageError(`the reports changed while they were graded: ${run?.problem}`);
      const { evidence } = run;
      return [scenario.name, gradeRun(rubric, scenario, { evidence, images: images.get(scenario.name)! }, record.keep(evidence))];
    }),
  );
}

function studentOf({ student }: SavedResult, { rosterColumns, for: audience = 'instructor' }: RegradeOptions): Student | null {
  return student === null ? null : keepColumns(student, rosterColumns ?? (audience === 'student' ? [] : 'all'));
}

/** Makes sure that all can be written, before any of it is. Throws UsageError. */
function prepareFiles(
  reports: readonly Report[],
  rubric: Rubric,
  destination: Destination,
  { formats = [], for: audience = 'student' }: RegradeOptions,
  environment: Environment,
): FormatFiles {
  const submissions = reports.flatMap(({ saved }) => ('problem' in saved ? [] : [saved]));
  const names = submissions.map(({ name }) => name);
  for (const name of names) prepareRecord(name, rubric, destination);
  const files = new FormatFiles(formats, destination, audience);
  files.prepare(names);
  removeLeftovers([...names.flatMap((name) => recordFiles(name, rubric, destination)), ...files.submissionFiles(names)]);
  for (const warning of files.warnings(submissions)) environment.err(`bootgrade: ${clean(warning)}\n`);
  return files;
}

function shownReasons(rerun: readonly Rerun[], audience: Audience): string[] {
  const shown = rerun.map(({ reason, hidden }) => (hidden && audience === 'student' ? 'the evidence of a hidden run does not do' : reason));
  return [...new Set(shown)];
}

/** A report of an earlier grading in the new folder is not ours to take away, but must not be taken for a new one. */
function stale(out: string, name: string): string[] {
  const file = reportFile(out, name);
  return asUsage('--out', () => lookAt(file)) !== undefined ? [`${file} is from an earlier grading, and was left as it is`] : [];
}

/** Reports below the folder, in bytewise order of their paths; files of others are passed over. Throws HostError, UsageError. */
function findReports(folder: string): Report[] {
  return asUsage(`cannot read the reports in ${folder}`, () => {
    const root = realPath(folder);
    if (root === undefined) throw new PathError('ENOENT', 'no such folder');
    return reportFiles(root, '')
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      .flatMap((file) => {
        const path = join(root, file);
        const saved = readReport(path);
        return saved === null ? [] : [{ path, saved }];
      });
  });
}

/** Links are not followed: they may lead back. */
function reportFiles(root: string, below: string): string[] {
  return listFolder(join(root, below)).flatMap(({ name, kind }) => {
    if (name === null) return [];
    const path = join(below, name);
    if (kind === 'folder') return reportFiles(root, path);
    return kind === 'file' && name.endsWith('.json') && !name.endsWith('.evidence.json') ? [path] : [];
  });
}

/** undefined: the report names no evidence of the scenario. */
function readRunOf({ scenarios }: SavedResult, folder: string, scenario: string): SavedRun | undefined {
  const { evidence = null, evidenceSha256 = null } = scenarios.find(({ name }) => name === scenario) ?? {};
  return evidence === null || evidenceSha256 === null ? undefined : readRun(join(folder, evidence), evidenceSha256);
}

/** Evidence is taken only as its report was graded from it, to the byte. Throws HostError. */
function readRun(path: string, sha256: string): SavedRun {
  const name = basename(path);
  const bytes = readSaved(path, MOST_BYTES.evidence);
  if ('problem' in bytes) return { problem: `${name} ${bytes.problem}` };
  const evidence = parseEvidence(new TextDecoder().decode(bytes));
  if ('problem' in evidence) return { problem: `${name} ${evidence.problem}` };
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    return { problem: `${name} is not what its report was graded from: its SHA-256 is another` };
  }
  return { evidence, file: { name, sha256 } };
}

/** null: somebody else's file. Throws HostError. */
function readReport(path: string): Report['saved'] | null {
  const bytes = readSaved(path, MOST_BYTES.report);
  return 'problem' in bytes ? bytes : parseResult(new TextDecoder().decode(bytes));
}

/** A file that a grading has left; `problem`: the end of a sentence that begins with its name. Throws HostError. */
function readSaved(path: string, most: number): Uint8Array | { problem: string } {
  try {
    const bytes = readRegular(path, most, 'refuse');
    return bytes.length === 0 ? { problem: 'cannot be used: it is empty' } : bytes;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return { problem: error.code === 'ENOENT' ? 'is missing' : `cannot be used: ${error.message}` };
  }
}

function jsonOf({ results, changes, rerun }: Outcome): Iterable<string> {
  return withResults({ schema: REGRADE_SCHEMA, changes, rerun }, results);
}

function textOf({ results, changes, rerun }: Outcome, { out }: RegradeOptions, { colors }: Environment): string {
  const again = rerun.flatMap(({ name, reasons }) => [` ${clean(name)}`, ...reasons.map((reason) => `     ${clean(reason)}`)]);
  return [
    results.length === 0 ? '' : terminalChanges(changes, results.length, picocolors.createColors(colors)),
    ...(rerun.length === 0 ? [] : [`${count(rerun.length, 'submission')} must be run again:\n${again.join('\n')}\n`]),
    ...(results.length === 0 ? [] : [`The new reports and their evidence: ${clean(out)}\n`]),
  ].join('');
}
