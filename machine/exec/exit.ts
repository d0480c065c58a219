/** Why the generated code stopped executing. Those from `interrupt` on it deals with itself (exec/stop.ts); the others are for TypeScript. */
export const EXIT = {
  /** The budget is used up, or TypeScript has to look whether the run goes on; pc is the next instruction. */
  budget: 0,
  /** The instruction at pc is to be done by the hart (`entry`). */
  system: 1,
  /** A breakpoint stands at pc (loop-proof.ts); nothing was executed. */
  breakpoint: 2,
  /** The ECALL at pc is to be answered by the built-in firmware. */
  firmware: 3,
  /** An interrupt has become due; pc is the next instruction. */
  interrupt: 4,
  /** The instruction at pc trapped: cause and tval say how. */
  exception: 5,
  /** The encoding at pc, or its use here, is illegal. */
  illegal: 6,
  ecall: 7,
  ebreak: 8,
  mret: 9,
  sret: 10,
  /** SFENCE.VMA or SINVAL.VMA. */
  fence: 11,
  /** A CSR instruction that writes satp; the slot `csrValue` has the new value. */
  satp: 12,
} as const;
