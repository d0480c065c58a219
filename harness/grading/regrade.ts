/**
 * Grades the evidence of an earlier grading again, by a changed rubric, and finds which results changed.
 *
 * Nothing is booted, and the earlier record stays as it is: the new one goes to a different folder, evidence included, so that it
 * can be graded again in turn. What is not in the evidence is not guessed: those submissions have to be run again.
 */

import { basename, dirname, join, resolve } from 'node:path';
import { sha256 } from '../batch/identity.ts';
import { identityIn, journalFile } from '../batch/journal.ts';
import { type Columns, keepColumns } from '../batch/roster.ts';
import { utf8Text } from '../bytes/text.ts';
import { parseEvidence } from '../evidence/read.ts';
import { asUsage, PathError } from '../files/system-error.ts';
import { gradeSubmission, type SubmissionRuns } from '../grade/grade.ts';
import { type GradedRun, gradeRun } from '../grade/grade-run.ts';
import { missingRuns, type Rerun, rerunsOf, type SavedRun } from '../grade/regrade.ts';
import { changeOf, type SubmissionChange } from '../report/changes.ts';
import type { ChosenFormat } from '../report/index.ts';
import { clean } from '../report/words.ts';
import type { Audience, Student, SubmissionResult } from '../result/result.ts';
import { parseResult } from '../result/saved-result.ts';
import type { Rubric } from '../rubric/types.ts';
import { bytewise } from '../submission/bytewise.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { DisksAtEnd } from './disks-at-end.ts';
import type { Files } from './files.ts';
import { FormatFiles } from './format-files.ts';
import { withSavedRandom } from './own-random.ts';
import type { Ports, Progress } from './ports.ts';
import { type Destination, prepareRecord, recordFiles, reportFile, SubmissionRecord } from './record.ts';
import { type Images, imagesOf } from './run-submission.ts';
import { classSubject } from './subject.ts';
import { whileLocked } from './while-locked.ts';

export interface RegradeRequest {
  readonly rubric: Rubric;
  /** Folder of the earlier reports. */
  readonly reports: string;
  /** Where the new ones go, which must be a different folder, and who they are for. */
  readonly destination: Destination;
  /** Who the formats are for that go where students look. */
  readonly print: Audience;
  /** Columns of the roster that get into the new reports. */
  readonly columns: Columns;
  /** Replaces the attempts that the reports name; null: keeps those. */
  readonly attempt: number | null;
  /** Reports beside the record. */
  readonly formats: readonly ChosenFormat[];
  /** E.g. "bootgrade 0.1.0". */
  readonly tool: string;
}

/** What the folder has under a report's name. */
interface Report {
  readonly path: string;
  readonly saved: SubmissionResult | { readonly problem: string };
}

export interface Regraded {
  readonly results: SubmissionResult[];
  readonly changes: SubmissionChange[];
  /** Submissions that have to be run again, with the reasons as sentences. */
  readonly rerun: { name: string; reasons: string[] }[];
}

type RegradePorts = Pick<Ports, 'files' | 'progress'>;

/** Throws HostError; UsageError for what the user has to correct. */
export async function regradeReports(request: RegradeRequest, ports: RegradePorts): Promise<Regraded> {
  const { reports: folder, destination } = request;
  const { out } = destination;
  if (asUsage('--out', () => ports.files.sameFile(out, folder))) {
    throw new UsageError(`--out: ${out} holds the reports to be graded again, which must stay; name another folder`);
  }
  const reports = withoutCopies(findReports(folder, ports.files), folder, ports.progress);
  if (reports.length === 0) throw new UsageError(`${folder}: there is no report in this folder`);
  refuseDoubled(reports);
  return whileLocked(journalFile(out, null), ports, async () => regradeAll(reports, request, ports));
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

/** Leaves out a copy of a report (a sample, an earlier grading) if the submission has a report in its own place. */
function withoutCopies(reports: readonly Report[], folder: string, progress: Progress): readonly Report[] {
  const isInPlace = ({ path, saved }: Report) => 'name' in saved && resolve(path) === resolve(reportFile(folder, saved.name));
  const inPlace = new Set(reports.filter(isInPlace).flatMap(({ saved }) => ('name' in saved ? [saved.name] : [])));
  return reports.filter((report) => {
    const { path, saved } = report;
    if (!('name' in saved) || !inPlace.has(saved.name) || isInPlace(report)) return true;
    progress.note(`${clean(path)} is left out: ${clean(saved.name)} has a report in its own place`);
    return false;
  });
}

function regradeAll(reports: readonly Report[], request: RegradeRequest, ports: RegradePorts): Regraded {
  const { destination } = request;
  const { files } = ports;
  const course = { rubric: request.rubric, images: imagesOf(request.rubric) };
  const formatFiles = prepareFiles(reports, request, ports);
  const regraded: Regraded = { results: [], changes: [], rerun: [] };
  for (const { path, saved } of reports) {
    if ('problem' in saved) {
      regraded.rerun.push({ name: basename(path), reasons: [`the report ${saved.problem}`] });
      continue;
    }
    const read = (scenario: string) => readRunOf(saved, dirname(path), scenario, files);
    const { rubric, images } = withSavedRandom(course, saved.random?.identity);
    const unusable = rerunsOf(saved, read, rubric, images);
    const reruns = unusable.length > 0 ? unusable : runsMissing(saved, read, { ...request, rubric }, images);
    if (reruns.length > 0) {
      const reasons = [...shownReasons(reruns, destination.audience), ...stale(destination.out, saved.name, files)];
      regraded.rerun.push({ name: saved.name, reasons });
      continue;
    }
    const record = new SubmissionRecord(files, saved.name, rubric, destination);
    const submission = { ...whoAndWhat(saved, request), runs: gradeAgain(read, record, rubric, images) };
    const subject = record.finish(gradeSubmission(rubric, submission, destination.audience));
    formatFiles.writeSubmission(subject);
    const { result } = subject;
    regraded.results.push(result);
    const change = changeOf(saved, result, destination.audience);
    if (change !== null) regraded.changes.push(change);
  }
  if (regraded.results.length > 0) formatFiles.writeClass(regraded.results.map(classSubject), missingOf(request, files));
  return regraded;
}

function whoAndWhat(saved: SubmissionResult, { columns, tool, attempt }: RegradeRequest): Omit<SubmissionRuns, 'runs'> {
  const { name, kernel, handIn, build, files } = saved;
  const students = saved.students.map((student) => keepColumns(student, columns));
  return {
    name,
    students,
    handIn,
    tool,
    kernel,
    ...(build === undefined ? {} : { build }),
    files: files ?? [],
    attempt: attempt ?? saved.attempt,
  };
}

/** Who handed in nothing, by the journal of the earlier grading; nobody where there is none. */
function missingOf({ reports, columns }: RegradeRequest, files: Files): Student[] {
  const bytes = asUsage(`cannot read the journal in ${reports}`, () => files.readIfThere(journalFile(reports, null), MOST_BYTES.journal));
  const missing = bytes === undefined ? [] : (identityIn(utf8Text(bytes))?.missing ?? []);
  return missing.map((student) => keepColumns(student, columns));
}

/** Scenarios that were not run, since others had failed, and now have to be. */
function runsMissing(
  saved: SubmissionResult,
  read: (scenario: string) => SavedRun | undefined,
  request: RegradeRequest,
  images: Images,
): Rerun[] {
  const { rubric } = request;
  if (rubric.scenarios.every(({ name }) => read(name) !== undefined)) return [];
  return missingRuns(rubric, { ...whoAndWhat(saved, request), runs: gradeAgain(read, { keep: () => null }, rubric, images) });
}

/** Reads each run once more (it is known to be usable), grades it and writes its evidence; keeps none of it in memory. */
function gradeAgain(
  read: (scenario: string) => SavedRun | undefined,
  record: Pick<SubmissionRecord, 'keep'>,
  rubric: Rubric,
  images: Images,
): Map<string, GradedRun> {
  const disks = new DisksAtEnd(rubric.scenarios);
  return new Map(
    rubric.scenarios.flatMap((scenario) => {
      const run = read(scenario.name);
      if (run === undefined) return [];
      if ('problem' in run) throw new UsageError(`the reports changed while they were graded: ${run.problem}`);
      const { evidence } = run;
      const { drives } = disks.before(scenario, images.get(scenario.name)!);
      disks.after(scenario, drives, evidence);
      return [[scenario.name, gradeRun(rubric, scenario, { evidence, images: drives }, record.keep(evidence))]] as const;
    }),
  );
}

/** Makes sure that all can be written, before any of it is. Throws UsageError. */
function prepareFiles(
  reports: readonly Report[],
  { rubric, destination, formats, print }: RegradeRequest,
  { files, progress }: RegradePorts,
): FormatFiles {
  const submissions = reports.flatMap(({ saved }) => ('problem' in saved ? [] : [saved]));
  const names = submissions.map(({ name }) => name);
  for (const name of names) prepareRecord(files, name, rubric, destination);
  const formatFiles = new FormatFiles(files, formats, destination, print);
  formatFiles.prepare(names);
  files.removeLeftovers([...names.flatMap((name) => recordFiles(name, rubric, destination)), ...formatFiles.submissionFiles(names)]);
  for (const warning of formatFiles.warnings(submissions)) progress.note(clean(warning));
  return formatFiles;
}

function shownReasons(rerun: readonly Rerun[], audience: Audience): string[] {
  const shown = rerun.map(({ reason, hidden }) =>
    hidden && audience === 'student' ? 'the evidence of a hidden run is not enough' : reason,
  );
  return [...new Set(shown)];
}

/** A report of an earlier grading in the new folder is not removed, but a note says that it is not a new one. */
function stale(out: string, name: string, files: Files): string[] {
  const file = reportFile(out, name);
  return asUsage('--out', () => files.lookAt(file)) !== undefined ? [`${file} is from an earlier grading, and was left as it is`] : [];
}

/** Reports below the folder, in bytewise order of their paths; files of others are passed over. Throws HostError, UsageError. */
function findReports(folder: string, files: Files): Report[] {
  return asUsage(`cannot read the reports in ${folder}`, () => {
    const root = files.realPath(folder);
    if (root === undefined) throw new PathError('ENOENT', 'no such folder');
    return reportFiles(root, '', files)
      .sort(bytewise)
      .flatMap((file) => {
        const path = join(root, file);
        const saved = readReport(path, files);
        return saved === null ? [] : [{ path, saved }];
      });
  });
}

/** Links are not followed: they may lead back. */
function reportFiles(root: string, below: string, files: Files): string[] {
  return files.listFolder(join(root, below)).flatMap(({ name, kind }) => {
    if (name === null) return [];
    const path = join(below, name);
    if (kind === 'folder') return reportFiles(root, path, files);
    return kind === 'file' && name.endsWith('.json') && !name.endsWith('.evidence.json') ? [path] : [];
  });
}

/** undefined: the report names no evidence of the scenario. */
function readRunOf({ scenarios }: SubmissionResult, folder: string, scenario: string, files: Files): SavedRun | undefined {
  const { evidence = null, evidenceSha256 = null } = scenarios.find(({ name }) => name === scenario) ?? {};
  return evidence === null || evidenceSha256 === null ? undefined : readRun(join(folder, evidence), evidenceSha256, files);
}

/** Evidence is used only if it is, byte for byte, what its report was graded from. Throws HostError. */
function readRun(path: string, evidenceSha256: string, files: Files): SavedRun {
  const name = basename(path);
  const bytes = readSaved(path, MOST_BYTES.evidence, files);
  if ('problem' in bytes) return { problem: `${name} ${bytes.problem}` };
  const evidence = parseEvidence(new TextDecoder().decode(bytes));
  if ('problem' in evidence) return { problem: `${name} ${evidence.problem}` };
  if (sha256(bytes) !== evidenceSha256) {
    return { problem: `${name} is not the file that its report was graded from: its SHA-256 is different` };
  }
  return { evidence, file: { name, sha256: evidenceSha256 } };
}

/** null: somebody else's file. Throws HostError. */
function readReport(path: string, files: Files): Report['saved'] | null {
  const bytes = readSaved(path, MOST_BYTES.report, files);
  return 'problem' in bytes ? bytes : parseResult(new TextDecoder().decode(bytes));
}

/** A file that a grading has left; `problem`: the end of a sentence that begins with its name. Throws HostError. */
function readSaved(path: string, most: number, files: Files): Uint8Array | { problem: string } {
  try {
    const bytes = files.read(path, most);
    return bytes.length === 0 ? { problem: 'cannot be used: it is empty' } : bytes;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    return { problem: error.code === 'ENOENT' ? 'is missing' : `cannot be used: ${error.message}` };
  }
}
