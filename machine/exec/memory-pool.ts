/**
 * Memories of machines that are not used any more. The system gives a process memory page by page, and clears each page when it is touched for
 * the first time, which is a quarter of the time that a small kernel runs. A machine that follows another one in the same process gets
 * memory that has been touched already. It is all zero again: whoever gives it back has to clear what was stored to.
 */
import { createMemory, memoryBytes } from '../layout/memory-map.ts';

/** A run, and the repeated run that explains it. */
const MOST_MEMORIES = 2;

const free: WebAssembly.Memory[] = [];

/** `after`: as for `createMemory`. */
export function takeMemory(ramBytes: number, harts: number, after: number): WebAssembly.Memory {
  const found = free.findIndex(({ buffer }) => buffer.byteLength === memoryBytes(ramBytes, harts) + after);
  return found < 0 ? createMemory(ramBytes, harts, after) : free.splice(found, 1)[0]!;
}

/** Its bytes are all zero, and nobody uses it any more. The oldest one makes room. */
export function giveBack(memory: WebAssembly.Memory): void {
  if (free.length === MOST_MEMORIES) free.shift();
  free.push(memory);
}
