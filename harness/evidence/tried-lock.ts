/** The lock that a hart tries to take in the end, as far as its loop tells: an atomic instruction reads it, and it stays taken. */
import type { HartAtEnd } from './evidence.ts';
import type { LoopLoadEvidence } from './loop.ts';

export function triedLock({ activity, loop }: HartAtEnd): LoopLoadEvidence | undefined {
  const load = loop?.loads[0];
  if (activity !== 'runs' || load === undefined || !load.decides || BigInt(load.value) === 0n) return undefined;
  return /^(?:amoswap|lr)/.test(loop?.instructions.find(({ pc }) => pc === load.pc)?.text ?? '') ? load : undefined;
}
