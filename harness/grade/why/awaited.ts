/** What a loaded value would have to be for a loop to end, in words. */
import type { LoopLoadEvidence } from '../../evidence/loop.ts';

/** E.g. `which stays 1, and it waits for another value`, or only the first half where the second is not known. */
export function stays({ value, width, awaited }: LoopLoadEvidence): string {
  const now = `which stays ${number(BigInt(value))}`;
  if (awaited === undefined) return now;
  const [wanted, mask] = [BigInt(awaited.value), BigInt(awaited.mask)];
  const isWhole = mask === (1n << BigInt(8 * width)) - 1n;
  if (isWhole && awaited.relation === 'other' && wanted === BigInt(value)) return `${now}, and it waits for another value`;
  return `${now}, and it waits for ${isWhole ? whole(awaited.relation, wanted) : part(awaited.relation, wanted, mask)}`;
}

type Relation = NonNullable<LoopLoadEvidence['awaited']>['relation'];

function whole(relation: Relation, wanted: bigint): string {
  switch (relation) {
    case 'other':
      return `a value other than ${number(wanted)}`;
    case 'equal':
      return `the value ${number(wanted)}`;
    case 'at-least':
      return `a value of ${number(wanted)} or more`;
    case 'below':
      return `a value below ${number(wanted)}`;
  }
}

function part(relation: Relation, wanted: bigint, mask: bigint): string {
  if (isOneBit(mask) && (relation === 'other' || relation === 'equal') && (wanted & ~mask) === 0n) {
    return `${bitsOf(mask)} to be ${(relation === 'equal') === (wanted !== 0n) ? 'set' : 'clear'}`;
  }
  if (relation === 'other' && wanted === 0n) return `one of ${bitsOf(mask)} to be set`;
  if (relation === 'equal' && wanted === 0n) return `${bitsOf(mask)} to be clear`;
  return `${bitsOf(mask)} to have ${whole(relation, wanted)}`;
}

/** By their numbers, which a manual has, and by the mask, which the code has: `bit 5 (mask 0x20)`. */
function bitsOf(mask: bigint): string {
  const numbers = Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => (mask >> BigInt(bit)) & 1n);
  if (numbers.length === 1) return `bit ${numbers[0]} (mask ${number(mask)})`;
  const [first, last] = [numbers[0]!, numbers.at(-1)!];
  const isRow = last - first === numbers.length - 1;
  return isRow ? `bits ${first} to ${last} (mask ${number(mask)})` : `the bits of mask ${number(mask)}`;
}

function isOneBit(mask: bigint): boolean {
  return (mask & (mask - 1n)) === 0n;
}

function number(value: bigint): string {
  return value < 10n ? `${value}` : `0x${value.toString(16)}`;
}
