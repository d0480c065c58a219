/** Files that a user names: what is wrong with one is the user's mistake, said in one line, and what is wrong with this computer is not. */

import { UsageError } from '../vocabulary/usage-error.ts';
import { realpathSync } from './calls.ts';
import { lookThrough, readRegular } from './read.ts';
import { asUsage, onPath, PathError } from './system-error.ts';
import { beginFile, beginStream, type Content, type PendingFile } from './write.ts';

/** All of a regular file that is not empty. `what` names its purpose in messages: "kernel". Throws HostError, UsageError. */
export function readWhole(what: string, file: string, most: number): Uint8Array {
  return asUsage(`cannot read the ${what} ${file}`, () => {
    const bytes = readRegular(file, most);
    if (bytes.length === 0) throw new PathError('empty', 'it is empty');
    return bytes;
  });
}

/** The same as text; a byte order mark at its begin is dropped or kept. Throws HostError, UsageError. */
export function readText(what: string, file: string, most: number, mark: 'drop' | 'keep' = 'drop'): string {
  const bytes = readWhole(what, file, most);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: mark === 'keep' }).decode(bytes);
  } catch {
    throw new UsageError(`cannot read the ${what} ${file}: it is not UTF-8 text; save it as UTF-8`);
  }
}

/**
 * Begins a file that the user named: where it is a link, what it leads to is replaced; what is not a regular file (a terminal, a pipe) is
 * written straight to. Throws HostError, UsageError.
 */
export function beginNamed(option: string, file: string): PendingFile {
  return asUsage(`${option} ${file}: cannot write it`, () => {
    const there = lookThrough(file);
    if (there === undefined) return beginFile(file);
    return there.isFile() ? beginFile(onPath(`looking at ${file}`, () => realpathSync(file))) : beginStream(file);
  });
}

/** Writes a file that the user named, as `beginNamed` begins it. Throws HostError, UsageError. */
export function writeNamed(option: string, file: string, content: Content): void {
  const pending = beginNamed(option, file);
  try {
    pending.publish(content);
  } finally {
    pending.discard();
  }
}
