/**
 * A lock on a file, for as long as a process lives: two processes never write one file at the same time, and a killed process leaves
 * nothing that has to be removed by hand.
 *
 * The lock is an empty file beside the other whose name says who holds it: `<file>.<computer>-<process>-<start>.lock`. A process that
 * wants the file first puts its own lock there, then looks for others; so at least one of two sees the other, and gives up. A lock whose
 * process is gone is removed by whoever finds it: its name is never used again, so nobody can remove a fresh lock by mistake.
 *
 * It protects only against processes of this computer (this boot, this container): whether a process of a different one is alive cannot be
 * found out from here. The lock of such a process is reported, and replaced.
 */
import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { closeSync, openSync, readlinkSync } from './calls.ts';
import { listFolder, readBeginning } from './read.ts';
import { onHost, onPath, PathError } from './system-error.ts';
import { removeFile } from './write.ts';

/** Another process holds the file. The message is a sentence that begins with the file's name. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

export interface Lock {
  /** Locks of other computers that stood there: names of their files. */
  readonly replaced: readonly string[];
  release(): void;
}

interface Holder {
  readonly computer: string;
  readonly process: number;
  /** When the process began, in the system's own unit: numbers of processes are used again. */
  readonly start: string;
}

/** Takes the lock on the file, which need not be there; its folder must. Throws LockedError, HostError. */
export function lock(file: string): Lock {
  for (let tries = 1; ; tries++) {
    try {
      return tryToLock(file);
    } catch (error) {
      if (!(error instanceof LockedError) || tries === MOST_TRIES) throw error;
      pause(Math.random() * LONGEST_PAUSE);
    }
  }
}

/** Two processes that begin at the same moment see each other, and both give up: each then waits, for different lengths of time. */
const MOST_TRIES = 4;
const LONGEST_PAUSE = 200;

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function tryToLock(file: string): Lock {
  const me: Holder = { computer: thisComputer(), process: process.pid, start: onLinux(() => startOf(process.pid)) ?? '0' };
  const mine = lockFile(file, me);
  onHost(`writing ${mine}`, () => closeSync(openSync(mine, 'w')));
  try {
    return { replaced: takeOver(file, mine, me), release: () => removeFile(mine) };
  } catch (error) {
    removeFile(mine);
    throw error;
  }
}

/** Removes other locks whose processes are gone; returns those of other computers. */
function takeOver(file: string, mine: string, me: Holder): string[] {
  const others = locksOf(file).filter(({ path }) => path !== mine);
  const held = others.find(({ holder }) => holder.computer === me.computer && isAlive(holder));
  if (held !== undefined) throw new LockedError(`${file} is being written by process ${held.holder.process} of this computer`);
  for (const { path } of others) removeFile(path);
  return others.filter(({ holder }) => holder.computer !== me.computer).map(({ path }) => path);
}

function lockFile(file: string, { computer, process, start }: Holder): string {
  return `${file}.${computer}-${process}-${start}.lock`;
}

const NAME = /^\.([0-9a-f]{8})-(\d{1,10})-(\d{1,20})\.lock$/;

function locksOf(file: string): { path: string; holder: Holder }[] {
  const [folder, name] = [dirname(file), basename(file)];
  const names = onHost(`listing ${folder}`, () => listFolder(folder)).map((entry) => entry.name ?? '');
  return names.flatMap((one) => {
    const [, computer, process, start] = (one.startsWith(name) ? NAME.exec(one.slice(name.length)) : null) ?? [];
    if (computer === undefined || process === undefined || start === undefined) return [];
    return [{ path: join(folder, one), holder: { computer, process: Number(process), start } }];
  });
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

/** If it cannot be found out, the process counts as alive. */
function isAlive({ process, start }: Holder): boolean {
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
