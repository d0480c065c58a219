/**
 * What a build needs from outside, in a folder that it can only read: crates that `cargo vendor` wrote, for one. Cargo is set to take them from
 * there, unless the folder has a `config.toml` of its own for it.
 *
 * Reference: The Cargo Book, "Source Replacement" and "Configuration".
 */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { listFolder, lookAt, readIfThere } from '../files/read.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';

const CONFIG = 'config.toml';
const CHECKSUM = '.cargo-checksum.json';

/** Cargo's configuration for a build that finds the folder at `at`; null where it has no crates. Throws HostError, PathError. */
export function cargoConfig(folder: string, at: string): string | null {
  const own = readIfThere(join(folder, CONFIG), MOST_BYTES.rubric);
  if (own !== undefined) return own.toString('utf8');
  const isVendored = listFolder(folder).some(({ name, kind }) => kind === 'folder' && name !== null && isCrate(join(folder, name)));
  if (!isVendored) return null;
  return `[source.crates-io]\nreplace-with = "vendored"\n\n[source.vendored]\ndirectory = ${JSON.stringify(at)}\n`;
}

function isCrate(folder: string): boolean {
  return lookAt(join(folder, CHECKSUM)) !== undefined;
}

/** What the folder holds, as far as builds can tell. */
export interface FolderIdentity {
  readonly sha256: string;
  /** A path in it that not everybody may read; null: there is none. */
  readonly isPrivate: string | null;
}

/** What others may do with a file, with a folder, and with those above it: chmod(2). */
const [READ, READ_AND_ENTER, ENTER] = [0o004, 0o005, 0o001];

/** The folder itself or the one above it that not everybody may use; null: there is none. */
export function closedTo(folder: string): string | null {
  for (let at = folder, wanted = READ_AND_ENTER; ; at = dirname(at), wanted = ENTER) {
    const stat = lookAt(at);
    if (stat !== undefined && (stat.mode & wanted) !== wanted) return at;
    if (at === dirname(at)) return null;
  }
}

/**
 * The identity of what the folder holds: names, sizes, modes and times of all files. Their bytes may be gigabytes, and nobody but the course
 * writes them. Throws HostError, PathError.
 */
export async function folderIdentity(folder: string): Promise<FolderIdentity> {
  const hash = createHash('sha256');
  const folders = [folder];
  let isPrivate: string | null = null;
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const { name, kind } of listFolder(at).sort((a, b) => Buffer.compare(a.bytes, b.bytes))) {
      const path = join(at, name ?? '');
      if (kind === 'folder' && name !== null) folders.push(path);
      const stat = name === null ? undefined : lookAt(path);
      const wanted = kind === 'folder' ? READ_AND_ENTER : READ;
      if (kind !== 'link' && stat !== undefined && (stat.mode & wanted) !== wanted) isPrivate ??= path;
      hash.update(`${JSON.stringify([path.slice(folder.length), kind, stat?.mode, stat?.size, stat?.mtimeMs])}\n`);
    }
    await setImmediate();
  }
  return { sha256: hash.digest('hex'), isPrivate };
}
