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
import { basename, dirname, join } from 'node:path';
import { closeSync, openSync } from './calls.ts';
import { identityText, isAlive, type ProcessIdentity, parseIdentity, thisProcess } from './process-identity.ts';
import { listFolder } from './read.ts';
import { onHost } from './system-error.ts';
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
  const me = thisProcess();
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
function takeOver(file: string, mine: string, me: ProcessIdentity): string[] {
  const others = locksOf(file).filter(({ path }) => path !== mine);
  const held = others.find(({ holder }) => holder.computer === me.computer && isAlive(holder));
  if (held !== undefined) throw new LockedError(`${file} is being written by process ${held.holder.process} of this computer`);
  for (const { path } of others) removeFile(path);
  return others.filter(({ holder }) => holder.computer !== me.computer).map(({ path }) => path);
}

function lockFile(file: string, holder: ProcessIdentity): string {
  return `${file}.${identityText(holder)}.lock`;
}

const NAME = /^\.([0-9a-f-]+)\.lock$/;

function locksOf(file: string): { path: string; holder: ProcessIdentity }[] {
  const [folder, name] = [dirname(file), basename(file)];
  const names = onHost(`listing ${folder}`, () => listFolder(folder)).map((entry) => entry.name ?? '');
  return names.flatMap((one) => {
    const [, text = ''] = (one.startsWith(name) ? NAME.exec(one.slice(name.length)) : null) ?? [];
    const holder = parseIdentity(text);
    return holder === undefined ? [] : [{ path: join(folder, one), holder }];
  });
}
