/** Runs single instructions with given operands, to test what they compute. */
import { Program, type ProgramOptions, type Trap } from './program.ts';

/** Values for the registers that the line reads: a1, a2 and fa1, fa2, fa3. */
export interface Operation {
  readonly line: string;
  readonly x?: readonly bigint[];
  readonly f?: readonly bigint[];
  /** fcsr: rounding mode and flags; 0 if not given. */
  readonly fcsr?: bigint;
}

/** What the instruction left in a0 and fa0 (unsigned), the flags that are raised, and the trap if it took one. */
export interface Outcome {
  readonly a0: bigint;
  readonly fa0: bigint;
  readonly flags: bigint;
  readonly trap: Trap | undefined;
}

export const UNTOUCHED = 0x5a5a_5a5a_5a5a_5a5an;

/** One outcome for each operation; a0 and fa0 are UNTOUCHED if the operation does not write them. */
export function evaluate(operations: readonly Operation[], options: ProgramOptions = {}): Outcome[] {
  const program = new Program(operations.map(({ line }, i) => `at${i}: ${line}`).join('\n'), options);
  const { hart } = program;
  return operations.map(({ x = [], f = [], fcsr = 0n }, i) => {
    program.setX('a0', UNTOUCHED);
    program.setF('fa0', UNTOUCHED);
    x.forEach((value, n) => {
      program.setX(`a${n + 1}`, value);
    });
    f.forEach((value, n) => {
      program.setF(`fa${n + 1}`, value);
    });
    hart.state.set('fflags', fcsr & 31n);
    hart.state.set('frm', fcsr >> 5n);
    hart.floatChanged();
    hart.state.set('pc', program.address(`at${i}`));
    program.run(1);
    return { a0: program.x('a0'), fa0: program.f('fa0'), flags: program.csr('fflags'), trap: program.trap };
  });
}

/** a0 of each. */
export const evaluateIntegers = (operations: readonly Operation[]): bigint[] => evaluate(operations).map(({ a0 }) => a0);
