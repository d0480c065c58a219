/** The one way to write a file: first under a different name, then synced and renamed, so that nobody ever sees half a file. */
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from './calls.ts';
import { listFolder, lookAt } from './read.ts';
import { onHost, onPath, PathError, pathCode } from './system-error.ts';

/** The end of a temporary file's name. */
const TEMPORARY = /\.\d+\.tmp$/;

/** A text, its parts as they come, or bytes. */
export type Content = string | Iterable<string> | Uint8Array;

/** A file that is seen whole or not at all; what stood under its name stays until then. */
export interface PendingFile {
  /** Writes the content's beginning, or its next part. Throws HostError. */
  append(content: Content): void;
  /** Puts the content there, or its rest, durably. Throws HostError. */
  publish(content: Content): void;
  /** Gives the file up, where it was not published. */
  discard(): void;
}

/**
 * Begins a file that `publish` puts in the place of what has its name, so that a folder that cannot be written is known before the work
 * and not after it. Throws HostError, PathError.
 */
export function beginFile(file: string): PendingFile {
  const temporary = `${file}.${process.pid}.tmp`;
  const descriptor = onPath(`writing ${file}`, () => createTemporary(temporary));
  let open = true;
  const close = () => {
    if (open) closeSync(descriptor);
    open = false;
  };
  let published = false;
  return {
    append: (content) => onHost(`writing ${file}`, () => writeAll(descriptor, content)),
    publish(content) {
      onHost(`writing ${file}`, () => {
        writeAll(descriptor, content);
        fsyncSync(descriptor);
        close();
        renameSync(temporary, file);
      });
      published = true;
    },
    discard() {
      if (published) return;
      onHost(`writing ${file}`, close);
      removeFile(temporary);
    },
  };
}

/** A file that already has the temporary name was left by a killed process which had the same process number. */
function createTemporary(temporary: string): number {
  try {
    return openSync(temporary, 'wx');
  } catch (error) {
    if (pathCode(error) !== 'EEXIST') throw error;
    unlinkSync(temporary);
    return openSync(temporary, 'wx');
  }
}

/** Writes the file in the place of what has its name. Throws HostError, PathError. */
export function replaceFile(file: string, content: Content): void {
  const pending = beginFile(file);
  try {
    pending.publish(content);
  } finally {
    pending.discard();
  }
}

/**
 * Begins to write into what is there and no regular file: a terminal, or a pipe, which somebody has to read. Throws HostError, PathError.
 */
export function beginStream(file: string): PendingFile {
  const descriptor = onPath(`writing ${file}`, () => {
    // Opening a pipe blocks until somebody reads it; opened without blocking, it fails if nobody does.
    closeSync(openSync(file, constants.O_WRONLY | constants.O_NONBLOCK));
    const opened = openSync(file, constants.O_WRONLY);
    if (!fstatSync(opened).isFile()) return opened;
    closeSync(opened);
    throw new PathError('EEXIST', 'another file was put in its place');
  });
  const append = (content: Content) => onHost(`writing ${file}`, () => writeAll(descriptor, content));
  return {
    append,
    publish: append,
    discard: () => {},
  };
}

/** Characters that are written at once: many small parts are one call of the system. */
const TOGETHER = 1 << 16;

function writeAll(descriptor: number, content: Content): void {
  if (content instanceof Uint8Array) return writeBytes(descriptor, content);
  let waiting = '';
  for (const part of typeof content === 'string' ? [content] : content) {
    waiting += part;
    if (waiting.length < TOGETHER) continue;
    writeText(descriptor, waiting);
    waiting = '';
  }
  writeText(descriptor, waiting);
}

function writeText(descriptor: number, text: string): void {
  writeBytes(descriptor, Buffer.from(text));
}

function writeBytes(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
}

/**
 * Makes the folder, and those above it that are not there. Node's own way does not end where the system says that a folder is not there
 * and will not make it, as below /proc. Throws HostError, PathError.
 */
export function makeFolder(folder: string): void {
  onPath(`making the folder ${folder}`, () => make(folder));
}

function make(folder: string): void {
  const refusal = tryToMake(folder);
  const above = dirname(folder);
  if (refusal === undefined) return;
  if (pathCode(refusal) !== 'ENOENT' || above === folder) throw refusal;
  make(above);
  const again = tryToMake(folder);
  if (again !== undefined) throw again;
}

/** Why the folder could not be made; undefined: it is there now. */
function tryToMake(folder: string): unknown {
  try {
    mkdirSync(folder);
    return undefined;
  } catch (error) {
    const isThere = pathCode(error) === 'EEXIST' || pathCode(error) === 'EISDIR';
    return isThere && statSync(folder).isDirectory() ? undefined : error;
  }
}

/** A second name for a file of ours, in a folder of ours. Throws HostError. */
export function linkFile(file: string, name: string): void {
  onHost(`writing ${name}`, () => linkSync(file, name));
}

/** Writes a program that everybody may run. Throws HostError, PathError. */
export function writeProgram(file: string, text: string): void {
  replaceFile(file, text);
  const descriptor = onHost(`writing ${file}`, () => openSync(file, 'r'));
  try {
    // What is asked for when a file is made is cut down by the process's mask.
    onHost(`writing ${file}`, () => fchmodSync(descriptor, 0o755));
  } finally {
    onHost(`writing ${file}`, () => closeSync(descriptor));
  }
}

/** Sets the time at which a folder was changed to now, whatever lies in it. Throws HostError, PathError. */
export function markAsUsed(folder: string): void {
  onPath(`writing ${folder}`, () => {
    const descriptor = openSync(folder, 'r');
    try {
      const now = Date.now() / 1000;
      futimesSync(descriptor, now, now);
    } finally {
      closeSync(descriptor);
    }
  });
}

/** Gives what we have made to somebody else, who must not be able to write it otherwise. Throws HostError. */
export function changeOwner(path: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  onHost(`writing ${path}`, () => lchownSync(path, uid, gid));
}

/** Removes a file of bootgrade's own, if it exists. Throws HostError. */
export function removeFile(file: string): void {
  onHost(`removing ${file}`, () => {
    try {
      unlinkSync(file);
    } catch (error) {
      if (pathCode(error) !== 'ENOENT') throw error;
    }
  });
}

/** Removes the temporary files of processes that were killed while they wrote one of the files. Throws HostError. */
export function removeLeftovers(files: readonly string[]): void {
  const targets = new Set(files);
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    for (const entry of onHost(`listing ${folder}`, () => (lookAt(folder) === undefined ? [] : listFolder(folder)))) {
      const path = join(folder, entry.name ?? '');
      if (entry.kind === 'file' && TEMPORARY.test(path) && targets.has(path.replace(TEMPORARY, ''))) removeFile(path);
    }
  }
}

/** Has the system remember which files the folder holds. Throws HostError. */
export function syncFolder(folder: string): void {
  onHost(`writing ${folder}`, () => {
    const descriptor = openSync(folder, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  });
}
