/** Puts reports and evidence in place: replaced whole or not at all, and only where what stands there is ours. */
import { closeSync, lstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Audience } from '../grade/result.ts';
import { beginFile, systemReason } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Every file that we write says so at its beginning. */
const OURS = /^\s*\{\s*"schema":\s*"bootgrade\//;

/**
 * Makes sure that a report can be written to the file: its folder is there, and no file of somebody else's is in the way.
 * `forbidden`: that not even one of ours is there. Throws UsageError.
 */
export function makeRoom(file: string, forbidden = false): void {
  makeFolderOf(file);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat !== undefined && !(stat.isFile() && OURS.test(firstBytes(file)))) {
    throw new UsageError(`--out: ${file} exists and is no report of ours; move it, or name another folder`);
  }
  if (stat !== undefined && forbidden) throw new UsageError(`--out: ${file} is not for students; name another folder`);
}

/** Throws UsageError. */
export function makeFolderOf(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: cannot make the folder ${dirname(file)}: ${systemReason(error)}`);
  }
}

/** As `makeRoom`; refuses as well to put a report for students among those for instructors, or the other way round. */
export function makeRoomForReport(file: string, audience: Audience): void {
  makeRoom(file);
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return;
  const [, other = audience] = /"audience": "(\w+)"/.exec(firstBytes(file)) ?? [];
  if (other !== audience) throw new UsageError(`--out: ${file} is a report for ${other}s; name another folder for those for ${audience}s`);
}

function firstBytes(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(128);
    return bytes.toString('utf8', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** Writes the file, replacing what stood there. Throws UsageError where the folder cannot be written. */
export function writeReport(file: string, text: string): void {
  makeRoom(file);
  const pending = beginFile('--out', file);
  try {
    pending.publish(text);
  } finally {
    pending.discard();
  }
}
