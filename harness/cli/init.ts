/** `bootgrade init`: a rubric to start from. */
import { writeFileSync } from 'node:fs';
import { clean } from '../report/words.ts';
import { STARTER_RUBRIC } from '../rubric/starter.ts';
import type { Environment } from './environment.ts';
import { systemReason } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Writes the rubric; never over another file. Throws UsageError. */
export function init(file: string, { out }: Environment): number {
  try {
    writeFileSync(file, STARTER_RUBRIC, { flag: 'wx', flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new UsageError(`${file} exists; name another file`);
    throw new UsageError(`${file}: cannot write it: ${systemReason(error)}`);
  }
  out(`${clean(file)} is a rubric that works: change it, then: bootgrade rubric check ${clean(file)}\n`);
  return 0;
}
