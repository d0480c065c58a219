/**
 * Soft float: every computational floating-point instruction of RISC-V's F, D and Zfh extensions as a pure function of bit patterns.
 *
 * It uses exact integers for clarity, not for speed, and is what tests compare the generated one (machine/exec/soft/) with. Checked against
 * QEMU's real execution (vectors.ts).
 *
 * Reference: RISC-V unprivileged ISA, "F" and "D" extensions, version 2.2; "Zfh".
 * Left out: what does not interpret its operands (loads, stores, FMV, FSGNJ*); the callers NaN-box (format.ts).
 */

import type { FloatOperationName, RoundingMode } from '../../spec/float.ts';
import * as arithmetic from './arithmetic.ts';
import { classify } from './classify.ts';
import * as compare from './compare.ts';
import { convertFormat, fromInteger, type IntegerType, integerTypes, toInteger } from './convert.ts';
import { binary16, binary32, binary64, type Format } from './format.ts';
import type { FloatResult } from './result.ts';

export { binary32, binary64, box, boxBinary32, FORMATS, type Format, unboxBinary32 } from './format.ts';

/**
 * @param format the format that stands for `fmt` in the operation's name or suffixes it; where there are two, the one written first
 * @param mode the rounding mode in effect; ignored by operations that are always exact
 * @param a first operand (rs1): a pattern of the format, not NaN-boxed, or an integer register. Bits above its width are ignored,
 *   so that a negative bigint of Wasm's i64 will do
 * @param b second operand (rs2), where there is one
 * @param c third operand (rs3), where there is one
 */
export type FloatOperation = (format: Format, mode: RoundingMode, a: bigint, b: bigint, c: bigint) => FloatResult;

const toIntegerAs =
  (type: IntegerType): FloatOperation =>
  (format, mode, a) =>
    toInteger(format, mode, type, a);

const fromIntegerAs =
  (type: IntegerType): FloatOperation =>
  (format, mode, a) =>
    fromInteger(format, mode, type, a);

const convertFrom =
  (from: Format): FloatOperation =>
  (format, mode, a) =>
    convertFormat(format, mode, from, a);

const softFloat = {
  fadd: arithmetic.add,
  fsub: arithmetic.subtract,
  fmul: arithmetic.multiply,
  fdiv: arithmetic.divide,
  fsqrt: arithmetic.squareRoot,
  fmadd: arithmetic.multiplyAdd,
  fmsub: arithmetic.multiplySubtract,
  fnmsub: arithmetic.negatedMultiplySubtract,
  fnmadd: arithmetic.negatedMultiplyAdd,
  fmin: (format, _mode, a, b) => compare.minimumNumber(format, a, b),
  fmax: (format, _mode, a, b) => compare.maximumNumber(format, a, b),
  feq: (format, _mode, a, b) => compare.equal(format, a, b),
  flt: (format, _mode, a, b) => compare.lessThan(format, a, b),
  fle: (format, _mode, a, b) => compare.lessOrEqual(format, a, b),
  fclass: (format, _mode, a) => classify(format, a),
  'fcvt.w.fmt': toIntegerAs(integerTypes.w),
  'fcvt.wu.fmt': toIntegerAs(integerTypes.wu),
  'fcvt.l.fmt': toIntegerAs(integerTypes.l),
  'fcvt.lu.fmt': toIntegerAs(integerTypes.lu),
  'fcvt.fmt.w': fromIntegerAs(integerTypes.w),
  'fcvt.fmt.wu': fromIntegerAs(integerTypes.wu),
  'fcvt.fmt.l': fromIntegerAs(integerTypes.l),
  'fcvt.fmt.lu': fromIntegerAs(integerTypes.lu),
  'fcvt.fmt.s': convertFrom(binary32),
  'fcvt.fmt.d': convertFrom(binary64),
  'fcvt.fmt.h': convertFrom(binary16),
} as const satisfies Record<FloatOperationName, FloatOperation>;

/** The operation named `op`; see `FloatOperation` for the operands. */
export function operate(
  op: FloatOperationName,
  format: Format,
  mode: RoundingMode,
  a: bigint,
  b: bigint = 0n,
  c: bigint = 0n,
): FloatResult {
  const operation: FloatOperation = softFloat[op];
  return operation(format, mode, a, b, c);
}
