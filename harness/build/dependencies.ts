/**
 * What a build needs from outside, in a folder that it can only read: crates that `cargo vendor` wrote, for one. Cargo is set to take them from
 * there, unless the folder has a `config.toml` of its own for it.
 *
 * Reference: The Cargo Book, "Source Replacement" and "Configuration".
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
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

/**
 * The identity of what the folder holds: names, sizes and times of all files. Their bytes may be gigabytes, and nobody but the course writes
 * them. Throws HostError, PathError.
 */
export async function folderIdentity(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
    for (const { name, kind } of listFolder(at).sort((a, b) => Buffer.compare(a.bytes, b.bytes))) {
      const path = join(at, name ?? '');
      if (kind === 'folder' && name !== null) folders.push(path);
      const stat = name === null ? undefined : lookAt(path);
      hash.update(`${JSON.stringify([path.slice(folder.length), kind, stat?.size, stat?.mtimeMs])}\n`);
    }
    await setImmediate();
  }
  return hash.digest('hex');
}
