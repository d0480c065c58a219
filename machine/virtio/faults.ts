/**
 * Faults on purpose: what a device does wrong with certain requests, so that one can see how a driver copes with it.
 *
 * The device asks its plan, if it has one, once for each request, in the order of their notifies. A request that breaks the device is
 * counted, but gets no fault. Left out: faults of registers and of configuration space.
 */
import type { Fault } from '../spec/fault.ts';
import type { Waits } from './flights.ts';

export interface PlannedFault {
  /** The type in the request's header; undefined for any type. */
  readonly type: number | undefined;
  /** Which of the requests of this type: 1 is the first since power-on. */
  readonly nth: number;
  readonly fault: Fault;
}

/**
 * Guest nanoseconds that a request waits for the next one, to complete after it or together with it. Without a limit, a driver that makes one request at a time would
 * wait for ever.
 */
export const AFTER_NEXT_LIMIT = 1_000_000;

export class FaultPlan {
  #planned: readonly PlannedFault[];
  /** For each planned fault, how many requests of its type there have been. */
  #seen: number[];

  constructor(planned: readonly PlannedFault[]) {
    this.#planned = planned;
    this.#seen = planned.map(() => 0);
  }

  /** Plans other faults, whose requests are counted from now on. */
  replace(planned: readonly PlannedFault[]): void {
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

  /** The fault for the next request; if there are several, the first in the plan. `type` is undefined if the header is not whole. */
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
  return fault?.kind === 'after-next' || fault?.kind === 'interrupt-joined' ? AFTER_NEXT_LIMIT : 0;
}

/** Whether a request waits for the next one. */
export function waitsOf(fault: Fault | undefined): Waits {
  if (fault?.kind === 'after-next') return 'after-next';
  return fault?.kind === 'interrupt-joined' ? 'before-next' : undefined;
}

/** A piece of an answer as the driver gets it; `at` is its offset in the answer. The given array is not changed: it may belong to the disk. */
export function altered(piece: Uint8Array, at: number, fault: Fault | undefined): Uint8Array {
  if (fault?.kind !== 'data' || at >= fault.bytes.length) return piece;
  const copy = piece.slice();
  copy.set(fault.bytes.subarray(at, Math.min(at + piece.length, fault.bytes.length)));
  return copy;
}
