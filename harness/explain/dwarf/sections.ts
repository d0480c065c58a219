/** The sections that debug information is read from, and strings by offset. Reference: DWARF 5, 6 and 7.3. */
import type { ElfFile, Section } from '../../run/elf.ts';
import { AbbreviationTable } from './abbreviations.ts';
import { type Budget, DwarfError } from './budget.ts';
import { Cursor } from './cursor.ts';

export type DwarfSectionName =
  | '.debug_info'
  | '.debug_abbrev'
  | '.debug_line'
  | '.debug_str'
  | '.debug_line_str'
  | '.debug_str_offsets'
  | '.debug_addr'
  | '.debug_ranges'
  | '.debug_rnglists'
  | '.debug_loc'
  | '.debug_loclists'
  | '.debug_frame'
  | '.eh_frame';

export class DwarfSections {
  readonly #elf: ElfFile;
  readonly budget: Budget;
  #abbreviations: AbbreviationTable | undefined;

  constructor(elf: ElfFile, budget: Budget) {
    this.#elf = elf;
    this.budget = budget;
  }

  find(name: DwarfSectionName): Section | undefined {
    return this.#elf.sections.get(name);
  }

  /** A cursor at an offset of a section, up to its end. Throws DwarfError if there is no such place. */
  at(name: DwarfSectionName, offset: number): Cursor {
    const section = this.find(name);
    if (section === undefined || offset > section.bytes.length) throw new DwarfError('truncated', name);
    return new Cursor(section, this.budget, offset);
  }

  /** The abbreviations at an offset. Only the table that was asked for last is kept: each unit may have one of its own. */
  abbreviations(offset: number): AbbreviationTable {
    if (this.#abbreviations?.offset !== offset) this.#abbreviations = new AbbreviationTable(this, offset);
    return this.#abbreviations;
  }

  string(name: '.debug_str' | '.debug_line_str', offset: number): string {
    return this.at(name, offset).string();
  }
}
