/** Files that are too large to be held in memory: read and written piece by piece. */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { closeSync, futimesSync, openSync, writeSync } from './calls.ts';
import { openRegular } from './read.ts';
import { onHost, onPath } from './system-error.ts';

/** The bytes of a regular file, which is not a link. Its errors are the system's. Throws HostError, PathError. */
export function readStream(file: string): Readable {
  const { descriptor } = onPath(`reading ${file}`, () => openRegular(file, 'refuse'));
  return createReadStream('', { fd: descriptor });
}

interface StoredAs {
  /** Permissions. */
  readonly mode: number;
  /** When it was changed last; null if nobody knows. */
  readonly modified: Date | null;
}

/** Writes a new file, which nobody needs after this run: it is not synced. Throws HostError, and what reading the pieces throws. */
export async function storeFile(file: string, pieces: AsyncIterable<Uint8Array>, { mode, modified }: StoredAs): Promise<void> {
  const descriptor = onHost(`writing ${file}`, () => openSync(file, 'wx', mode));
  try {
    for await (const piece of pieces) {
      for (let done = 0; done < piece.length; ) done += onHost(`writing ${file}`, () => writeSync(descriptor, piece, done));
    }
    if (modified !== null) onHost(`writing ${file}`, () => futimesSync(descriptor, modified, modified));
  } finally {
    closeSync(descriptor);
  }
}
