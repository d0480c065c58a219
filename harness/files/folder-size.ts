/** How much a folder holds that somebody is writing to. Files come and go meanwhile, and what cannot be looked at counts as nothing. */
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { listFolder, lookAt } from './read.ts';

export interface FolderSize {
  /** Of the disk. */
  readonly bytes: number;
  readonly entries: number;
}

/** The unit of `blocks` in stat(2). */
const BLOCK = 512;

/** Looking is given up where there is more than this; what was seen until then is returned. */
export async function folderSize(folder: string, most: FolderSize): Promise<FolderSize> {
  let [bytes, entries] = [0, 0];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && bytes <= most.bytes && entries <= most.entries; at = folders.pop()) {
    for (const { name, kind } of quietly(() => listFolder(at!)) ?? []) {
      if (++entries > most.entries) break;
      if (name === null) continue;
      const path = join(at, name);
      if (kind === 'folder') folders.push(path);
      else bytes += (quietly(() => lookAt(path))?.blocks ?? 0) * BLOCK;
    }
    // Builds of others are being looked after as well.
    if (entries % 64 === 0) await setImmediate();
  }
  return { bytes, entries };
}

function quietly<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
