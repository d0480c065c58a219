/**
 * The results of a shard in one file of JSON lines, to be copied to the computer that merges the shards. The first says which batch and which shard it is,
 * then come each submission's journal entry, its report and its evidence, byte for byte, and at last how many submissions there were.
 */
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Evidence } from '../evidence/evidence.ts';
import type { Saved } from '../evidence/fields.ts';
import { jsonText } from '../evidence/json-text.ts';
import { printable, quoted } from '../evidence/printable.ts';
import { parseEvidence } from '../evidence/read.ts';
import { readBeginning, readLines, readRegular } from '../files/read.ts';
import { onHost, PathError } from '../files/system-error.ts';
import { replaceFile } from '../files/write.ts';
import type { SubmissionResult } from '../result/result.ts';
import { parseResult } from '../result/saved-result.ts';
import { evidencePath } from '../submission/name.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { type Identity, identitySchema, sha256 } from './identity.ts';
import { entrySchema, type JournalEntry, parseJson } from './journal.ts';
import { type Shard, shardName } from './shard.ts';

export const BLOB_SCHEMA = 'bootgrade/blob/v1';

const BEGIN = Buffer.from('{"schema":"bootgrade/blob/');

export function blobFile(out: string, shard: Shard): string {
  return join(out, `shard-${shardName(shard)}.blob`);
}

/** A blob that cannot be used: a sentence. */
export class BlobError extends Error {
  override readonly name = 'BlobError';
}

/** A submission as a blob has it, piece by piece: no more than one run's evidence is held. */
export type Packed =
  | { readonly kind: 'report'; readonly entry: JournalEntry; readonly text: string; readonly result: SubmissionResult }
  /** Of the report before it. */
  | {
      readonly kind: 'evidence';
      readonly scenario: string;
      readonly file: string;
      readonly text: string;
      readonly evidence: Evidence;
    }
  /** All that the report names was there. */
  | { readonly kind: 'whole' };

const lineSchema = z.union([
  z.strictObject({ schema: z.string(), ...identitySchema.shape }),
  z.strictObject({ entry: entrySchema, report: z.string() }),
  z.strictObject({ scenario: z.string(), evidence: z.string() }),
  z.strictObject({ end: z.int() }),
]);

type Line = Saved<typeof lineSchema>;

/** Writes the blob, as a whole or not at all; `reportOf` gives the path of a submission's report. Throws HostError. */
export function writeBlob(
  file: string,
  identity: Identity,
  entries: ReadonlyMap<string, JournalEntry>,
  reportOf: (name: string) => string,
): void {
  onHost(`writing ${file}`, () => replaceFile(file, blobLines(identity, entries, reportOf)));
}

function* blobLines(identity: Identity, entries: ReadonlyMap<string, JournalEntry>, reportOf: (name: string) => string): Generator<string> {
  const text = (line: Line) => `${jsonText(line)}\n`;
  yield text({ schema: BLOB_SCHEMA, ...identity });
  for (const name of identity.submissions) {
    const file = reportOf(name);
    const report = readRegular(file, MOST_BYTES.report, 'refuse').toString('utf8');
    yield text({ entry: entries.get(name)!, report });
    for (const { name: scenario, evidence } of (JSON.parse(report) as SubmissionResult).scenarios) {
      if (evidence === null) continue;
      yield text({ scenario, evidence: readRegular(join(dirname(file), evidence), MOST_BYTES.evidence, 'refuse').toString('utf8') });
    }
  }
  yield text({ end: identity.submissions.length });
}

function* linesOf(file: string): Generator<Line> {
  try {
    // A file that is not a blob may have no lines at all.
    if (!readBeginning(file, BEGIN.length).equals(BEGIN)) throw new BlobError(notOurs(file));
    let number = 0;
    for (const bytes of readLines(file, MOST_BYTES.blobLine)) {
      number++;
      const text = bytes.toString('utf8');
      const line = parseJson(lineSchema, text);
      if (line === undefined) throw new BlobError(number === 1 ? notOurs(file, schemaIn(text)) : `${file}:${number} is damaged`);
      yield line;
    }
  } catch (error) {
    if (error instanceof PathError) throw new BlobError(`cannot read the blob ${file}: ${error.message}`);
    throw error;
  }
}

/** Which batch and which shard the blob is of. Throws HostError, BlobError. */
export function readBlobIdentity(file: string): Identity & { readonly shard: Shard } {
  for (const line of linesOf(file)) {
    if (!('schema' in line)) break;
    const { schema, ...identity } = line;
    if (schema !== BLOB_SCHEMA || identity.shard === null) throw new BlobError(notOurs(file, schema));
    return { ...identity, shard: identity.shard };
  }
  throw new BlobError(notOurs(file));
}

function notOurs(file: string, schema = BLOB_SCHEMA): string {
  return schema === BLOB_SCHEMA
    ? `${file} is not a blob of a shard`
    : `${file} has the format ${quoted(schema)}; this version reads ${BLOB_SCHEMA}`;
}

/** A blob of a different version may have a different first line. */
function schemaIn(text: string): string | undefined {
  return /^{"schema":"(bootgrade\/blob\/[^"]{1,40})"/.exec(text)?.[1];
}

/** The blob's submissions, in order; all bytes are compared with their SHA-256. Throws HostError, BlobError. */
export function* readBlob(file: string): Generator<Packed> {
  let open: OpenSubmission | undefined;
  let count = 0;
  let ended = false;
  for (const line of linesOf(file)) {
    if (ended) throw new BlobError(`${file} has lines after its end`);
    if ('scenario' in line && open !== undefined) yield open.evidence(line.scenario, line.evidence);
    if ('entry' in line || 'end' in line) {
      if (open !== undefined) yield open.whole();
      open = undefined;
    }
    if ('entry' in line) {
      open = new OpenSubmission(file, line.entry, line.report);
      yield { kind: 'report', entry: line.entry, text: line.report, result: open.result };
      count++;
    }
    if ('end' in line) {
      if (line.end !== count) throw new BlobError(`${file} is incomplete: it has ${count} of ${line.end} submissions`);
      ended = true;
    }
  }
  if (!ended) throw new BlobError(`${file} was cut off`);
}

/** A submission some of whose evidence has not been read yet. */
class OpenSubmission {
  readonly result: SubmissionResult;
  readonly #damaged: BlobError;
  /** Scenarios whose evidence has not been read yet. */
  readonly #missing: Set<string>;

  constructor(file: string, entry: JournalEntry, report: string) {
    this.#damaged = new BlobError(`${file}: ${printable(entry.name)} is damaged`);
    const result = sha256(report) === entry.reportSha256 ? parseResult(report) : null;
    if (result === null || 'problem' in result || result.name !== entry.name) throw this.#damaged;
    this.result = result;
    this.#missing = new Set(this.result.scenarios.filter(({ evidence }) => evidence !== null).map(({ name }) => name));
  }

  evidence(scenario: string, text: string): Packed {
    const { evidence: file = null, evidenceSha256 = null } = this.result.scenarios.find(({ name }) => name === scenario) ?? {};
    const path = `${evidencePath(this.result.name, scenario)}.json`;
    const isOurs = file !== null && file === path.slice(path.lastIndexOf('/') + 1) && sha256(text) === evidenceSha256;
    if (!isOurs || !this.#missing.delete(scenario)) throw this.#damaged;
    const evidence = parseEvidence(text);
    if ('problem' in evidence) throw this.#damaged;
    return { kind: 'evidence', scenario, file, text, evidence };
  }

  whole(): Packed {
    if (this.#missing.size > 0) throw this.#damaged;
    return { kind: 'whole' };
  }
}
