/**
 * Joins the blobs of a grading's shards into the record that the grading would have left if it had not been split, byte for byte.
 * Nothing is booted and no rubric is needed.
 */
import { dirname, join } from 'node:path';
import { BlobError, type Packed, readBlob, readBlobIdentity } from '../batch/blob.ts';
import { type Identity, sha256 } from '../batch/identity.ts';
import { type JournalEntry, journalFile, writeJournal } from '../batch/journal.ts';
import { type Merged, MergeError, mergeShards } from '../batch/merge.ts';
import type { ChosenFormat } from '../report/index.ts';
import { excerptOf, type RunExcerpt } from '../report/run-excerpt.ts';
import { clean } from '../report/words.ts';
import type { SubmissionResult } from '../result/result.ts';
import { reportPath } from '../submission/name.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Files } from './files.ts';
import { FormatFiles } from './format-files.ts';
import type { Ports } from './ports.ts';
import { reportFile } from './record.ts';
import { classSubject } from './subject.ts';
import { whileLocked } from './while-locked.ts';
import { makeRoom, makeRoomForReport, writeReport } from './write-report.ts';

export interface MergeRequest {
  readonly blobs: readonly string[];
  readonly out: string;
  readonly formats: readonly ChosenFormat[];
  /** E.g. "bootgrade 0.1.0": blobs of a different version are refused. */
  readonly tool: string;
}

export interface MergedClass {
  readonly identity: Identity;
  /** In the order of the class. */
  readonly results: readonly SubmissionResult[];
}

type MergePorts = Pick<Ports, 'files' | 'progress'>;

/** Throws UsageError if the blobs do not belong together; HostError. */
export async function mergeBlobs(request: MergeRequest, ports: MergePorts): Promise<MergedClass> {
  try {
    const shards = request.blobs.map((file) => ({ file, identity: readBlobIdentity(file) }));
    const merged = mergeShards(shards, request.tool);
    assertWhole(merged);
    return await whileLocked(journalFile(request.out, null), ports, async () => writeMerged(merged, request, ports));
  } catch (error) {
    if (error instanceof BlobError || error instanceof MergeError) throw new UsageError(error.message);
    throw error;
  }
}

function writeMerged({ identity, files: blobs }: Merged, { out, formats }: MergeRequest, { files, progress }: MergePorts): MergedClass {
  const destination = { out, audience: identity.audience };
  const journal = journalFile(out, null);
  makeRoom(files, journal);
  for (const name of identity.submissions) makeRoomForReport(files, reportFile(out, name), identity.audience);
  const formatFiles = new FormatFiles(files, formats, destination, identity.print);
  formatFiles.prepare(identity.submissions);
  const { results, entries } = unpackAll(blobs, out, files, formatFiles);
  for (const warning of formatFiles.warnings([...results.values()])) progress.note(clean(warning));
  const merged = { ...identity, reports: sha256(JSON.stringify(formats)) };
  if (identity.submissions.length > 1) writeJournal(journal, merged, entries);
  files.removeLeftovers([journal, ...filesOf([...results.values()], out, formatFiles)]);
  const inClassOrder = identity.submissions.map((name) => results.get(name)!);
  formatFiles.writeClass(inClassOrder.map(classSubject), identity.missing);
  return { identity, results: inClassOrder };
}

interface Unpacked {
  readonly results: Map<string, SubmissionResult>;
  readonly entries: Map<string, JournalEntry>;
}

/** Reads all blobs before any of their files is written: half a class must not pass for a whole one. Throws MergeError, BlobError. */
function assertWhole({ identity, files }: Merged): void {
  const known = new Set(identity.submissions);
  for (const file of files) {
    for (const part of readBlob(file)) {
      if (part.kind !== 'report') continue;
      const { name } = part.entry;
      if (!known.delete(name)) throw new MergeError(`${file}: ${name} is not in the class, or is in the blobs twice`);
    }
  }
  const [lost] = known;
  if (lost !== undefined) throw new MergeError(`no blob has the submission ${lost}`);
}

function unpackAll(blobs: readonly string[], out: string, files: Files, formatFiles: FormatFiles): Unpacked {
  const unpacked: Unpacked = { results: new Map(), entries: new Map() };
  for (const blob of blobs) unpack(readBlob(blob), unpacked, out, files, formatFiles);
  return unpacked;
}

/** Writes the submissions' files, as `grade` wrote them: of each its evidence, then its report. */
function unpack(packed: Iterable<Packed>, { results, entries }: Unpacked, out: string, files: Files, formatFiles: FormatFiles): void {
  let report: Extract<Packed, { kind: 'report' }> | undefined;
  let runs: RunExcerpt[] = [];
  for (const part of packed) {
    if (part.kind === 'report') [report, runs] = [part, []];
    const { entry, result, text } = report!;
    const file = reportFile(out, result.name);
    if (part.kind === 'evidence') {
      writeReport(files, join(dirname(file), part.file), part.text);
      runs.push(excerptOf(part.evidence));
    } else if (part.kind === 'whole') {
      formatFiles.writeSubmission({ result, runs, path: reportPath(result.name) });
      writeReport(files, file, text);
      results.set(entry.name, result);
      entries.set(entry.name, entry);
    }
  }
}

/** All that is written for the submissions. */
function filesOf(results: readonly SubmissionResult[], out: string, formatFiles: FormatFiles): string[] {
  const records = results.flatMap(({ name, scenarios }) => {
    const report = reportFile(out, name);
    return [report, ...scenarios.flatMap(({ evidence }) => (evidence === null ? [] : [join(dirname(report), evidence)]))];
  });
  return [...records, ...formatFiles.submissionFiles(results.map(({ name }) => name))];
}
