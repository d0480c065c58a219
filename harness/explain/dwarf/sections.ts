/** The sections that debug information is read from, and strings by offset. Reference: DWARF 5, 6 and 7.3. */
import type { ElfFile, Section } from '../elf.ts';
import { type Budget, Cursor, DwarfError } from './cursor.ts';

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
  | '.debug_frame'
  | '.eh_frame';

export class DwarfSections {
  readonly #elf: ElfFile;
  readonly budget: Budget;

  constructor(elf: ElfFile, budget: Budget) {
    this.#elf = elf;
    this.budget = budget;
  }

  find(name: DwarfSectionName): Section | undefined {
    return this.#elf.sections.get(name);
  }

  /** A cursor at an offset of a section, up to its end. Throws DwarfError where there is no such place. */
  at(name: DwarfSectionName, offset: number): Cursor {
    const section = this.find(name);
    if (section === undefined || offset > section.bytes.length) throw new DwarfError('truncated', name);
    return new Cursor(name, section.bytes, offset);
  }

  string(name: '.debug_str' | '.debug_line_str', offset: number): string {
    const cursor = this.at(name, offset);
    const text = cursor.string();
    this.budget.spend(1 + ((cursor.at - offset) >> 6));
    return text;
  }
}
