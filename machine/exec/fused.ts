/**
 * Fused multiply-add out of the host's additions and multiplications, rounded to nearest even. WebAssembly has no instruction for it that gives the
 * same result everywhere.
 *
 * A product of doubles is the sum of two doubles, and so is a sum of two (error-free transformations); adding the parts with a last but one
 * rounding to odd makes the last rounding the right one.
 * Reference: Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd", IEEE Transactions
 * on Computers 57 (2008).
 */
import { type Callable, f32, f64, type I32, i32, i64, type Local, returns, type Statement, select, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

export interface FusedFunctions {
  /** (a, b, c) -> a * b + c; a NaN where that is not certain to be right, or where it is one. */
  readonly double: Callable<'f64'>;
  /** The same for operands that are singles; infinite or a NaN where it is not certain. */
  readonly single: Callable<'f32'>;
}

type F64Local = Local<'f64'>;

/** Splits a double into halves of 26 bits, whose products are exact (Veltkamp). */
const SPLITTER = 2 ** 27 + 1;
/** Operands below this, and products above the other one, are so far from the ends of the range that no intermediate result gets there. */
const LARGEST = 2 ** 256;
const SMALLEST = 2 ** -512;

/** What x + y lost by being rounded to `sum` (Knuth). */
function errorOfSum(error: F64Local, sum: F64Local, x: F64Local, y: F64Local): Statement[] {
  return [error.set(f64.sub(sum, x)), error.set(f64.add(f64.sub(x, f64.sub(sum, error)), f64.sub(y, error)))];
}

/** From x + y rounded to nearest to the same rounded to odd: where the sum was inexact and its last bit is 0, its neighbour on the other side. */
function toOdd(sum: F64Local, error: F64Local, bits: Local<'i64'>): Statement[] {
  const zero = f64.const(0);
  const isInexact: I32 = i32.eqz(f64.eq(error, zero));
  const isEven = i32.wrap(i64.xor(i64.and(bits, i64.const(1)), i64.const(1)));
  const isLarger = i32.eq(f64.lt(error, zero), f64.lt(sum, zero));
  return [
    bits.set(i64.reinterpret(sum)),
    bits.set(i64.add(bits, select(i32.and(isInexact, isEven), select(isLarger, i64.const(1), i64.const(-1)), i64.const(0)))),
    sum.set(f64.reinterpret(bits)),
  ];
}

function buildDouble(module: ModuleBuilder): Callable<'f64'> {
  const f = module.function(['f64', 'f64', 'f64'], 'f64');
  const [a, b, c] = [f.parameter(0, 'f64'), f.parameter(1, 'f64'), f.parameter(2, 'f64')];
  const local = () => f.local('f64');
  const [product, aHigh, aLow, bHigh, bLow, productError] = [local(), local(), local(), local(), local(), local()];
  const [inner, innerError, outer, outerError, last, lastError] = [local(), local(), local(), local(), local(), local()];
  const bits = f.local('i64');
  const larger = f64.max(f64.abs(a), f64.abs(b));
  const smaller = f64.min(f64.abs(a), f64.abs(b));
  const isTiny = i32.and(f64.lt(f64.abs(product), f64.const(SMALLEST)), i32.eqz(f64.eq(smaller, f64.const(0))));
  const split = (value: F64Local, high: F64Local, low: F64Local): Statement[] => [
    low.set(f64.mul(value, f64.const(SPLITTER))),
    high.set(f64.sub(low, f64.sub(low, value))),
    low.set(f64.sub(value, high)),
  ];
  f.body(
    product.set(f64.mul(a, b)),
    // A NaN is not less than anything.
    when(i32.or(i32.eqz(f64.lt(f64.max(larger, f64.abs(c)), f64.const(LARGEST))), isTiny), [returns(f64.const(Number.NaN))]),
    ...split(a, aHigh, aLow),
    ...split(b, bHigh, bLow),
    productError.set(f64.add(f64.sub(f64.mul(aHigh, bHigh), product), f64.mul(aHigh, bLow))),
    productError.set(f64.add(f64.add(productError, f64.mul(aLow, bHigh)), f64.mul(aLow, bLow))),
    // Often the product is exact.
    when(f64.eq(productError, f64.const(0)), [returns(f64.add(product, c))]),
    inner.set(f64.add(c, productError)),
    ...errorOfSum(innerError, inner, c, productError),
    outer.set(f64.add(product, inner)),
    ...errorOfSum(outerError, outer, product, inner),
    last.set(f64.add(innerError, outerError)),
    ...errorOfSum(lastError, last, innerError, outerError),
    ...toOdd(last, lastError, bits),
    returns(f64.add(outer, last)),
  );
  return f;
}

/** A product of two singles is a double. Their sum with a third one, rounded to odd, has enough bits to be rounded once more. */
function buildSingle(module: ModuleBuilder): Callable<'f32'> {
  const f = module.function(['f64', 'f64', 'f64'], 'f32');
  const [a, b, c] = [f.parameter(0, 'f64'), f.parameter(1, 'f64'), f.parameter(2, 'f64')];
  const [sum, error] = [f.local('f64'), f.local('f64')];
  const bits = f.local('i64');
  f.body(
    a.set(f64.mul(a, b)),
    sum.set(f64.add(a, c)),
    ...errorOfSum(error, sum, a, c),
    ...toOdd(sum, error, bits),
    returns(f32.demote(sum)),
  );
  return f;
}

export function buildFused(module: ModuleBuilder): FusedFunctions {
  return { double: buildDouble(module), single: buildSingle(module) };
}
