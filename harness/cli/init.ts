/** `bootgrade init`: a rubric to start from. */

import { lookAt } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { replaceFile } from '../files/write.ts';
import { clean } from '../report/words.ts';
import { STARTER_RUBRIC } from '../rubric/starter.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';

/** Writes the rubric; never over another file. Throws HostError, UsageError. */
export function init(file: string, { out }: Environment): number {
  asUsage(`${file}: cannot write it`, () => {
    if (lookAt(file) !== undefined) throw new UsageError(`${file} exists; name another file`);
    replaceFile(file, STARTER_RUBRIC);
  });
  out(`${clean(file)} is a rubric that works: change it, then: bootgrade rubric check ${clean(file)}\n`);
  return 0;
}
