/** A folder of reports while a grading writes to it: a second one with the same journal is refused. */
import { dirname } from 'node:path';
import { LockedError, lock } from '../files/lock.ts';
import { makeFolderFor } from '../files/named.ts';
import { clean } from '../report/words.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';

/** Does the work while no other process can do the same with the journal. Throws HostError, UsageError. */
export async function whileLocked<Result>(journal: string, environment: Environment, work: () => Promise<Result>): Promise<Result> {
  makeFolderFor('--out', dirname(journal));
  const { replaced, release } = lockOf(journal);
  try {
    for (const file of replaced) {
      environment.err(`bootgrade: ${clean(file)} was another computer's, or from before this one was started: replaced\n`);
    }
    return await work();
  } finally {
    release();
  }
}

function lockOf(journal: string) {
  try {
    return lock(journal);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new UsageError(`--out: ${error.message}; wait for it, or name another folder`);
  }
}
