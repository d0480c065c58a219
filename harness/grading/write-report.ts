/** Puts reports and evidence in place: replaced whole or not at all, and only where what stands there is ours. */
import { dirname } from 'node:path';
import { asUsage } from '../files/system-error.ts';
import type { Audience } from '../result/result.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Files } from './files.ts';

/**
 * Makes sure that a report can be written to the file: its folder is there, and no file of somebody else's is in the way.
 * `forbidden`: the file must not exist at all, not even one of ours. Returns the beginning of the report that will be replaced. Throws HostError, UsageError.
 */
export function makeRoom(files: Files, file: string, { forbidden = false } = {}): string | undefined {
  makeFolderOf(files, file);
  return asUsage(`--out: cannot read ${file}`, () => {
    if (files.lookAt(file) === undefined) return undefined;
    const ours = files.beginningOfOurs(file);
    if (ours === undefined) throw foreign(file);
    if (forbidden) throw new UsageError(`--out: ${file} is not for students; name another folder`);
    return ours;
  });
}

/** Makes the folder that the file is to lie in. Throws HostError, UsageError. */
export function makeFolderOf(files: Files, file: string): void {
  const folder = dirname(file);
  asUsage(`--out: cannot make the folder ${folder}`, () => files.makeFolder(folder));
}

export function foreign(file: string): UsageError {
  return new UsageError(`--out: ${file} exists and is not a report of ours; move it, or name another folder`);
}

/** As `makeRoom`; refuses as well to put a report for students among those for instructors, or the other way round. */
export function makeRoomForReport(files: Files, file: string, audience: Audience): void {
  const ours = makeRoom(files, file);
  if (ours === undefined) return;
  const [, other = audience] = /"audience": "(\w+)"/.exec(ours) ?? [];
  if (other !== audience) throw new UsageError(`--out: ${file} is a report for ${other}s; name another folder for those for ${audience}s`);
}

/** Writes the file, replacing what stood there. Throws HostError; UsageError if the folder cannot be written. */
export function writeReport(files: Files, file: string, content: string | Iterable<string>): void {
  makeRoom(files, file);
  replaceReport(files, file, content);
}

/** The same where what stands there is known to be ours. Throws HostError, UsageError. */
export function replaceReport(files: Files, file: string, content: string | Iterable<string>): void {
  asUsage(`--out ${file}: cannot write it`, () => files.replace(file, content));
}
