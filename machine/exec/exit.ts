/** Why the generated code came back to TypeScript. */
export const EXIT = {
  /** No budget left, or an interrupt is pending; pc is the next instruction. */
  budget: 0,
  /** The instruction at pc trapped: cause and tval say how. */
  exception: 1,
  /** The instruction at pc is to be done by the hart (`entry`). */
  system: 2,
  /** The page at pc is not in the TLB's reach: entering again faults, if it does, with the budget counted. */
  refetch: 3,
  /** The encoding at pc, or its use here, is illegal. */
  illegal: 4,
  /** A breakpoint stands at pc (loop-proof.ts); nothing was executed. */
  breakpoint: 5,
} as const;
