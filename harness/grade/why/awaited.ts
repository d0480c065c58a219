/** What a loaded value would have to be for a loop to end, in words. */
import type { LoopLoadEvidence } from '../../evidence/explanation.ts';

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
  const bits = `${isOneBit(mask) ? 'the bit' : 'the bits'} ${number(mask)}`;
  if (isOneBit(mask) && (relation === 'other' || relation === 'equal') && (wanted & ~mask) === 0n) {
    return `${bits} to be ${(relation === 'equal') === (wanted !== 0n) ? 'set' : 'clear'}`;
  }
  if (relation === 'other' && wanted === 0n) return `one of ${bits} to be set`;
  if (relation === 'equal' && wanted === 0n) return `${bits} to be clear`;
  return `${bits} to have ${whole(relation, wanted)}`;
}

function isOneBit(mask: bigint): boolean {
  return (mask & (mask - 1n)) === 0n;
}

function number(value: bigint): string {
  return value < 10n ? `${value}` : `0x${value.toString(16)}`;
}
