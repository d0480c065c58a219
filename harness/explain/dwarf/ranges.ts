/**
 * The addresses that an entry covers: low and high pc, or a list of ranges. Reference: DWARF 4, 2.17.3 and 7.24 (.debug_ranges);
 * DWARF 5, 2.17.3 and 7.25 (.debug_rnglists).
 */

import { type Budget, KEPT } from './budget.ts';
import { AT } from './constants.ts';
import type { DwarfSections } from './sections.ts';
import type { Entry, Unit } from './units.ts';

/** From the first address to the one after the last. */
export interface AddressRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** `budget`: there may be many. */
export function covers(ranges: readonly AddressRange[], address: bigint, budget: Budget): boolean {
  budget.spend(1 + ranges.length);
  return ranges.some(({ low, high }) => low <= address && address < high);
}

export function rangesOf(sections: DwarfSections, unit: Unit, entry: Entry): AddressRange[] {
  const list = entry.attributes.get(AT.ranges);
  const low = unit.address(entry.attributes.get(AT.lowPc));
  if (list !== undefined) {
    const base = unit.address(unit.root.attributes.get(AT.lowPc)) ?? 0n;
    if (unit.version < 5) return oldList(sections, unit, list.number, base);
    return list.class === 'listIndex' ? indexedList(sections, unit, list.number, base) : newList(sections, unit, list.number, base);
  }
  const high = entry.attributes.get(AT.highPc);
  if (low === undefined || high === undefined) return [];
  // A constant is a length, an address is an address.
  const end = unit.address(high) ?? low + BigInt(high.number);
  return end > low ? [{ low, high: end }] : [];
}

/** Pairs of offsets from a base; a pair that begins with all ones sets the base, a pair of zeroes ends the list. */
function oldList(sections: DwarfSections, unit: Unit, offset: number, unitBase: bigint): AddressRange[] {
  const cursor = sections.at('.debug_ranges', offset);
  const ones = (1n << BigInt(8 * unit.addressSize)) - 1n;
  const ranges: AddressRange[] = [];
  let base = unitBase;
  for (;;) {
    sections.budget.keep(KEPT.range);
    const [first, second] = [cursor.address(unit.addressSize), cursor.address(unit.addressSize)];
    if (first === 0n && second === 0n) return ranges;
    if (first === ones) base = second;
    else if (first < second) ranges.push({ low: (base + first) & ones, high: (base + second) & ones });
  }
}

function indexedList(sections: DwarfSections, unit: Unit, index: number, base: bigint): AddressRange[] {
  const width = unit.is64 ? 8 : 4;
  // After the header of the first table, where the unit does not say (7.28).
  const lists = unit.root.attributes.get(AT.rnglistsBase)?.number ?? (unit.is64 ? 20 : 12);
  return newList(sections, unit, lists + sections.at('.debug_rnglists', lists + index * width).offset(unit.is64), base);
}

const RLE = {
  end: 0,
  baseIndex: 1,
  startIndexEndIndex: 2,
  startIndexLength: 3,
  offsetPair: 4,
  base: 5,
  startEnd: 6,
  startLength: 7,
} as const;

function newList(sections: DwarfSections, unit: Unit, offset: number, unitBase: bigint): AddressRange[] {
  const cursor = sections.at('.debug_rnglists', offset);
  const ranges: AddressRange[] = [];
  const indexed = () => unit.address({ class: 'addressIndex', number: cursor.uleb(), length: 0, address: 0n, text: '' }) ?? 0n;
  const plain = () => cursor.address(unit.addressSize);
  const add = (low: bigint, high: bigint) => {
    if (low < high) ranges.push({ low, high });
  };
  let base = unitBase;
  for (;;) {
    sections.budget.keep(KEPT.range);
    const kind = cursor.u8();
    switch (kind) {
      case RLE.end:
        return ranges;
      case RLE.baseIndex:
        base = indexed();
        break;
      case RLE.base:
        base = plain();
        break;
      case RLE.offsetPair:
        add(base + BigInt(cursor.uleb()), base + BigInt(cursor.uleb()));
        break;
      case RLE.startIndexEndIndex:
        add(indexed(), indexed());
        break;
      case RLE.startEnd:
        add(plain(), plain());
        break;
      case RLE.startIndexLength:
      case RLE.startLength: {
        const low = kind === RLE.startLength ? plain() : indexed();
        add(low, low + BigInt(cursor.uleb()));
        break;
      }
      default:
        return cursor.fail('unsupported');
    }
  }
}
