/**
 * The one way to read a file: it is opened without blocking, must be a regular file, and is read only up to the length that its kind may
 * have. Otherwise a pipe would never answer, a device never end, and a sparse file fill the memory.
 */
import { constants, type Dirent, type Stats } from 'node:fs';
import { tooLarge } from '../vocabulary/most-bytes.ts';
import {
  closeSync,
  copyFileSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
  symlinkSync,
} from './calls.ts';
import { onPath, PathError, pathCode } from './system-error.ts';

/** Where a symbolic link stands for the file: `follow` it, because a person named it; or `refuse`, because only files are put there. */
export type Links = 'follow' | 'refuse';

interface Opened {
  readonly descriptor: number;
  readonly size: number;
}

/** Opens a regular file; the caller closes it. Throws what the system throws, PathError. */
export function openRegular(file: string, links: Links): Opened {
  const descriptor = openToRead(file, links);
  try {
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) throw new PathError('EISDIR', 'it is a folder');
    if (!stat.isFile()) throw new PathError('special', 'it is a device, a pipe or a socket');
    return { descriptor, size: stat.size };
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

function openToRead(file: string, links: Links): number {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | (links === 'refuse' ? constants.O_NOFOLLOW : 0));
  } catch (error) {
    if (links === 'refuse' && pathCode(error) === 'ELOOP') throw new PathError('link', 'it is a symbolic link');
    throw error;
  }
}

function withRegular<Result>(file: string, links: Links, act: (opened: Opened) => Result): Result {
  return onPath(`reading ${file}`, () => {
    const opened = openRegular(file, links);
    try {
      return act(opened);
    } finally {
      closeSync(opened.descriptor);
    }
  });
}

/** All of a regular file with at most `most` bytes. Throws HostError, PathError. */
export function readRegular(file: string, most: number, links: Links = 'follow'): Buffer {
  return withRegular(file, links, ({ descriptor, size }) => {
    if (size > most) throw new PathError('too-large', tooLarge(size, most));
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readInto(descriptor, bytes));
  });
}

/** The first `length` bytes of a regular file, or as many as it has. Throws HostError, PathError. */
export function readBeginning(file: string, length: number, links: Links = 'follow'): Buffer {
  return withRegular(file, links, ({ descriptor }) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readInto(descriptor, bytes));
  });
}

/** Fills the buffer from the file's begin; returns how much there was. */
function readInto(descriptor: number, bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const count = readSync(descriptor, bytes, at, bytes.length - at, at);
    if (count === 0) break;
    at += count;
  }
  return at;
}

/** As readRegular; undefined if nothing has the name. */
export function readIfThere(file: string, most: number, links: Links = 'refuse'): Buffer | undefined {
  return ifThere(() => readRegular(file, most, links));
}

function ifThere<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (NOTHING.includes(pathCode(error))) return undefined;
    throw error;
  }
}

/** Codes of a path to which nothing can be found. */
const NOTHING: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'];

/**
 * The whole lines of a text file, one after the other, without their ends; of what follows the last line's end nothing. A line may have
 * `most` bytes. Throws HostError, PathError.
 */
export function* readLines(file: string, most: number): Generator<Buffer> {
  const { descriptor } = onPath(`reading ${file}`, () => openRegular(file, 'follow'));
  try {
    const chunk = Buffer.alloc(CHUNK_BYTES);
    let begun: Buffer[] = [];
    let length = 0;
    for (let at = 0; ; ) {
      const count = onPath(`reading ${file}`, () => readSync(descriptor, chunk, 0, chunk.length, at));
      if (count === 0) return;
      at += count;
      let from = 0;
      for (let end = chunk.indexOf(0x0a); end !== -1 && end < count; end = chunk.indexOf(0x0a, from)) {
        yield Buffer.concat([...begun, chunk.subarray(from, end)]);
        [begun, length, from] = [[], 0, end + 1];
      }
      length += count - from;
      if (length > most) throw new PathError('too-large', `a line of it has more than ${most} bytes`);
      begun.push(Buffer.from(chunk.subarray(from, count)));
    }
  } finally {
    onPath(`reading ${file}`, () => closeSync(descriptor));
  }
}

const CHUNK_BYTES = 1024 * 1024;

/** What has the name, without following a link; undefined: nothing has. Throws HostError, PathError. */
export function lookAt(path: string): Stats | undefined {
  return ifThere(() => onPath(`looking at ${path}`, () => lstatSync(path)));
}

/** What the path leads to; undefined: nothing. Throws HostError, PathError. */
export function lookThrough(path: string): Stats | undefined {
  return ifThere(() => onPath(`looking at ${path}`, () => statSync(path)));
}

/** The path without links; undefined: nothing is there. Throws HostError, PathError. */
export function realPath(path: string): string | undefined {
  return ifThere(() => onPath(`looking at ${path}`, () => realpathSync(path)));
}

/** What a symbolic link says. Throws HostError, PathError. */
export function readLink(path: string): string {
  return onPath(`reading ${path}`, () => readlinkSync(path));
}

export interface Entry {
  /** null if the name is not UTF-8: then no path can be made of it. */
  readonly name: string | null;
  readonly bytes: Buffer;
  /** `other`: a device, a pipe, a socket. */
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** The entries of a folder, in no order. Throws HostError, PathError. */
export function listFolder(folder: string): Entry[] {
  // Node's types know names as bytes only without the entries' types.
  const options = { withFileTypes: true, encoding: 'buffer' } as unknown as { withFileTypes: true };
  const listed = onPath(`listing ${folder}`, () => readdirSync(folder, options)) as unknown as (Omit<Dirent, 'name'> & { name: Buffer })[];
  return listed.map((entry) => ({ name: asUtf8(entry.name), bytes: entry.name, kind: kindOf(entry) }));
}

function asUtf8(bytes: Buffer): string | null {
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : null;
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): Entry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** Whether two names are the same existing file. Throws HostError, PathError. */
export function sameFile(a: string, b: string): boolean {
  const [left, right] = [lookThrough(a), lookThrough(b)];
  return left !== undefined && right !== undefined && left.dev === right.dev && left.ino === right.ino;
}

/**
 * Makes `path` stand for an entry of a folder whose name no text can be: a link to the folder that it is, or a copy of the file, which must not be a
 * link where it is read. Throws HostError, PathError.
 */
export function aliasOf(folder: string, name: Buffer, kind: 'folder' | 'file', path: string): void {
  const target = Buffer.concat([Buffer.from(`${folder}/`), name]);
  onPath(`reading an entry of ${folder}`, () => {
    if (kind === 'folder') symlinkSync(target, path);
    else if (lstatSync(target).isFile()) copyFileSync(target, path);
  });
}
