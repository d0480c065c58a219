/** Work that generated code does and counts in slots, since it does not call the meter (work-meter.ts). */

import type { HartState } from '../layout/state.ts';
import { WORK, type WorkDone, type WorkMeter } from '../work-meter.ts';

/** The slots, and the kind of work that each counts. */
export const COUNTED = [
  ['slowAccesses', WORK['slow-accesses']],
  ['slowFetches', WORK['slow-fetches']],
  ['codeStores', WORK['code-stores']],
  ['generatedFlushes', WORK.flushes],
  ['refreshes', WORK['context-changes']],
  ['traps', WORK.traps],
  ['returns', WORK.returns],
  ['softFloat', WORK['soft-float']],
  ['reached', WORK['watched-calls']],
  ['decodings', WORK.decodings],
] as const;

/** What was done, with what generated code has counted and the meter has not been told yet. */
export function workDone(state: HartState, work: WorkMeter): WorkDone {
  return work.done(COUNTED.map(([slot, kind]) => [kind, state.small(slot)]));
}

/** Adds to the meter what was counted since the last call. */
export function countGeneratedWork(state: HartState, work: WorkMeter): void {
  for (const [slot, kind] of COUNTED) {
    const times = state.small(slot);
    if (times === 0) continue;
    work.add(kind, times);
    state.setSmall(slot, 0);
  }
}
