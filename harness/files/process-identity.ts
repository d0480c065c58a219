/** Which process this is, in a name that no other process ever has; and whether the process with such a name still lives. */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { readlinkSync } from './calls.ts';
import { readBeginning } from './read.ts';
import { onPath, PathError } from './system-error.ts';

export interface ProcessIdentity {
  readonly computer: string;
  readonly process: number;
  /** When the process began, in the system's own unit: numbers of processes are used again. */
  readonly start: string;
}

/** Throws HostError. */
export function thisProcess(): ProcessIdentity {
  return { computer: thisComputer(), process: process.pid, start: onLinux(() => startOf(process.pid)) ?? '0' };
}

/** As a part of a file's name. */
export function identityText({ computer, process, start }: ProcessIdentity): string {
  return `${computer}-${process}-${start}`;
}

const TEXT = /^([0-9a-f]{8})-(\d{1,10})-(\d{1,20})$/;

/** undefined if the text is not one of identityText. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [, computer, process, start] = TEXT.exec(text) ?? [];
  if (computer === undefined || process === undefined || start === undefined) return undefined;
  return { computer, process: Number(process), start };
}

/** A short name for the place in which process numbers are unique: on Linux, one namespace of processes of one boot. */
function thisComputer(): string {
  return createHash('sha256').update(bootAndNamespace()).digest('hex').slice(0, 8);
}

function bootAndNamespace(): string {
  const boot = onLinux(() => readSystem('/proc/sys/kernel/random/boot_id'));
  const namespace = onLinux(() => readlinkSync('/proc/self/ns/pid'));
  return `${hostname()} ${boot} ${namespace}`;
}

/** undefined if there is no such file. Throws HostError: a wrong name here would make the lock look like that of a different computer. */
function onLinux(read: () => string): string | undefined {
  try {
    return onPath('looking at this process', read);
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

/** Of a process of this computer. If it cannot be found out, it counts as alive. */
export function isAlive({ process, start }: ProcessIdentity): boolean {
  if (!exists(process)) return false;
  try {
    return (onLinux(() => startOf(process)) ?? start) === start;
  } catch {
    return true;
  }
}

function exists(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    // It may be somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

const [STATE, START] = [0, 19];

/** Reference: proc(5), /proc/pid/stat; the fields after the name, which may hold anything. Throws HostError, PathError. */
function startOf(process: number): string {
  const status = readSystem(`/proc/${process}/stat`);
  const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
  return ENDED.includes(fields[STATE] ?? '') ? 'ended' : fields[START]!;
}

/** A process that has ended, but whose parent has not yet asked for its exit code (a zombie). */
const ENDED = ['Z', 'X', 'x'];

function readSystem(file: string): string {
  return readBeginning(file, MOST_BYTES.system).toString('latin1');
}
