/**
 * Who may read a counter: M mode always, other modes if the registers have the counter's bit set.
 * Reference: RISC-V Privileged Architecture, "Machine Counter-Enable Register", "Supervisor Counter-Enable Register".
 */

import type { Slot } from '../layout/slots.ts';
import { PRIVILEGE } from '../spec/riscv.ts';

/** For each privilege mode, the registers that must have the bit set. */
export const COUNTER_ENABLES: readonly (readonly [privilege: number, registers: readonly Slot[]])[] = [
  [PRIVILEGE.machine, []],
  [PRIVILEGE.supervisor, ['mcounteren']],
  [PRIVILEGE.user, ['mcounteren', 'scounteren']],
];

/** Bits of these registers. */
export const COUNTER = { cycle: 0, time: 1, instret: 2 } as const;
