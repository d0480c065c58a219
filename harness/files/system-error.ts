/**
 * Whose fault it is when the system refuses a call on a file: one table for all of the harness.
 *
 * What lies at the path can be at fault (there is nothing, it is a folder): then the person who named it or handed it in is responsible.
 * Or this computer is (a disk that fails, too many open files, no permission): then there is no grade.
 */
import { constants } from 'node:os';
import { UsageError } from '../vocabulary/usage-error.ts';

/** This computer failed: the fault of neither user, student nor guest. One line, exit code 3. */
export class HostError extends Error {
  override readonly name = 'HostError';
  /** Why, in words that name nothing of this computer: "no space is left". */
  readonly reason: string;

  constructor(message: string, reason = message) {
    super(message);
    this.reason = reason;
  }
}

function failed(what: string, reason: string): HostError {
  return new HostError(`${what} failed: ${reason}`, reason);
}

/** What lies at the path cannot be used. The message is the end of a sentence: "no such file". */
export class PathError extends Error {
  override readonly name = 'PathError';
  /** The system's code, such as `ENOENT`; or one of those of `NOT_WHAT_IS_WANTED`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Whose = 'path' | 'host';

/**
 * A file that may not be read was put there without the permission when the submissions were collected, and not by the student: so
 * permissions are this computer's fault. So is a code that is not in the table: no grade is better than a wrong one.
 */
const REFUSALS: Readonly<Record<string, readonly [Whose, string]>> = {
  ENOENT: ['path', 'no such file'],
  ENOTDIR: ['path', 'a part of its path is not a folder'],
  EISDIR: ['path', 'it is a folder'],
  EEXIST: ['path', 'a file of that name is there'],
  ELOOP: ['path', 'it is a symbolic link that leads nowhere'],
  ENAMETOOLONG: ['path', 'its name is too long'],
  ENXIO: ['path', 'it is a socket, or a pipe that nobody reads'],
  ENODEV: ['path', 'it is a device that is not there'],
  ENOTEMPTY: ['path', 'it is a folder that is not empty'],
  EINVAL: ['path', 'it is not a file that can be used like this'],
  ERR_FS_EISDIR: ['path', 'it is a folder'],
  ERR_INVALID_ARG_VALUE: ['path', 'its name holds a NUL'],
  EACCES: ['host', 'permission denied'],
  EPERM: ['host', 'permission denied'],
  EROFS: ['host', 'the file system is read-only'],
  EIO: ['host', 'input or output error'],
  EMFILE: ['host', 'this process has too many files open'],
  ENFILE: ['host', 'this computer has too many files open'],
  EAGAIN: ['host', 'this computer has no room for it at the moment'],
  ENOMEM: ['host', 'this computer is out of memory'],
  ENOSPC: ['host', 'no space is left'],
  EDQUOT: ['host', 'the disk quota is used up'],
  ESTALE: ['host', 'the file server no longer knows it'],
  EPIPE: ['host', 'nobody reads it any more'],
  EINTR: ['host', 'the call was interrupted again and again'],
};

/** Node knows no names for some numbers, such as ESTALE and EDQUOT: then the code is a sentence. */
function nameOf({ code, errno }: NodeJS.ErrnoException): string | undefined {
  const [name] = Object.entries(constants.errno).find(([, number]) => number === -(errno ?? 0)) ?? [];
  return code?.startsWith('Unknown system error') ? (name ?? code) : code;
}

/** V8's message if there is no memory: the only difference from the error for a wrong length. */
const NO_MEMORY = /^(Array buffer allocation failed|WebAssembly\.Memory\(\): could not allocate memory)$/;

function codeOf(error: unknown): string | undefined {
  if (error instanceof RangeError && NO_MEMORY.test(error.message)) return 'ENOMEM';
  const code = error instanceof Error ? nameOf(error) : undefined;
  if (typeof code !== 'string') return undefined;
  // Codes of Node's own that are not in the table are about a wrong call.
  return code in REFUSALS || !code.startsWith('ERR_') ? code : undefined;
}

/** Why the system refused, in words. Anything but a system error is a bug and is thrown on. */
export function systemReason(error: unknown): string {
  if (error instanceof PathError) return error.message;
  const code = codeOf(error);
  if (code === undefined) throw error;
  return REFUSALS[code]?.[1] ?? code;
}

/** Whether the error is a refusal by the system that is this computer's fault. */
export function isHostFault(error: unknown): boolean {
  const code = error instanceof PathError ? undefined : codeOf(error);
  return code !== undefined && REFUSALS[code]?.[0] !== 'path';
}

/** The code of a refusal for which the path is at fault; undefined for any other error. */
export function pathCode(error: unknown): string | undefined {
  if (error instanceof PathError) return error.code;
  const code = codeOf(error);
  return code !== undefined && REFUSALS[code]?.[0] === 'path' ? code : undefined;
}

/**
 * Does what the system may refuse on a path that somebody else chose; `what` begins HostError's sentence: "reading the rubric x".
 * Throws HostError, PathError.
 */
export function onPath<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof HostError || error instanceof PathError) throw error;
    const code = pathCode(error);
    if (code !== undefined) throw new PathError(code, systemReason(error));
    throw failed(what, systemReason(error));
  }
}

/** Does what the system may refuse on a file of our own: whatever the reason is, this computer failed. Throws HostError. */
export function onHost<Result>(what: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof HostError) throw error;
    throw failed(what, systemReason(error));
  }
}

/** Does what the path that the user named may not allow; `sentence` ends with why: "cannot read the rubric x". Throws HostError, UsageError. */
export function asUsage<Result>(sentence: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof PathError) throw new UsageError(`${sentence}: ${systemReason(error)}`);
    throw error;
  }
}
