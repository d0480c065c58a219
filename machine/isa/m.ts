/**
 * M: multiplication and division.
 * Reference: RISC-V Unprivileged ISA, "M" extension; division by zero and overflow give results and never trap.
 */
import { after, choose, type I32, type I64, i32, i64, type Local } from '../wasm/code.ts';
import { OPCODE, register, word, zeroWord } from './define.ts';
import type { Instruction, Semantics } from './instruction.ts';

const op = register('m', OPCODE.OP);
const opW = register('m', OPCODE.OP_32);
const MIN = i64.const(-(2n ** 63n));
const MIN_WORD = i64.const(-(2n ** 31n));

function keep(
  s: Semantics,
  a: I64,
  b: I64,
): { x: Local<'i64'>; y: Local<'i64'>; set: [ReturnType<Local<'i64'>['set']>, ReturnType<Local<'i64'>['set']>] } {
  const x = s.temp('i64');
  const y = s.temp('i64');
  return { x, y, set: [x.set(a), y.set(b)] };
}

/** High 64 bits of the unsigned product, from 32-bit halves. */
function mulhu(a: I64, b: I64, s: Semantics): I64 {
  const { x, y, set } = keep(s, a, b);
  const low = s.temp('i64');
  const middle = s.temp('i64');
  const high32 = (v: I64) => i64.shrU(v, i64.const(32));
  return after(
    [
      ...set,
      low.set(i64.mul(zeroWord(x), zeroWord(y))),
      middle.set(i64.add(i64.mul(high32(x), zeroWord(y)), high32(low))),
      low.set(i64.add(i64.mul(zeroWord(x), high32(y)), zeroWord(middle))),
    ],
    i64.add(i64.add(i64.mul(high32(x), high32(y)), high32(middle)), high32(low)),
  );
}

/** As an unsigned number, a negative factor is 2^64 too large; so the other factor is subtracted from the high half. */
const correction = (sign: I64, other: I64): I64 => i64.and(i64.shrS(sign, i64.const(63)), other);

function mulh(a: I64, b: I64, s: Semantics): I64 {
  return i64.sub(i64.sub(mulhu(a, b, s), correction(a, b)), correction(b, a));
}

const mulhsu = (a: I64, b: I64, s: Semantics): I64 => i64.sub(mulhu(a, b, s), correction(a, b));

type Divide = (a: I64, b: I64) => I64;

/** `least / -1` traps in WebAssembly. In RISC-V the quotient is the dividend, and the remainder is 0. */
const signed =
  (divide: Divide, byZero: (x: I64) => I64, onOverflow: (x: I64) => I64, least: I64): Parameters<typeof op>[3] =>
  (a, b, s) => {
    const { x, y, set } = keep(s, a, b);
    const overflows: I32 = i32.and(i64.eq(y, i64.const(-1)), i64.eq(x, least));
    return after(set, choose(i64.eqz(y), byZero(x), choose(overflows, onOverflow(x), divide(x, y))));
  };

const unsigned =
  (divide: Divide, byZero: (x: I64) => I64): Parameters<typeof op>[3] =>
  (a, b, s) => {
    const { x, y, set } = keep(s, a, b);
    return after(set, choose(i64.eqz(y), byZero(x), divide(x, y)));
  };

const onWords =
  (extend: (v: I64) => I64, f: Parameters<typeof op>[3]): Parameters<typeof op>[3] =>
  (a, b, s) =>
    word(f(extend(a), extend(b), s));

const allOnes = () => i64.const(-1);
const dividend = (x: I64) => x;
const zero = () => i64.const(0);

export const M: readonly Instruction[] = [
  op('mul', 1, 0, i64.mul),
  op('mulh', 1, 1, mulh),
  op('mulhsu', 1, 2, mulhsu),
  op('mulhu', 1, 3, mulhu),
  op('div', 1, 4, signed(i64.divS, allOnes, dividend, MIN)),
  op('divu', 1, 5, unsigned(i64.divU, allOnes)),
  op('rem', 1, 6, signed(i64.remS, dividend, zero, MIN)),
  op('remu', 1, 7, unsigned(i64.remU, dividend)),
  opW('mulw', 1, 0, (a, b) => word(i64.mul(a, b))),
  opW('divw', 1, 4, onWords(word, signed(i64.divS, allOnes, dividend, MIN_WORD))),
  opW('divuw', 1, 5, onWords(zeroWord, unsigned(i64.divU, allOnes))),
  opW('remw', 1, 6, onWords(word, signed(i64.remS, dividend, zero, MIN_WORD))),
  opW('remuw', 1, 7, onWords(zeroWord, unsigned(i64.remU, dividend))),
];
