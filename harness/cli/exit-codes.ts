/** Exit codes of every command but `run`, which has its own (run-end.ts). */

/** A mistake of the person who typed the command. */
export const BAD_USAGE = 2;

/** This computer failed, or bootgrade did. */
export const OUR_FAULT = 3;
