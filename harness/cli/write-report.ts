/** Puts reports and evidence in place: replaced whole or not at all, and only where what stands there is ours. */
import { dirname } from 'node:path';
import { asUsage, makeFolderFor } from '../files/named.ts';
import { beginningOfOurs } from '../files/ours.ts';
import { lookAt } from '../files/read.ts';
import { type Content, replaceFile } from '../files/write.ts';
import type { Audience } from '../grade/result.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

/**
 * Makes sure that a report can be written to the file: its folder is there, and no file of somebody else's is in the way.
 * `forbidden`: that not even one of ours is there. Returns how the report begins that it will replace. Throws HostError, UsageError.
 */
export function makeRoom(file: string, forbidden = false): string | undefined {
  makeFolderFor('--out', dirname(file));
  return asUsage(`--out: cannot read ${file}`, () => {
    if (lookAt(file) === undefined) return undefined;
    const ours = beginningOfOurs(file);
    if (ours === undefined) throw foreign(file);
    if (forbidden) throw new UsageError(`--out: ${file} is not for students; name another folder`);
    return ours;
  });
}

export function foreign(file: string): UsageError {
  return new UsageError(`--out: ${file} exists and is no report of ours; move it, or name another folder`);
}

/** As `makeRoom`; refuses as well to put a report for students among those for instructors, or the other way round. */
export function makeRoomForReport(file: string, audience: Audience): void {
  const ours = makeRoom(file);
  if (ours === undefined) return;
  const [, other = audience] = /"audience": "(\w+)"/.exec(ours) ?? [];
  if (other !== audience) throw new UsageError(`--out: ${file} is a report for ${other}s; name another folder for those for ${audience}s`);
}

/** Writes the file, replacing what stood there. Throws HostError; UsageError where the folder cannot be written. */
export function writeReport(file: string, content: Content): void {
  makeRoom(file);
  replaceReport(file, content);
}

/** The same where what stands there is known to be ours. Throws HostError, UsageError. */
export function replaceReport(file: string, content: Content): void {
  asUsage(`--out ${file}: cannot write it`, () => replaceFile(file, content));
}
