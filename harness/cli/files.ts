/** Files that a user names: read whole with one clear message where that fails, and written so that no half file is ever seen. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UsageError } from './usage-error.ts';

/** This computer failed while the guest ran (disk full, device gone): the fault of neither user nor guest. One line, exit code 3. */
export class HostError extends Error {
  override readonly name = 'HostError';
}

/** Does what the system may refuse; `what` begins the sentence: "writing the image x". */
export function onHost<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    throw new HostError(`${what} failed: ${systemReason(error)}`);
  }
}

/** No kernel, firmware or initrd is larger; RAM ends at 3 GiB and a Node buffer near 2. */
const MAX_BYTES = 2 ** 30;

/** All of a regular file. `what` names its purpose in messages: "kernel". Throws UsageError. */
export function readWhole(what: string, file: string): Uint8Array {
  let fd: number | undefined;
  try {
    // O_NONBLOCK: opening a named pipe must not wait for its other end; it is refused below.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(fd);
    if (status.isDirectory()) throw new UsageError(`the ${what} ${file} is a directory`);
    if (!status.isFile()) throw new UsageError(`the ${what} ${file} is not a regular file`);
    if (status.size === 0) throw new UsageError(`the ${what} ${file} is empty`);
    if (status.size > MAX_BYTES) throw new UsageError(`the ${what} ${file} is larger than 1 GiB`);
    return readFileSync(fd);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`cannot read the ${what} ${file}: ${systemReason(error)}`);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EEXIST: 'a file of that name is there',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left',
  EIO: 'input or output error',
};

/** Why the system refused, in words. Anything but a system error is a bug and is thrown on. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === undefined) throw error;
  return REASONS[code] ?? code;
}

/** All of a file; undefined where there is none. */
export function readIfThere(file: string): Buffer | undefined {
  return existsSync(file) ? onHost(`reading ${file}`, () => readFileSync(file)) : undefined;
}

/** Removes what a process that was killed while it wrote one of the files has left beside it. */
export function removeLeftovers(files: readonly string[]): void {
  const targets = new Set(files);
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    if (!existsSync(folder)) continue;
    for (const name of onHost(`reading ${folder}`, () => readdirSync(folder))) {
      const path = join(folder, name);
      if (TEMPORARY.test(path) && targets.has(path.replace(TEMPORARY, ''))) onHost(`removing ${path}`, () => rmSync(path, { force: true }));
    }
  }
}

/** The end of a temporary file's name. */
const TEMPORARY = /\.\d+\.tmp$/;

/** A file of ours that is seen whole or not at all; what stood under its name stays until then. */
export interface PendingFile {
  /** Puts `text` there, durably. */
  publish(text: string): void;
  /** Gives the file up, where it was not published. */
  discard(): void;
}

/**
 * Begins a file that `publish` puts in place, so that a folder that cannot be written is known before the work and not
 * after it. What is no regular file (a terminal, a pipe) is written straight to. Throws UsageError.
 */
export function beginFile(option: string, file: string): PendingFile {
  try {
    const existing = statSync(file, { throwIfNoEntry: false });
    if (existing && !existing.isFile()) return straightTo(file, openSync(file, 'w'));
    const target = existing ? realpathSync(file) : file;
    const temporary = `${target}.${process.pid}.tmp`;
    return replacing(target, temporary, openSync(temporary, 'wx'));
  } catch (error) {
    throw new UsageError(`${option} ${file}: cannot write it: ${systemReason(error)}`);
  }
}

function straightTo(file: string, fd: number): PendingFile {
  return {
    publish: (text) => onHost(`writing ${file}`, () => writeFileSync(fd, text)),
    discard: () => {},
  };
}

function replacing(target: string, temporary: string, fd: number): PendingFile {
  let published = false;
  return {
    publish(text) {
      onHost(`writing ${target}`, () => {
        writeFileSync(fd, text);
        fsyncSync(fd);
        closeSync(fd);
        renameSync(temporary, target);
      });
      published = true;
    },
    discard() {
      if (!published) rmSync(temporary, { force: true });
    },
  };
}

/** Whether two names are the same existing file. */
export function sameFile(a: string, b: string): boolean {
  const [left, right] = [a, b].map((file) => statSync(file, { throwIfNoEntry: false }));
  return left !== undefined && right !== undefined && left.dev === right.dev && left.ino === right.ino;
}
