/** Abbreviation tables: the shapes of the entries in .debug_info. Reference: DWARF 5, 7.5.3. */
import { KEPT } from './cursor.ts';
import { IMPLICIT_CONST } from './forms.ts';
import type { DwarfSections } from './sections.ts';

export interface AttributeShape {
  readonly attribute: number;
  readonly form: number;
  /** The value itself, of an implicit constant. */
  readonly implicit: number;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly attributes: readonly AttributeShape[];
}

export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

/** The table at an offset of .debug_abbrev. */
export function readAbbreviations(sections: DwarfSections, offset: number): AbbreviationTable {
  const cursor = sections.at('.debug_abbrev', offset);
  const table = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.done ? 0 : cursor.uleb()) {
    const tag = cursor.uleb();
    const hasChildren = cursor.u8() !== 0;
    const attributes: AttributeShape[] = [];
    for (;;) {
      sections.budget.spend(KEPT);
      const [attribute, form] = [cursor.uleb(), cursor.uleb()];
      const implicit = form === IMPLICIT_CONST ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) break;
      attributes.push({ attribute, form, implicit });
    }
    table.set(code, { tag, hasChildren, attributes });
  }
  return table;
}
