/**
 * Floating-point operations that the generated code hands over: takes operands from the registers, computes with the soft float, and writes
 * result and flags back.
 * Reference: RISC-V Unprivileged ISA, "F" extension, "Floating-Point Control and Status Register".
 */
import { readEntry } from '../exec/operations.ts';
import { binary32, binary64, boxBinary32, operate, type RoundingMode, unboxBinary32 } from '../float/index.ts';
import type { SoftOperation } from '../isa/instruction.ts';
import type { HartState } from '../layout/state.ts';
import { STATUS } from '../spec/riscv.ts';

const DYNAMIC = 7;
const FORMAT = { s: binary32, d: binary64 } as const;

export class FloatUnit {
  readonly #state: HartState;
  readonly #operations: readonly SoftOperation[];
  readonly #changed: () => void;

  /** @param changed called after fflags has changed */
  constructor(state: HartState, operations: readonly SoftOperation[], changed: () => void) {
    this.#state = state;
    this.#operations = operations;
    this.#changed = changed;
  }

  /** Does operation `number` with the entry's operands; 1 if its rounding mode is reserved, which makes the instruction illegal. */
  execute(number: number, at: number): number {
    const row = this.#operations[number]!;
    const entry = readEntry(this.#state.view, at);
    const mode = entry.rm === DYNAMIC ? Number(this.#state.get('frm')) : entry.rm;
    if (row.rounds && mode > 4) return 1;
    const source = row.sourceFormat ?? row.format;
    const operand = (name: SoftOperation['sources'][number] | undefined): bigint => {
      if (name === undefined) return 0n;
      if (name === 'x') return this.#state.x(entry.rs1);
      const bits = this.#state.f(entry[name]);
      return source === 's' ? unboxBinary32(bits) : bits;
    };
    const [a, b, c] = row.sources;
    const { bits, flags } = operate(
      row.operation,
      FORMAT[row.format],
      (row.rounds ? mode : 0) as RoundingMode,
      operand(a),
      operand(b),
      operand(c),
    );
    this.#finish(row, entry.rd, bits, BigInt(flags));
    return 0;
  }

  #finish(row: SoftOperation, rd: number, bits: bigint, flags: bigint): void {
    if (row.result === 'x') this.#state.setX(rd, bits);
    else this.#state.setF(rd, row.result === 's' ? boxBinary32(bits) : bits);
    const before = this.#state.get('fflags');
    if (row.result !== 'x' || (before | flags) !== before) this.#state.set('mstatus', this.#state.get('mstatus') | STATUS.FS | STATUS.SD);
    if ((before | flags) === before) return;
    this.#state.set('fflags', before | flags);
    this.#changed();
  }
}
