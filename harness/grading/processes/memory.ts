/** The memory that a machine leaves when its run is over, as much as its kernel has touched. V8 does not free it at once. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that a process occupies which has run small kernels, and has nothing to give back. */
const USUAL = 256 * 2 ** 20;

let collect: (() => void) | undefined;

/** Frees memory that is not used any more, if it may be much; returns the bytes that this process occupies afterwards. */
export function giveMemoryBack(): number {
  const before = process.memoryUsage.rss();
  if (before < USUAL) return before;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  return process.memoryUsage.rss();
}
