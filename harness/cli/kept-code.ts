/** Where a build keeps the code that V8 made of what it built, and how that is read. */
import { readFileSync } from '../files/calls.ts';

/**
 * The file with the code that V8 of this Node made of a file. The package has none: nobody knows which Node will run it. V8 takes no code
 * that was made under different options, and a worker has options (batch/worker-process.ts), so there are two files.
 */
export function codeFileOf(file: string): string {
  const kind = process.execArgv.length === 0 ? '' : '.worker';
  return `${file}.${process.version}-${process.platform}-${process.arch}${kind}.cache`;
}

/** Undefined where there is none. */
export function keptCodeOf(file: string): Buffer | undefined {
  try {
    return readFileSync(codeFileOf(file));
  } catch {
    return undefined;
  }
}
