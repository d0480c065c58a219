/** Names of registers and rounding modes in assembly. Reference: RISC-V ABIs, "Register Convention"; F extension, "rm". */
const numbered = (prefix: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${prefix}${from + i}`);

export const INTEGER_REGISTERS: readonly string[] = [
  ...['zero', 'ra', 'sp', 'gp', 'tp'],
  ...numbered('t', 0, 2),
  ...numbered('s', 0, 1),
  ...numbered('a', 0, 7),
  ...numbered('s', 2, 11),
  ...numbered('t', 3, 6),
];

export const FLOAT_REGISTERS: readonly string[] = [
  ...numbered('ft', 0, 7),
  ...numbered('fs', 0, 1),
  ...numbered('fa', 0, 7),
  ...numbered('fs', 2, 11),
  ...numbered('ft', 8, 11),
];

/** By the rm field. 5 and 6 are reserved; an instruction that is written without a mode has `dyn`. */
export const ROUNDING_MODES = ['rne', 'rtz', 'rdn', 'rup', 'rmm', 'rm5', 'rm6', 'dyn'] as const;
export const DYNAMIC_ROUNDING = 7;

/** By the two ordering bits of A's instructions: bit 0 is rl, bit 1 is aq. */
export const ORDERINGS = ['', '.rl', '.aq', '.aqrl'] as const;

/** Bits of a fence's set, the highest first. */
export const FENCE_SET = 'iorw';
