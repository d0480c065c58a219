/**
 * What the host's floating point does in place of the soft float (soft/): the operations whose result and flags are certain to be the same.
 *
 * - An operation that rounds needs NX raised already and the mode RNE, and its result must be a normal number but not the smallest one: then
 *   it can raise no flag that is not raised already.
 * - A comparison, a minimum or a maximum needs operands that are not NaNs.
 * - A conversion that is exact needs a mode that is not reserved. To an integer, only truncation (RTZ) is done here.
 *
 * Both engines use this, so that the meter counts the same operations of the soft float in both.
 * Reference: RISC-V Unprivileged ISA, "F" and "D" extensions; WebAssembly Core Specification 1.0, 4.3.3 (floating-point operations are those of
 * IEEE 754 but for the bits of a NaN).
 */

import type { FloatSemantics, SoftOperation } from '../isa/instruction.ts';
import { DYNAMIC_ROUNDING } from '../isa/registers.ts';
import { slot32 } from '../layout/slot-access.ts';
import { SLOT } from '../layout/slots.ts';
import { RoundingMode } from '../spec/float.ts';
import {
  branch,
  call,
  type Expression,
  type FloatOperations,
  f32,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  type Statement,
  sequence,
  type ValueType,
  when,
} from '../wasm/code.ts';
import type { FusedFunctions } from './fused.ts';

/** What an engine has for this. */
export interface HostFloatParts {
  readonly float: FloatSemantics;
  readonly fused: FusedFunctions;
  /** The instruction's rounding mode. */
  readonly rounding: I32;
  /** rs1 as an integer register. */
  integer(): I64;
  rd(value: I64): Statement;
  temp<T extends ValueType>(type: T): Local<T>;
}

type Operand = 'rs1' | 'rs2' | 'rs3';

/** A format as the host has it. */
interface Host<T extends 'f32' | 'f64'> {
  readonly type: T;
  readonly operations: FloatOperations<T>;
  readonly take: (float: FloatSemantics, operand: Operand) => Expression<T>;
  readonly bitsOf: (value: Expression<T>) => I64;
  readonly box: (bits: I64) => I64;
  readonly fractionBits: number;
  readonly exponents: number;
  readonly fromSigned: (value: I64) => Expression<T>;
  readonly fromUnsigned: (value: I64) => Expression<T>;
  readonly toDouble: (value: Expression<T>) => Expression<'f64'>;
}

const DOUBLE: Host<'f64'> = {
  type: 'f64',
  operations: f64,
  take: (float, operand) => f64.reinterpret(float.bits(operand)),
  bitsOf: i64.reinterpret,
  box: (bits) => bits,
  fractionBits: 52,
  exponents: 0x7ff,
  fromSigned: f64.convertI64S,
  fromUnsigned: f64.convertI64U,
  toDouble: (value) => value,
};
const SINGLE: Host<'f32'> = {
  type: 'f32',
  operations: f32,
  take: (float, operand) => f32.reinterpret(i32.wrap(float.single(operand))),
  bitsOf: (value) => i64.extendU(i32.reinterpret(value)),
  box: (bits) => i64.or(bits, i64.const(0xffff_ffffn << 32n)),
  fractionBits: 23,
  exponents: 0xff,
  fromSigned: f32.convertI64S,
  fromUnsigned: f32.convertI64U,
  toDouble: f64.promote,
};

/** Code that branches to `done` where the host has done the operation; undefined where it never can. */
export function hostFloat(row: SoftOperation, parts: HostFloatParts, done: Label): Statement | undefined {
  // The host has no halves.
  if (row.format === 'h' || row.sourceFormat === 'h') return undefined;
  if (row.operation === 'fcvt.fmt.s') return widen(parts, done);
  if (row.operation === 'fcvt.fmt.d') return rounded(SINGLE, f32.demote(DOUBLE.take(parts.float, 'rs1')), parts, done);
  return row.format === 'd' ? inFormat(DOUBLE, row, parts, done) : inFormat(SINGLE, row, parts, done);
}

function inFormat<T extends 'f32' | 'f64'>(host: Host<T>, { operation }: SoftOperation, parts: HostFloatParts, done: Label) {
  const take = (operand: Operand) => host.take(parts.float, operand);
  const { operations } = host;
  switch (operation) {
    case 'fadd':
      return rounded(host, operations.add(take('rs1'), take('rs2')), parts, done);
    case 'fsub':
      return rounded(host, operations.sub(take('rs1'), take('rs2')), parts, done);
    case 'fmul':
      return rounded(host, operations.mul(take('rs1'), take('rs2')), parts, done);
    case 'fdiv':
      return rounded(host, operations.div(take('rs1'), take('rs2')), parts, done);
    case 'fsqrt':
      return rounded(host, operations.sqrt(take('rs1')), parts, done);
    case 'fmadd':
      return fused(host, { product: false, addend: false }, parts, done);
    case 'fmsub':
      return fused(host, { product: false, addend: true }, parts, done);
    case 'fnmsub':
      return fused(host, { product: true, addend: false }, parts, done);
    case 'fnmadd':
      return fused(host, { product: true, addend: true }, parts, done);
    case 'feq':
      return ordered(host, parts, done, (a, b) => parts.rd(i64.extendU(operations.eq(a, b))));
    case 'flt':
      return ordered(host, parts, done, (a, b) => parts.rd(i64.extendU(operations.lt(a, b))));
    case 'fle':
      return ordered(host, parts, done, (a, b) => parts.rd(i64.extendU(operations.le(a, b))));
    case 'fmin':
      return ordered(host, parts, done, (a, b) => put(host, host.bitsOf(operations.min(a, b)), parts));
    case 'fmax':
      return ordered(host, parts, done, (a, b) => put(host, host.bitsOf(operations.max(a, b)), parts));
    case 'fcvt.w.fmt':
      return toInteger(host, parts, done, { isInRange: (v) => i64.eq(i64.extend32S(v), v) });
    case 'fcvt.wu.fmt':
      return toInteger(host, parts, done, { isInRange: (v) => i64.eqz(i64.shrU(v, i64.const(32))), isWord: true });
    case 'fcvt.l.fmt':
      return toInteger(host, parts, done, {});
    case 'fcvt.lu.fmt':
      return toInteger(host, parts, done, { isInRange: (v) => i64.geS(v, i64.const(0)) });
    case 'fcvt.fmt.w':
      return fromInteger(host, i64.extend32S(parts.integer()), parts, done);
    case 'fcvt.fmt.wu':
      return fromInteger(host, i64.and(parts.integer(), i64.const(0xffff_ffff)), parts, done);
    case 'fcvt.fmt.l':
      return fromInteger(host, parts.integer(), parts, done);
    case 'fcvt.fmt.lu':
      return fromInteger(host, parts.integer(), parts, done, { isUnsigned: true });
    case 'fclass':
    case 'fcvt.fmt.s':
    case 'fcvt.fmt.d':
    case 'fcvt.fmt.h':
      return undefined;
  }
}

/** Whether NX is raised and the instruction's mode is RNE. */
const mayRound = ({ rounding }: HostFloatParts): I32 => i32.load8u(rounding, SLOT.floatFast);
const isInexactRaised = (): I32 => i32.load8u(i32.const(RoundingMode.RNE), SLOT.floatFast);
/** Where the mode is that of frm, only RNE is known here. */
const isModeValid = ({ rounding }: HostFloatParts): I32 =>
  i32.or(i32.leU(rounding, i32.const(RoundingMode.RMM)), i32.and(i32.eq(rounding, i32.const(DYNAMIC_ROUNDING)), i32.eqz(slot32('frm'))));

const put = <T extends 'f32' | 'f64'>(host: Host<T>, bits: I64, { float }: HostFloatParts): Statement => float.rd(host.box(bits));

function rounded<T extends 'f32' | 'f64'>(host: Host<T>, value: Expression<T>, parts: HostFloatParts, done: Label): Statement {
  const bits = parts.temp('i64');
  const exponent = i64.and(i64.shrU(bits, i64.const(host.fractionBits)), i64.const(host.exponents));
  return when(mayRound(parts), [
    bits.set(host.bitsOf(value)),
    when(i64.ltU(i64.sub(exponent, i64.const(2)), i64.const(host.exponents - 2)), [put(host, bits, parts), branch(done)]),
  ]);
}

function fused<T extends 'f32' | 'f64'>(
  host: Host<T>,
  negates: { readonly product: boolean; readonly addend: boolean },
  parts: HostFloatParts,
  done: Label,
): Statement {
  const take = (operand: Operand, negative: boolean) => {
    const value = host.toDouble(host.take(parts.float, operand));
    return negative ? f64.neg(value) : value;
  };
  const operands = [take('rs1', negates.product), take('rs2', false), take('rs3', negates.addend)];
  return host.type === 'f64'
    ? rounded(DOUBLE, call(parts.fused.double, ...operands), parts, done)
    : rounded(SINGLE, call(parts.fused.single, ...operands), parts, done);
}

function ordered<T extends 'f32' | 'f64'>(
  host: Host<T>,
  parts: HostFloatParts,
  done: Label,
  result: (a: Expression<T>, b: Expression<T>) => Statement,
): Statement {
  const [a, b] = [parts.temp(host.type), parts.temp(host.type)];
  const { eq } = host.operations;
  return sequence(
    a.set(host.take(parts.float, 'rs1')),
    b.set(host.take(parts.float, 'rs2')),
    when(i32.and(eq(a, a), eq(b, b)), [result(a, b), branch(done)]),
  );
}

/** Every single is a double. */
function widen(parts: HostFloatParts, done: Label): Statement {
  const a = parts.temp('f32');
  return sequence(
    a.set(SINGLE.take(parts.float, 'rs1')),
    when(i32.and(f32.eq(a, a), isModeValid(parts)), [put(DOUBLE, i64.reinterpret(f64.promote(a)), parts), branch(done)]),
  );
}

function fromInteger<T extends 'f32' | 'f64'>(
  host: Host<T>,
  value: I64,
  parts: HostFloatParts,
  done: Label,
  { isUnsigned = false }: { readonly isUnsigned?: boolean } = {},
): Statement {
  const v = parts.temp('i64');
  const most = 1n << BigInt(host.fractionBits + 1);
  const isExact = isUnsigned ? i64.leU(v, i64.const(most)) : i64.leU(i64.add(v, i64.const(most)), i64.const(2n * most));
  const convert = isUnsigned ? host.fromUnsigned : host.fromSigned;
  return sequence(
    v.set(value),
    when(i32.or(mayRound(parts), i32.and(isExact, isModeValid(parts))), [put(host, host.bitsOf(convert(v)), parts), branch(done)]),
  );
}

function toInteger<T extends 'f32' | 'f64'>(
  host: Host<T>,
  parts: HostFloatParts,
  done: Label,
  { isInRange, isWord = false }: { readonly isInRange?: (value: I64) => I32; readonly isWord?: boolean },
): Statement {
  const a = parts.temp('f64');
  const v = parts.temp('i64');
  const conditions = [
    f64.lt(f64.abs(a), f64.const(2 ** 63)),
    i32.or(isInexactRaised(), f64.eq(f64.convertI64S(v), a)),
    ...(isInRange ? [isInRange(v)] : []),
  ];
  return when(i32.eq(parts.rounding, i32.const(RoundingMode.RTZ)), [
    a.set(host.toDouble(host.take(parts.float, 'rs1'))),
    v.set(i64.truncF64S(a)),
    when(conditions.reduce(i32.and), [parts.rd(isWord ? i64.extend32S(v) : v), branch(done)]),
  ]);
}
