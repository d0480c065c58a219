/**
 * Faults on purpose: what a device does other than it should with certain requests, so that it can be seen how a driver takes it.
 *
 * A plan is asked once for each request, in the order of their notifies; a device without one never asks. A request that breaks the
 * device is counted, but has nothing done to it. Left out: faults of registers and of configuration space.
 */
import type { Fault } from '../spec/fault.ts';

export interface PlannedFault {
  /** The header's type; undefined: of any. */
  readonly type: number | undefined;
  /** Which of these requests, from 1 for the first since power-on. */
  readonly nth: number;
  readonly fault: Fault;
}

/** Guest nanoseconds that a request waits for another to overtake it: a driver that makes one at a time would wait for ever. */
export const AFTER_NEXT_LIMIT = 1_000_000;

export class FaultPlan {
  readonly #planned: readonly PlannedFault[];
  /** Requests of each planned fault's type until now. */
  readonly #seen: number[];

  constructor(planned: readonly PlannedFault[]) {
    this.#planned = planned;
    this.#seen = planned.map(() => 0);
  }

  save(): readonly number[] {
    return this.#seen;
  }

  restore(seen: readonly number[]): void {
    seen.forEach((times, n) => {
      this.#seen[n] = times;
    });
  }

  /** What is to happen to the next request; of several faults, the first in the plan. `type`: undefined where the header is not whole. */
  next(type: number | undefined): Fault | undefined {
    let found: Fault | undefined;
    this.#planned.forEach((planned, n) => {
      if (planned.type !== undefined && planned.type !== type) return;
      this.#seen[n]! += 1;
      if (this.#seen[n] === planned.nth) found ??= planned.fault;
    });
    return found;
  }
}

/** Guest nanoseconds that a request takes longer than usual. */
export function delayOf(fault: Fault | undefined): number {
  if (fault?.kind === 'late') return fault.nanoseconds;
  return fault?.kind === 'after-next' ? AFTER_NEXT_LIMIT : 0;
}

/** A piece of an answer as the driver gets it; it begins at byte `at` of the answer. The piece itself stays as it is: it may be the disk's. */
export function altered(piece: Uint8Array, at: number, fault: Fault | undefined): Uint8Array {
  if (fault?.kind !== 'data' || at >= fault.bytes.length) return piece;
  const copy = piece.slice();
  copy.set(fault.bytes.subarray(at, Math.min(at + piece.length, fault.bytes.length)));
  return copy;
}
