/** Folders of reports that lie among submissions (`--out class/reports`): they are not submissions, and are recognised by the files in them. */
import { join } from 'node:path';
import { beginningOfOurs } from '../files/ours.ts';
import { listFolder } from '../files/read.ts';
import { bytewise } from './bytewise.ts';

/** Reports, lists of files, journals and blobs all say at their beginning whose they are. */
const MAY_BE_OURS = /\.(json|jsonl|blob)$/;

/** Files that are looked at: a student may hand in any number of them. */
const MOST_LOOKED_AT = 200;

/** Throws HostError, PathError. */
export function holdsReports(folder: string): boolean {
  const names = listFolder(folder).flatMap(({ name, kind }) => (kind === 'file' && name !== null && MAY_BE_OURS.test(name) ? [name] : []));
  const first = names.sort(bytewise).slice(0, MOST_LOOKED_AT);
  return first.some((name) => beginningOfOurs(join(folder, name)) !== undefined);
}
