/** Bounds on what a run may do, which reports name as well. This file imports nothing, since the machine and evidence use it. */

/**
 * So many interrupts in a row end a run: each is taken where the handler of the one before has returned, so the code that they interrupt gets
 * no further. (A kernel that has slept through its ticks and catches up takes some thousands in a row.)
 */
export const MOST_INTERRUPTS_IN_A_ROW = 250_000;

/**
 * So many exceptions without one return from a trap end a run: its trap handler faults itself, and each time on a stack (say) that has only
 * moved on. No user program runs in between, since it takes a return to start one.
 */
export const MOST_EXCEPTIONS_IN_A_ROW = 250_000;
