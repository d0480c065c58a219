/**
 * Zbc: carry-less multiplication. Reference: RISC-V Unprivileged ISA, "B" extension: `clmul` is the low half of the 127-bit
 * product, `clmulh` the high one, `clmulr` bits 126 to 63.
 */
import { after, branchIf, type I64, i64, label, loop } from '../wasm/code.ts';
import { OPCODE, register } from './define.ts';
import type { Instruction, Semantics } from './instruction.ts';

const op = register('zbc', OPCODE.OP);

/** The sum, without carries, of `step(a, i)` over the bits i from `first` to 63 that are set in b. */
const multiply =
  (first: number, step: (a: I64, i: I64) => I64) =>
  (a: I64, b: I64, s: Semantics): I64 => {
    const [x, y, i, sum] = [s.temp('i64'), s.temp('i64'), s.temp('i64'), s.temp('i64')];
    const next = label('next bit');
    const bit = i64.and(i64.shrU(y, i), i64.const(1));
    return after(
      [
        x.set(a),
        y.set(b),
        i.set(i64.const(first)),
        sum.set(i64.const(0)),
        loop(
          next,
          sum.set(i64.xor(sum, i64.mul(step(x, i), bit))),
          i.set(i64.add(i, i64.const(1))),
          branchIf(i64.ltU(i, i64.const(64)), next),
        ),
      ],
      sum,
    );
  };

export const ZBC: readonly Instruction[] = [
  op('clmul', 0x05, 1, multiply(0, i64.shl)),
  op(
    'clmulh',
    0x05,
    3,
    multiply(1, (a, i) => i64.shrU(a, i64.sub(i64.const(64), i))),
  ),
  op(
    'clmulr',
    0x05,
    2,
    multiply(0, (a, i) => i64.shrU(a, i64.sub(i64.const(63), i))),
  ),
];
