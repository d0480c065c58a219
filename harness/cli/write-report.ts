/** Puts reports and evidence in place: replaced whole or not at all, and only where what stands there is ours. */
import { closeSync, lstatSync, mkdirSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { beginFile, systemReason } from './files.ts';
import { UsageError } from './usage-error.ts';

/** Every file that we write says so at its beginning. */
const OURS = /^\s*\{\s*"schema":\s*"bootgrade\//;

/** Makes sure that a report can be written to the file: its folder is there, and no file of somebody else's is in the way. Throws UsageError. */
export function makeRoom(file: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: cannot make the folder ${dirname(file)}: ${systemReason(error)}`);
  }
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat !== undefined && !(stat.isFile() && OURS.test(firstBytes(file)))) {
    throw new UsageError(`--out: ${file} exists and is no report of ours; move it, or name another folder`);
  }
}

function firstBytes(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(64);
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
