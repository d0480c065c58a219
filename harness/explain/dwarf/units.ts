/**
 * Units of .debug_info and their entries, read one at a time. Reference: DWARF 4 and 5, 7.5.1 and 7.5.2.
 * Left out: type units, split DWARF (.dwo), supplementary files.
 */
import { DwarfError, KEPT } from './budget.ts';
import { AT, UNIT } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { type FormValue, readForm, type UnitFormat } from './forms.ts';
import type { DwarfSections } from './sections.ts';

export interface Entry {
  readonly offset: number;
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Only of those that were asked for. */
  readonly attributes: ReadonlyMap<number, FormValue>;
}

const WANTED: ReadonlySet<number> = new Set(Object.values(AT));

export class Unit implements UnitFormat {
  readonly version: number;
  readonly is64: boolean;
  readonly addressSize: number;
  /** Offsets in .debug_info: of the unit, of its first entry, and of what follows it. */
  readonly start: number;
  readonly first: number;
  readonly end: number;
  readonly root: Entry;
  readonly #sections: DwarfSections;
  readonly #abbreviationsAt: number;

  constructor(sections: DwarfSections, header: UnitHeader) {
    this.#sections = sections;
    this.version = header.version;
    this.is64 = header.is64;
    this.addressSize = header.addressSize;
    this.start = header.start;
    this.first = header.first;
    this.end = header.end;
    this.#abbreviationsAt = header.abbreviations;
    const root = this.entryAt(this.first);
    if (root === undefined) throw new DwarfError('malformed', '.debug_info');
    this.root = root;
  }

  /** Reads the entry at the cursor; undefined for the null entry that ends a list of children. `wanted`: the attributes that are kept. */
  read(cursor: Cursor, wanted = WANTED): Entry | undefined {
    const offset = cursor.at;
    const code = cursor.uleb();
    if (code === 0) return undefined;
    const abbreviation = this.#sections.abbreviations(this.#abbreviationsAt).get(code);
    if (abbreviation === undefined) return cursor.fail('malformed');
    const attributes = new Map<number, FormValue>();
    for (const { attribute, form, implicit } of abbreviation.attributes) {
      // A value may take no bytes, and so no read.
      cursor.budget.spend();
      const value = readForm(cursor, form, this, implicit);
      if (value !== undefined && wanted.has(attribute)) attributes.set(attribute, value);
    }
    return { offset, tag: abbreviation.tag, hasChildren: abbreviation.hasChildren, attributes };
  }

  entryAt(offset: number, wanted = WANTED): Entry | undefined {
    return this.read(this.entries(offset), wanted);
  }

  /** A cursor over the unit's entries from an offset of .debug_info on. */
  entries(offset = this.first): Cursor {
    if (offset < this.first || offset > this.end) throw new DwarfError('malformed', '.debug_info');
    return this.#sections
      .at('.debug_info', this.start)
      .take(this.end - this.start)
      .moveTo(offset);
  }

  address(value: FormValue | undefined): bigint | undefined {
    if (value?.class === 'address') return value.address;
    if (value?.class !== 'addressIndex') return undefined;
    const base = this.root.attributes.get(AT.addrBase)?.number ?? (this.is64 ? 16 : 8);
    return this.#sections.at('.debug_addr', base + value.number * this.addressSize).address(this.addressSize);
  }

  string(value: FormValue | undefined): string | undefined {
    switch (value?.class) {
      case 'string':
        return value.text;
      case 'strOffset':
        return this.#sections.string('.debug_str', value.number);
      case 'lineStrOffset':
        return this.#sections.string('.debug_line_str', value.number);
      case 'strIndex': {
        const width = this.is64 ? 8 : 4;
        const base = this.root.attributes.get(AT.strOffsetsBase)?.number ?? 2 * width;
        return this.#sections.string('.debug_str', this.#sections.at('.debug_str_offsets', base + value.number * width).offset(this.is64));
      }
      default:
        return undefined;
    }
  }

  /** Offset in .debug_info of the entry that is referred to. */
  reference(value: FormValue | undefined): number | undefined {
    if (value?.class === 'unitReference') return this.start + value.number;
    return value?.class === 'infoReference' ? value.number : undefined;
  }
}

interface UnitHeader extends UnitFormat {
  readonly start: number;
  readonly first: number;
  readonly end: number;
  readonly abbreviations: number;
}

/** The headers of all units that hold code. */
export function readUnitHeaders(sections: DwarfSections): UnitHeader[] {
  const headers: UnitHeader[] = [];
  if (sections.find('.debug_info') === undefined) return headers;
  for (const cursor = sections.at('.debug_info', 0); !cursor.done; ) {
    sections.budget.keep(KEPT.unit);
    const start = cursor.at;
    const { length, is64 } = cursor.unitLength();
    const body = cursor.take(length);
    const version = body.u16();
    if (version < 2 || version > 5) continue;
    const kind = version === 5 ? body.u8() : UNIT.compile;
    const [addressSize, abbreviations] =
      version === 5 ? [body.u8(), body.offset(is64)] : ((offset: number) => [body.u8(), offset] as const)(body.offset(is64));
    if (kind === UNIT.skeleton) body.skip(8);
    if (kind === UNIT.type || kind === UNIT.splitCompile || kind === UNIT.splitType) continue;
    headers.push({ version, is64, addressSize, start, first: body.at, end: body.end, abbreviations });
  }
  return headers;
}
