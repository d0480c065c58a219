/** Abbreviation tables: the shapes of the entries in .debug_info. Reference: DWARF 5, 7.5.3. */
import { KEPT } from './budget.ts';
import type { Cursor } from './cursor.ts';
import { IMPLICIT_CONST } from './forms.ts';

/** Where the tables are read from (sections.ts). */
interface AbbreviationSection {
  at(name: '.debug_abbrev', offset: number): Cursor;
}

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

/** The table at an offset of .debug_abbrev, read as far as somebody has asked: a unit's first entry mostly has the first shape. */
export class AbbreviationTable {
  readonly offset: number;
  readonly #cursor: Cursor;
  readonly #known = new Map<number, Abbreviation>();
  #whole = false;

  constructor(sections: AbbreviationSection, offset: number) {
    this.offset = offset;
    this.#cursor = sections.at('.debug_abbrev', offset);
  }

  /** The shape with this code; undefined if the table has none. */
  get(code: number): Abbreviation | undefined {
    const known = this.#known.get(code);
    if (known !== undefined) return known;
    while (!this.#whole) {
      const next = this.#cursor.done ? 0 : this.#cursor.uleb();
      if (next === 0) {
        this.#whole = true;
        break;
      }
      const abbreviation = readAbbreviation(this.#cursor);
      this.#known.set(next, abbreviation);
      if (next === code) return abbreviation;
    }
    return undefined;
  }
}

function readAbbreviation(cursor: Cursor): Abbreviation {
  const tag = cursor.uleb();
  const hasChildren = cursor.u8() !== 0;
  const attributes: AttributeShape[] = [];
  cursor.budget.keep(KEPT.entry);
  for (;;) {
    const [attribute, form] = [cursor.uleb(), cursor.uleb()];
    const implicit = form === IMPLICIT_CONST ? cursor.sleb() : 0;
    if (attribute === 0 && form === 0) return { tag, hasChildren, attributes };
    cursor.budget.keep(KEPT.attribute);
    attributes.push({ attribute, form, implicit });
  }
}
