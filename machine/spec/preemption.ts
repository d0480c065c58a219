/** A hart that does not run for a while, as a virtual CPU that its host has descheduled. A list of such preemptions is a schedule. */

/** The hart is preempted before its first instruction at guest time `at` or later. One that waits then is preempted when it goes on. */
export interface Preemption {
  readonly hart: number;
  readonly at: number;
  /** How much guest time passes; `event`: up to the next event of the clock, whatever it is (a timer, a disk that is done), if there is one. */
  readonly for: number | 'event';
}
