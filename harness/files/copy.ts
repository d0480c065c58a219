/** Copies of regular files, a piece at a time, with their SHA-256. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { closeSync, fchmodSync, fchownSync, fstatSync, fsyncSync, futimesSync, openSync, readSync, writeSync } from './calls.ts';
import { onHost, onPath, PathError } from './system-error.ts';

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What a copy is like. */
export interface CopyOptions {
  /** Bytes that the file may have. */
  readonly most: number;
  readonly mode: number;
  /** Seconds since 1970; left out: now. */
  readonly time?: number;
  /** Left out: this process's own. */
  readonly owner?: Owner;
  /** Whether the copy must be on the disk when this returns. */
  readonly durable?: boolean;
}

export interface Content {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

const PIECE = 1024 * 1024;

/** Copies a regular file that is not a link to a name that nothing has. Throws HostError; PathError where it is not such a file, or too large. */
export function copyRegular(from: string, to: string, options: CopyOptions): Content {
  const target = onHost(`writing ${to}`, () => openSync(to, 'wx', options.mode));
  try {
    const content = readPieces(from, options.most, (piece) => onHost(`writing ${to}`, () => writeAll(target, piece)));
    onHost(`writing ${to}`, () => finish(target, options));
    return content;
  } finally {
    onHost(`writing ${to}`, () => closeSync(target));
  }
}

function writeAll(descriptor: number, piece: Buffer): void {
  for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
}

function finish(descriptor: number, { mode, time, owner, durable }: CopyOptions): void {
  // What is asked for when a file is made is cut down by the process's mask.
  fchmodSync(descriptor, mode);
  if (owner !== undefined) fchownSync(descriptor, owner.uid, owner.gid);
  if (time !== undefined) futimesSync(descriptor, time, time);
  if (durable === true) fsyncSync(descriptor);
}

/** What a regular file that is not a link holds. Throws HostError, PathError. */
export function contentOf(file: string, most: number): Content {
  return readPieces(file, most, () => {});
}

function readPieces(file: string, most: number, take: (piece: Buffer) => void): Content {
  return onPath(`reading ${file}`, () => {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stat = fstatSync(descriptor);
      if (!stat.isFile()) throw new PathError('special', 'it is not a regular file');
      if (stat.size > most) throw new PathError('too-large', `it has ${stat.size} bytes, the most is ${most}`);
      const hash = createHash('sha256');
      const piece = Buffer.allocUnsafe(Math.max(1, Math.min(PIECE, stat.size)));
      let bytes = 0;
      for (;;) {
        const count = readSync(descriptor, piece, 0, piece.length, null);
        if (count === 0) return { bytes, sha256: hash.digest('hex') };
        bytes += count;
        if (bytes > most) throw new PathError('too-large', `it has more than ${most} bytes`);
        hash.update(piece.subarray(0, count));
        take(piece.subarray(0, count));
      }
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Whether the file may be run as a program. Throws HostError, PathError. */
export function isProgram(file: string): boolean {
  return onPath(`looking at ${file}`, () => {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      return (fstatSync(descriptor).mode & 0o111) !== 0;
    } finally {
      closeSync(descriptor);
    }
  });
}
