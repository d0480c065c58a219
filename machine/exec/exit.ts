/** Why the generated code returned to TypeScript. */
export const EXIT = {
  /** The budget is used up, or an interrupt is pending; pc is the next instruction. */
  budget: 0,
  /** The instruction at pc trapped: cause and tval say how. */
  exception: 1,
  /** The instruction at pc is to be done by the hart (`entry`). */
  system: 2,
  /** pc's page could not be fetched. Run again: if it still faults, the exception is charged to the budget. */
  refetch: 3,
  /** The encoding at pc, or its use here, is illegal. */
  illegal: 4,
  /** A breakpoint stands at pc (loop-proof.ts); nothing was executed. */
  breakpoint: 5,
} as const;
