/** One step back on the way of a value: which registers an instruction's result comes from. */
import type { Effects } from '../../machine/index.ts';

/** Some bits of a register. */
export interface Wanted {
  readonly register: number;
  readonly low: number;
  readonly count: number;
  /** The number of the instruction that reads it. */
  readonly usedAt: number;
  /** What was added to it later. */
  readonly added: bigint;
}

/** The same of one instruction. */
type Source = Omit<Wanted, 'usedAt' | 'added'> & Partial<Pick<Wanted, 'added'>>;

/**
 * Which bits of which registers the wanted bits of a result come from. What only moves or combines bits is passed through; a calculation, a
 * constant, or anything else makes them. `isAddress`: see there.
 */
export function sourcesOf(
  { name, operands, sources }: Effects,
  { low, count }: Pick<Wanted, 'low' | 'count'>,
  registers: readonly bigint[],
  { isAddress = false }: { readonly isAddress?: boolean } = {},
): readonly Source[] | 'made here' {
  const { rs1, rs2, imm } = operands;
  const same = (register: number) => ({ register, low, count });
  if (isAddress) return addressSources({ name, operands, sources }, low, count);
  switch (name) {
    case 'addi':
    case 'addiw':
      return imm === 0 && rs1 !== 0 ? [same(rs1)] : 'made here';
    case 'add':
    case 'addw':
      return sources.length === 1 ? [same(sources[0]!)] : 'made here';
    case 'or':
    case 'xor':
    case 'and': {
      if (sources.length < 2) return sources.map(same);
      const both = [same(rs1), same(rs2)];
      const telling = both.filter(({ register }) => ((registers[register]! >> BigInt(low)) & ((1n << BigInt(count)) - 1n)) !== 0n);
      return name === 'or' && telling.length === 1 ? telling : both;
    }
    case 'ori':
    case 'xori':
    case 'andi':
      return rs1 === 0 ? 'made here' : [same(rs1)];
    case 'slli':
    case 'slliw':
      return rs1 !== 0 && low >= imm
        ? [{ register: rs1, low: low - imm, count }]
        : rs1 !== 0 && low + count > imm
          ? [{ register: rs1, low: 0, count: low + count - imm }]
          : 'made here';
    case 'srli':
    case 'srai':
    case 'srliw':
    case 'sraiw':
      return rs1 === 0 || low + imm >= 64 ? 'made here' : [{ register: rs1, low: low + imm, count: Math.min(count, 64 - low - imm) }];
    case 'zext.h':
    case 'sext.h':
    case 'sext.b':
    case 'zext.b':
      return rs1 === 0 ? 'made here' : [same(rs1)];
    case 'sltu':
    case 'sltiu':
      // Tests for zero, of what is a yes or no.
      return sources.length === 1 && (name === 'sltu' || imm === 1) ? [{ register: sources[0]!, low: 0, count: 8 }] : 'made here';
    default:
      return 'made here';
  }
}

/**
 * Of an address, only what it was copied from, or what a constant was added to, is an address as well: a part of it (a page number, say) that
 * was shifted to its place is a different value.
 */
function addressSources(
  { name, operands, sources }: Pick<Effects, 'name' | 'operands' | 'sources'>,
  low: number,
  count: number,
): readonly Source[] | 'made here' {
  if (name === 'addi' && operands.rs1 !== 0) return [{ register: operands.rs1, low, count, added: BigInt(operands.imm) }];
  return name === 'add' && sources.length === 1 ? [{ register: sources[0]!, low, count }] : 'made here';
}
