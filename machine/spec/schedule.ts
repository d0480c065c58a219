/**
 * What a schedule consists of, by which a kernel's harts are made to do the same things in a different order. Times are in nanoseconds of guest time.
 */

/**
 * A hart does not run for a while, as a virtual CPU that its host has descheduled: it is preempted before its first instruction at guest time `at` or
 * later. One that waits then is preempted when it goes on.
 */
export interface Preemption {
  readonly hart: number;
  readonly at: number;
  /** How much guest time passes; `event`: up to the next event of the clock, whatever it is (a timer, a disk that is done), if there is one. */
  readonly for: number | 'event';
}

/**
 * Devices and the other harts see a store late: the hart's first plain store to RAM at guest time `at` or later. They see it after so much guest
 * time, or before that if the hart comes to something that orders it (exec/delayed-stores.ts).
 */
export interface DelayedStore {
  readonly delays: 'store';
  readonly hart: number;
  readonly at: number;
  readonly for: number;
}

export type ScheduleItem = Preemption | DelayedStore;

export function isDelayedStore(item: ScheduleItem): item is DelayedStore {
  return 'delays' in item;
}

/** Preemptions and delayed stores, in any order. */
export type Schedule = readonly ScheduleItem[];
