/** Which files are ours: what we write as JSON says so at its beginning. */
import { readBeginning } from './read.ts';
import { PathError } from './system-error.ts';

/** Bytes in which a file of bootgrade says what it is, and for whom. */
const BEGINNING = 128;

const OURS = /^\s*\{\s*"schema":\s*"bootgrade\//;

/** How the file begins, where it is a regular file and ours; undefined if it is anything else. Throws HostError. */
export function beginningOfOurs(file: string): string | undefined {
  try {
    const text = readBeginning(file, BEGINNING, 'refuse').toString('utf8');
    return OURS.test(text) ? text : undefined;
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}
