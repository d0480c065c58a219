/** Work that generated code does and counts in slots of its own, since it calls nothing for it (work-meter.ts). */

import type { HartState } from '../layout/state.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';

/** Each slot, and what it counts. */
const COUNTED = [
  ['slowAccesses', WORK['slow-accesses']],
  ['slowFetches', WORK['slow-fetches']],
  ['codeStores', WORK['code-stores']],
  ['generatedFlushes', WORK.flushes],
  ['refreshes', WORK['context-changes']],
] as const;

/** Tells the meter what was counted since it was told last. */
export function countGeneratedWork(state: HartState, work: WorkMeter): void {
  for (const [slot, kind] of COUNTED) {
    const times = state.small(slot);
    if (times === 0) continue;
    work.add(kind, times);
    state.setSmall(slot, 0);
  }
}
