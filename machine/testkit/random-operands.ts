/** Random operands that a format's fields can hold. */
import { FORMATS, type FormatName, NO_OPERANDS, type Operands } from '../isa/formats.ts';
import type { Random } from './random.ts';

const RESERVED_ROUNDING: readonly number[] = [5, 6];

/** Any value of every field, but no reserved rounding mode. */
export function randomOperands(format: FormatName, random: Random): Operands {
  const bits = Number(random.bits64() & 0xffffffffn);
  const operands = { ...NO_OPERANDS, ...FORMATS[format].decode(bits & FORMATS[format].fields) };
  return RESERVED_ROUNDING.includes(operands.rm) ? { ...operands, rm: 7 } : operands;
}
