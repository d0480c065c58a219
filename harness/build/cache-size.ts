/**
 * Keeps the folder of earlier builds to a size. What was used longest ago goes first. What was used within a day stays, whatever its size: a
 * grading that goes on beside this one may still have to read it.
 *
 * What cannot be looked at or removed stays as well, since no grade depends on it.
 */
import { join } from 'node:path';
import { folderSize } from '../files/folder-size.ts';
import { identityText, isAlive, parseIdentity, thisProcess } from '../files/process-identity.ts';
import { type Entry, listFolder, lookAt } from '../files/read.ts';
import { removeFolder } from '../files/scratch.ts';
import { HostError, PathError } from '../files/system-error.ts';
import { markAsUsed } from '../files/write.ts';

/** Bytes of the disk that all kept builds may have together. */
export const MOST_KEPT = 8 * 2 ** 30;

/** Milliseconds for which a build that was used is not removed. */
export const IN_USE = 24 * 60 * 60 * 1000;

/** An entry has few files. */
const MOST_FILES = 1000;

const KEY = /^[0-9a-f]{64}$/;
const PENDING = /^[0-9a-f]{64}\.([0-9a-f-]+)\.tmp$/;

/** The name of a folder that becomes an entry when it is complete, and says whose it is. */
export function pendingName(key: string): string {
  return `${key}.${identityText(thisProcess())}.tmp`;
}

/** Notes that an entry was used now. */
export function noteUse(folder: string): void {
  quietly(() => markAsUsed(folder));
}

/** Removes what processes of this computer were writing when they were killed. */
export async function removePending(cache: string): Promise<void> {
  const me = thisProcess();
  for (const { name } of foldersIn(cache)) {
    const owner = parseIdentity(PENDING.exec(name)?.[1] ?? '');
    if (owner !== undefined && owner.computer === me.computer && !isAlive(owner)) await removeQuietly(join(cache, name));
  }
}

/** Removes what was used longest ago, until what is left has at most `most` bytes. `now`: milliseconds since 1970. */
export async function shrink(cache: string, most: number, now: number): Promise<void> {
  const entries: { path: string; used: number; bytes: number }[] = [];
  for (const { name } of foldersIn(cache)) {
    const path = join(cache, name);
    const used = quietly(() => lookAt(path))?.mtimeMs;
    if (!KEY.test(name) || used === undefined) continue;
    const { bytes } = await folderSize(path, { bytes: Number.POSITIVE_INFINITY, entries: MOST_FILES });
    entries.push({ path, used, bytes });
  }
  let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { path, used, bytes } of entries.sort((a, b) => a.used - b.used)) {
    if (total <= most || now - used < IN_USE) return;
    await removeQuietly(path);
    total -= bytes;
  }
}

function foldersIn(cache: string): (Entry & { readonly name: string })[] {
  const entries = quietly(() => listFolder(cache)) ?? [];
  return entries.flatMap((entry) => (entry.kind === 'folder' && entry.name !== null ? [{ ...entry, name: entry.name }] : []));
}

async function removeQuietly(path: string): Promise<void> {
  await removeFolder(path).catch(() => {});
}

function quietly<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof HostError || error instanceof PathError) return undefined;
    throw error;
  }
}
