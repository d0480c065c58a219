/** A folder of reports while a grading writes to it: a second one with the same journal is refused. */
import { LockedError } from '../files/lock.ts';
import { clean } from '../report/words.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Files } from './files.ts';
import type { Ports } from './ports.ts';
import { makeFolderOf } from './write-report.ts';

/** Does the work while no other process can do the same with the journal. Throws HostError, UsageError. */
export async function whileLocked<Result>(
  journal: string,
  { files, progress }: Pick<Ports, 'files' | 'progress'>,
  work: () => Promise<Result>,
): Promise<Result> {
  makeFolderOf(files, journal);
  const { replaced, release } = lockOf(files, journal);
  try {
    for (const file of replaced)
      progress.note(`${clean(file)} is replaced: it was a lock of another computer, or from before this one was started`);
    return await work();
  } finally {
    release();
  }
}

function lockOf(files: Files, journal: string) {
  try {
    return files.lock(journal);
  } catch (error) {
    if (!(error instanceof LockedError)) throw error;
    throw new UsageError(`--out: ${error.message}; wait for it, or name another folder`);
  }
}
