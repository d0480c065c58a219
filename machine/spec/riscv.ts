/**
 * Trap causes. Reference: RISC-V Privileged Architecture, table "Machine cause register (mcause) values after trap".
 */
export const EXCEPTION = {
  instructionMisaligned: 0,
  instructionAccess: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  ecallFromU: 8,
  ecallFromS: 9,
  ecallFromM: 11,
  instructionPage: 12,
  loadPage: 13,
  storePage: 15,
} as const;

export type Exception = (typeof EXCEPTION)[keyof typeof EXCEPTION];

/** Interrupt numbers: bits of mip and mie. */
export const INTERRUPT = {
  supervisorSoftware: 1,
  machineSoftware: 3,
  supervisorTimer: 5,
  machineTimer: 7,
  supervisorExternal: 9,
  machineExternal: 11,
} as const;

/** Highest first (Privileged Architecture, "Machine Interrupt Registers"). */
export const INTERRUPT_PRIORITY: readonly number[] = [11, 3, 7, 9, 1, 5];

export const PRIVILEGE = { user: 0, supervisor: 1, machine: 3 } as const;
