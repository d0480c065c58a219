/**
 * The journal of a batch: JSON lines in the folder of the reports. The first says which batch it is, each other that one submission has
 * been begun, or that its record is on disk. The latter is appended and synced after the record's files are; so whenever the batch is
 * killed, what the journal says is true, and at most its last line is incomplete. When a batch has ended, only the lines of records remain,
 * in the order of the submissions, so that the file does not depend on which one ended first. The writer holds a lock on the file
 * (files/lock.ts).
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Saved } from '../evidence/fields.ts';
import { jsonText } from '../evidence/json-text.ts';
import { GrowingFile } from '../files/growing-file.ts';
import { readIfThere } from '../files/read.ts';
import { onHost, PathError } from '../files/system-error.ts';
import { replaceFile } from '../files/write.ts';
import { submissionOutcomeSchema } from '../result/result.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { differences, type Identity, identitySchema } from './identity.ts';
import { type Shard, shardName } from './shard.ts';

export const JOURNAL_SCHEMA = 'bootgrade/journal/v1';

const OURS = '{"schema":"bootgrade/journal/';

export const entrySchema = z.object({
  name: z.string(),
  kernelSha256: z.string().nullable(),
  /** Of the report's bytes; the report names the SHA-256 of its evidence. */
  reportSha256: z.string(),
  outcome: submissionOutcomeSchema,
});

/** One submission whose record is on disk. */
export type JournalEntry = Saved<typeof entrySchema>;

/** A submission that is being graded. */
const begunSchema = z.strictObject({ begun: z.string() });

const lineSchema = z.union([entrySchema, begunSchema]);

/** The journal cannot be resumed: a sentence. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
}

export function journalFile(out: string, shard: Shard | null): string {
  return join(out, shard === null ? 'journal.jsonl' : `journal-${shardName(shard)}.jsonl`);
}

/** A submission that is graded alone needs none. */
export function hasJournal({ submissions, shard }: Identity): boolean {
  return submissions.length > 1 || shard !== null;
}

interface SavedJournal {
  readonly identity: Identity;
  /** The last one of each submission. */
  readonly entries: ReadonlyMap<string, JournalEntry>;
  /** Names of those that have been begun since. */
  readonly begun: ReadonlySet<string>;
  /** How much of the file is whole lines. */
  readonly bytes: number;
}

function line(value: unknown): string {
  return `${jsonText(value)}\n`;
}

/** The beginning of a journal, or as much of it as was written when the batch was killed. */
function isOurs(text: Buffer): boolean {
  const begin = text.toString('latin1', 0, OURS.length);
  return OURS.startsWith(begin);
}

/** The file's bytes; undefined if there is none. Throws HostError; JournalError if it is not one of bootgrade's. */
function readOurs(file: string): Buffer | undefined {
  const text = readText(file);
  if (text !== undefined && !isOurs(text))
    throw new JournalError(`${file} exists and is not one of our journals; move it, or name another folder`);
  return text;
}

function readText(file: string): Buffer | undefined {
  try {
    return readIfThere(file, MOST_BYTES.journal);
  } catch (error) {
    if (error instanceof PathError)
      throw new JournalError(`${file} is not one of our journals: ${error.message}; move it, or name another folder`);
    throw error;
  }
}

/** What the file says; undefined if it has not even one whole line. Throws JournalError. */
function read(file: string): SavedJournal | undefined {
  const text = readOurs(file);
  const bytes = text === undefined ? 0 : text.lastIndexOf(0x0a) + 1;
  if (text === undefined || bytes === 0) return undefined;
  const [first = '', ...rest] = text.toString('utf8', 0, bytes - 1).split('\n');
  const [, schema = ''] = /^{"schema":"([^"]*)"/.exec(first) ?? [];
  if (schema !== JOURNAL_SCHEMA) throw new JournalError(`${file} has the format "${schema}"; this version goes on with ${JOURNAL_SCHEMA}`);
  const identity = parseLine(identitySchema, file, first, 1);
  const entries = new Map<string, JournalEntry>();
  const begun = new Set<string>();
  rest.forEach((one, index) => {
    const parsed = parseLine(lineSchema, file, one, index + 2);
    if ('begun' in parsed) begun.add(parsed.begun);
    else {
      entries.set(parsed.name, parsed);
      begun.delete(parsed.name);
    }
  });
  return { identity, entries, begun, bytes };
}

function parseLine<Value>(schema: z.ZodType<Value>, file: string, text: string, number: number): Value {
  const value = parseJson(schema, text);
  if (value === undefined) throw new JournalError(`${file}:${number} is damaged; without --resume everything is graded anew`);
  return value;
}

/** Which batch a journal's text is of; undefined if that cannot be read. */
export function identityIn(text: string): Identity | undefined {
  return parseJson(identitySchema, text.split('\n', 1)[0]!);
}

/** undefined if the text is not such JSON. */
export function parseJson<Value>(schema: z.ZodType<Value>, text: string): Value | undefined {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Throws if the batch is a different one. */
function assertSame(file: string, saved: Identity, now: Identity): void {
  const differs = differences(saved, now);
  if (differs.length === 0) return;
  throw new JournalError(
    `${file} belongs to a different grading (${differs.join(', ')}); leave out --resume to grade everything anew, or name another folder with --out`,
  );
}

export class Journal {
  readonly file: string;
  /** What was graded before, by name. */
  readonly entries: Map<string, JournalEntry>;
  /** What was being graded when the batch was killed, by name. */
  readonly interrupted: ReadonlySet<string>;
  readonly #identity: Identity;
  readonly #written: GrowingFile;

  private constructor(file: string, identity: Identity, saved: SavedJournal | undefined) {
    this.file = file;
    this.#identity = identity;
    this.entries = new Map(saved?.entries);
    this.interrupted = new Set(saved?.begun);
    this.#written = new GrowingFile(file, saved?.bytes ?? 0);
    if (saved === undefined) this.#written.append(header(identity));
  }

  /** Begins the batch's journal, in place of an earlier one. Throws HostError; JournalError if a file of somebody else is in the way. */
  static begin(file: string, identity: Identity): Journal {
    readOurs(file);
    return new Journal(file, identity, undefined);
  }

  /** Goes on with the batch's journal; begins one if there is none. Throws HostError; JournalError if it is of a different batch. */
  static resume(file: string, identity: Identity): Journal {
    const saved = read(file);
    if (saved !== undefined) assertSame(file, saved.identity, identity);
    return new Journal(file, identity, saved);
  }

  /** The submission is going to be graded. */
  begun(name: string): void {
    this.#written.note(line({ begun: name } satisfies Saved<typeof begunSchema>));
  }

  /** The submission's record is on disk: notes that down. */
  add(entry: JournalEntry): void {
    this.#written.append(line(entry));
    this.entries.set(entry.name, entry);
  }

  close(): void {
    this.#written.close();
  }

  /** All is graded: leaves the journal as `journalText` has it. */
  finish(): void {
    this.close();
    writeJournal(this.file, this.#identity, this.entries);
  }
}

function header(identity: Identity): string {
  return line({ schema: JOURNAL_SCHEMA, ...identity });
}

/** The journal of a batch that has ended, put in place as a whole. Throws HostError. */
export function writeJournal(file: string, identity: Identity, entries: ReadonlyMap<string, JournalEntry>): void {
  onHost(`writing ${file}`, () =>
    replaceFile(file, header(identity) + identity.submissions.map((name) => line(entries.get(name))).join('')),
  );
}
