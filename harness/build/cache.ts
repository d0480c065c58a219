/**
 * Results of builds, by all that goes into one: a class that is graded again is not built again. An entry is a folder with `build.json` and, where
 * there is one, the kernel, and the file that has its lines. It is put in place whole, by renaming, and believed only if its bytes have the SHA-256 that it names.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Saved } from '../evidence/fields.ts';
import { jsonText } from '../evidence/json-text.ts';
import { contentOf, copyRegular } from '../files/copy.ts';
import { moveIntoPlace } from '../files/move.ts';
import { identityText, thisProcess } from '../files/process-identity.ts';
import { lookAt, readIfThere } from '../files/read.ts';
import { removeFolder } from '../files/scratch.ts';
import { onHost, PathError } from '../files/system-error.ts';
import { makeFolder, replaceFile } from '../files/write.ts';
import { buildSchema } from '../result/build.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';

export const CACHE_SCHEMA = 'bootgrade/build/v1';

const fileSchema = z.object({ file: z.string(), sha256: z.string() });

const entrySchema = z.object({
  build: buildSchema,
  kernel: fileSchema.extend({ alsoMatched: z.array(z.string()), lines: z.string().nullable() }).nullable(),
});

/** What a build came to. `file`: the kernel's path below the tree; `lines`: SHA-256 of the file that has its lines, where it is not the kernel. */
export type Entry = Saved<typeof entrySchema>;

export interface CachedBuild extends Entry {
  /** Path of the kernel; null if there is none. */
  readonly kernelPath: string | null;
  /** The file that has the kernel's lines; null: there is none but the kernel. */
  readonly linesPath: string | null;
}

/** What was built, before it is kept. */
export interface Built {
  readonly entry: Entry;
  readonly kernelPath: string | null;
  readonly linesPath: string | null;
}

const KERNEL = 'kernel';
const LINES = 'lines';
const ENTRY = 'build.json';

export class BuildCache {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** undefined: it was not built, or what is there is damaged. Throws HostError. */
  find(key: string): CachedBuild | undefined {
    const folder = join(this.#folder, key);
    const entry = readEntry(join(folder, ENTRY), key);
    if (entry === undefined) return undefined;
    const { kernel } = entry;
    if (kernel === null) return { ...entry, kernelPath: null, linesPath: null };
    const kernelPath = join(folder, KERNEL);
    const linesPath = kernel.lines === null ? null : join(folder, LINES);
    if (!holds(kernelPath, kernel.sha256) || (linesPath !== null && !holds(linesPath, kernel.lines))) return undefined;
    return { ...entry, kernelPath, linesPath };
  }

  /** Keeps what was built; the paths are where the files lie now. Throws HostError. */
  async keep(key: string, { entry, kernelPath, linesPath }: Built): Promise<CachedBuild> {
    const folder = join(this.#folder, key);
    const pending = `${folder}.${identityText(thisProcess())}.tmp`;
    await removeFolder(pending);
    makeFolder(pending);
    try {
      if (kernelPath !== null) keepFile(kernelPath, join(pending, KERNEL));
      if (linesPath !== null) keepFile(linesPath, join(pending, LINES));
      replaceFile(join(pending, ENTRY), entryText(key, entry));
      // A damaged entry, or one that another process has just put there.
      if (lookAt(folder) !== undefined) await removeFolder(folder);
      moveIntoPlace(pending, folder);
    } finally {
      await removeFolder(pending);
    }
    const kept = this.find(key);
    if (kept === undefined) throw new Error(`the entry ${key} of the builds is not what was written`);
    return kept;
  }
}

function keepFile(from: string, to: string): void {
  onHost('keeping a kernel that was built', () => copyRegular(from, to, { most: MOST_BYTES.kernel, mode: 0o444, durable: true }));
}

function entryText(key: string, entry: Entry): string {
  const text = jsonText(entry);
  return `${jsonText({ schema: CACHE_SCHEMA, key, sha256: sha256(text) })}\n${text}\n`;
}

function readEntry(file: string, key: string): Entry | undefined {
  const text = readOurs(file);
  const [head = '', body = ''] = text?.split('\n') ?? [];
  if (head !== jsonText({ schema: CACHE_SCHEMA, key, sha256: sha256(body) })) return undefined;
  const parsed = entrySchema.safeParse(JSON.parse(body));
  return parsed.success ? parsed.data : undefined;
}

function readOurs(file: string): string | undefined {
  try {
    return readIfThere(file, MOST_BYTES.report)?.toString('utf8');
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

function holds(file: string, expected: string | null): boolean {
  try {
    return contentOf(file, MOST_BYTES.kernel).sha256 === expected;
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
