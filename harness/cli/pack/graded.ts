/** One submission, graded on a platform: the file that the platform reads. */
import { join } from 'node:path';
import { listFolder, readRegular } from '../../files/read.ts';
import { asUsage } from '../../files/system-error.ts';
import type { FormatName } from '../../report/index.ts';
import { MOST_BYTES } from '../../vocabulary/most-bytes.ts';
import type { Place } from './platform.ts';

export interface Graded {
  readonly code: number;
  /** null: grading has ended before there was a file. */
  readonly text: string | null;
}

/** `options`: further ones of `grade`. Throws what the command throws. */
export async function graded(
  { root, rubric, command }: Place,
  submission: string,
  format: FormatName,
  options: readonly string[],
): Promise<Graded> {
  const out = join(root, 'reports');
  const code = await command(['grade', '--single', '--report', format, '--out', out, ...options, '--', rubric, submission]);
  return asUsage(`cannot read ${out}`, () => {
    const file = listFolder(out).find(({ name }) => name?.endsWith(`.${format}.json`))?.name;
    return { code, text: file == null ? null : readRegular(join(out, file), MOST_BYTES.report).toString('utf8') };
  });
}
