/**
 * `bootgrade merge`: joins the blobs of a grading's shards into the record that the grading would have left if it had not been
 * split, byte for byte. Nothing is booted and no rubric is needed.
 */
import { dirname, join } from 'node:path';
import { BlobError, type Packed, readBlob, readBlobIdentity } from '../batch/blob.ts';
import { sha256 } from '../batch/identity.ts';
import { type JournalEntry, journalFile, writeJournal } from '../batch/journal.ts';
import { type Merged, MergeError, mergeShards } from '../batch/merge.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { removeLeftovers } from '../files/write.ts';
import type { SubmissionResult } from '../grade/result.ts';
import { excerptOf, type RunExcerpt } from '../report/run-excerpt.ts';
import { clean } from '../report/words.ts';
import { reportPath } from '../submission/name.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { FormatFiles } from './format-files.ts';
import type { ChosenFormat } from './format-options.ts';
import { endGrading } from './grade-end.ts';
import { reportFile } from './record.ts';
import { TOOL } from './version.ts';
import { whileLocked } from './while-locked.ts';
import { makeRoom, makeRoomForReport, writeReport } from './write-report.ts';

export interface MergeOptions {
  readonly blobs: readonly string[];
  readonly out: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly formats: readonly ChosenFormat[];
}

/** Merges; returns the exit code, as `grade` has it. Throws UsageError where the blobs do not belong together. */
export async function merge(options: MergeOptions, environment: Environment): Promise<number> {
  try {
    return await mergeBlobs(options, environment);
  } catch (error) {
    if (error instanceof BlobError || error instanceof MergeError) throw new UsageError(error.message);
    throw error;
  }
}

async function mergeBlobs(options: MergeOptions, environment: Environment): Promise<number> {
  const shards = options.blobs.map((file) => ({ file, identity: readBlobIdentity(file) }));
  const merged = mergeShards(shards, TOOL);
  assertWhole(merged);
  return whileLocked(journalFile(options.out, null), environment, async () => writeMerged(merged, options, environment));
}

function writeMerged({ identity, files: inOrder }: Merged, { out, json, strict, formats }: MergeOptions, environment: Environment): number {
  const destination = { out, audience: identity.audience };
  const journal = journalFile(out, null);
  makeRoom(journal);
  for (const name of identity.submissions) makeRoomForReport(reportFile(out, name), identity.audience);
  const files = new FormatFiles(formats, destination, identity.print);
  files.prepare(identity.submissions);
  const { results, entries } = unpackAll(inOrder, out, files);
  for (const warning of files.warnings([...results.values()])) environment.err(`bootgrade: ${clean(warning)}\n`);
  const merged = { ...identity, reports: sha256(JSON.stringify(formats)) };
  if (identity.submissions.length > 1) writeJournal(journal, merged, entries);
  removeLeftovers([journal, ...filesOf([...results.values()], out, files)]);
  const inClassOrder = identity.submissions.map((name) => results.get(name)!);
  return endGrading(inClassOrder, { out, print: identity.print, json, strict, files, missing: identity.missing }, environment);
}

interface Unpacked {
  readonly results: Map<string, SubmissionResult>;
  readonly entries: Map<string, JournalEntry>;
}

/** Reads all blobs before any of their files is written: half a class must not be taken for one. Throws MergeError, BlobError. */
function assertWhole({ identity, files }: Merged): void {
  const known = new Set(identity.submissions);
  for (const file of files) {
    for (const part of readBlob(file)) {
      if (part.kind !== 'report') continue;
      const { name } = part.entry;
      if (!known.delete(name)) throw new MergeError(`${file}: ${name} is not in the class, or there twice`);
    }
  }
  const [lost] = known;
  if (lost !== undefined) throw new MergeError(`${lost} is in no blob`);
}

function unpackAll(blobs: readonly string[], out: string, files: FormatFiles): Unpacked {
  const unpacked: Unpacked = { results: new Map(), entries: new Map() };
  for (const file of blobs) unpack(readBlob(file), unpacked, out, files);
  return unpacked;
}

/** Writes the submissions' files, as `grade` wrote them: of each its evidence, then its report. */
function unpack(packed: Iterable<Packed>, { results, entries }: Unpacked, out: string, files: FormatFiles): void {
  let report: Extract<Packed, { kind: 'report' }> | undefined;
  let runs: RunExcerpt[] = [];
  for (const part of packed) {
    if (part.kind === 'report') [report, runs] = [part, []];
    const { entry, result, text } = report!;
    const file = reportFile(out, result.name);
    if (part.kind === 'evidence') {
      writeReport(join(dirname(file), part.file), part.text);
      runs.push(excerptOf(JSON.parse(part.text) as Evidence));
    } else if (part.kind === 'whole') {
      files.writeSubmission({ result, runs, path: reportPath(result.name) });
      writeReport(file, text);
      results.set(entry.name, result);
      entries.set(entry.name, entry);
    }
  }
}

/** All that is written for the submissions. */
function filesOf(results: readonly SubmissionResult[], out: string, files: FormatFiles): string[] {
  const records = results.flatMap(({ name, scenarios }) => {
    const report = reportFile(out, name);
    return [report, ...scenarios.flatMap(({ evidence }) => (evidence === null ? [] : [join(dirname(report), evidence)]))];
  });
  return [...records, ...files.submissionFiles(results.map(({ name }) => name))];
}
