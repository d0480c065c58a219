/**
 * Where a variable is at an address: its one location, or the entry of its list that covers the address.
 * Reference: DWARF 4, 2.6.2 and 7.7.3 (.debug_loc); DWARF 5, 2.6.2 and 7.29 (.debug_loclists).
 */
import { AT, VARIABLE_AT } from './constants.ts';
import type { Cursor } from './cursor.ts';
import type { FormValue } from './forms.ts';
import type { DwarfSections } from './sections.ts';
import type { Unit } from './units.ts';

/** A cursor over the expression; undefined where there is none for the address. */
export function locationAt(sections: DwarfSections, unit: Unit, location: FormValue, address: bigint): Cursor | undefined {
  if (location.class === 'block') return sections.at('.debug_info', location.number).take(location.length);
  const base = unit.address(unit.root.attributes.get(AT.lowPc)) ?? 0n;
  if (unit.version < 5) return location.class === 'offset' ? inOldList(sections, unit, location.number, base, address) : undefined;
  if (location.class === 'offset') return inNewList(sections, unit, location.number, base, address);
  return location.class === 'listIndex' ? inIndexedList(sections, unit, location.number, base, address) : undefined;
}

/** Pairs of offsets from a base, each with an expression; a pair that begins with all ones sets the base, a pair of zeroes ends the list. */
function inOldList(sections: DwarfSections, unit: Unit, offset: number, unitBase: bigint, address: bigint): Cursor | undefined {
  const cursor = sections.at('.debug_loc', offset);
  const ones = (1n << BigInt(8 * unit.addressSize)) - 1n;
  for (let base = unitBase; ; ) {
    const [first, second] = [cursor.address(unit.addressSize), cursor.address(unit.addressSize)];
    if (first === 0n && second === 0n) return undefined;
    if (first === ones) {
      base = second;
      continue;
    }
    const expression = cursor.take(cursor.u16());
    if (((base + first) & ones) <= address && address < ((base + second) & ones)) return expression;
  }
}

function inIndexedList(sections: DwarfSections, unit: Unit, index: number, base: bigint, address: bigint): Cursor | undefined {
  const width = unit.is64 ? 8 : 4;
  const root = unit.entryAt(unit.first, new Set([VARIABLE_AT.loclistsBase]));
  // After the header of the first table, where the unit does not say (7.29).
  const lists = root?.attributes.get(VARIABLE_AT.loclistsBase)?.number ?? (unit.is64 ? 20 : 12);
  return inNewList(sections, unit, lists + sections.at('.debug_loclists', lists + index * width).offset(unit.is64), base, address);
}

const LLE = {
  end: 0,
  baseIndex: 1,
  startIndexEndIndex: 2,
  startIndexLength: 3,
  offsetPair: 4,
  default: 5,
  base: 6,
  startEnd: 7,
  startLength: 8,
  /** GNU's: the numbers of two views, without an expression. */
  viewPair: 9,
} as const;

function inNewList(sections: DwarfSections, unit: Unit, offset: number, unitBase: bigint, address: bigint): Cursor | undefined {
  const cursor = sections.at('.debug_loclists', offset);
  const plain = () => cursor.address(unit.addressSize);
  const indexed = () => unit.address({ class: 'addressIndex', number: cursor.uleb(), length: 0, address: 0n, text: '' }) ?? 0n;
  for (let base = unitBase; ; ) {
    const kind = cursor.u8();
    let [low, high] = [0n, 0n];
    switch (kind) {
      case LLE.end:
        return undefined;
      case LLE.baseIndex:
        base = indexed();
        continue;
      case LLE.base:
        base = plain();
        continue;
      case LLE.viewPair:
        cursor.skipLeb();
        cursor.skipLeb();
        continue;
      case LLE.default:
        [low, high] = [address, address + 1n];
        break;
      case LLE.offsetPair:
        [low, high] = [base + BigInt(cursor.uleb()), base + BigInt(cursor.uleb())];
        break;
      case LLE.startIndexEndIndex:
        [low, high] = [indexed(), indexed()];
        break;
      case LLE.startEnd:
        [low, high] = [plain(), plain()];
        break;
      case LLE.startIndexLength:
      case LLE.startLength:
        low = kind === LLE.startLength ? plain() : indexed();
        high = low + BigInt(cursor.uleb());
        break;
      default:
        return cursor.fail('unsupported');
    }
    const expression = cursor.take(cursor.uleb());
    if (low <= address && address < high) return expression;
  }
}
