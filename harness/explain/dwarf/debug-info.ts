/**
 * From an address to source lines: the function that holds it and all that is inlined there, innermost first.
 *
 * Each unit is read when an address in it is first asked for. A unit that cannot be read is left out, with a note: debug
 * information explains a grade and never decides it. (.debug_aranges is not used: it is often incomplete.)
 */
import type { ElfFile } from '../../run/elf.ts';
import { type Budget, DwarfError } from './budget.ts';
import { AT, VARIABLE_AT } from './constants.ts';
import { type FunctionScope, readFunctions, scopesAt } from './functions.ts';
import { LineTable, type SourceLine } from './line-table.ts';
import { type AddressRange, covers, rangesOf } from './ranges.ts';
import { DwarfSections } from './sections.ts';
import { type Entry, readUnitHeaders, Unit } from './units.ts';
import { DECLARED, readVariables, type VariablePart } from './variables.ts';

/** One function at an address. */
export interface SourceFrame {
  /** The plain name; undefined if there is none. */
  readonly name: string | undefined;
  /** The name that the linker saw. */
  readonly linkageName: string | undefined;
  /** The line in this function; undefined if the tables have none. */
  readonly source: SourceLine | undefined;
  /** The folder in which the unit was compiled. */
  readonly folder: string;
  /** The function was inlined into the next frame's. */
  readonly inlined: boolean;
}

/** A variable or a parameter, as it is at an address. */
export interface SourceVariable {
  readonly name: string;
  /** Where it is declared. */
  readonly source: SourceLine;
  readonly folder: string;
  /** The function that declares it: how many functions around the innermost one at the address that is. */
  readonly depth: number;
  /** What the compiler knows of it. */
  readonly parts: readonly VariablePart[];
}

const MOST_FRAMES = 64;
const MOST_NOTES = 3;
/** Units of work for one frame: its path is put together and cut up. */
const FRAME = 200;
/** Steps from an entry to the one that has its name. */
const NAME_STEPS = 8;

interface LoadedUnit {
  readonly unit: Unit;
  readonly ranges: readonly AddressRange[];
  readonly folder: string;
  functions?: readonly FunctionScope[];
  /** null: they cannot be read, or there are none. */
  lines?: LineTable | null;
}

export class DebugInfo {
  /** Why lines are missing, each once, in words. */
  readonly notes = new Set<string>();
  readonly #sections: DwarfSections;
  readonly #units: LoadedUnit[] = [];
  /** No work is left. */
  #exhausted = false;

  constructor(elf: ElfFile, budget: Budget) {
    this.#sections = new DwarfSections(elf, budget);
    const headers = this.#attempt(() => readUnitHeaders(this.#sections)) ?? [];
    for (const header of headers) {
      if (this.#exhausted) break;
      const loaded = this.#attempt(() => this.#load(new Unit(this.#sections, header)));
      if (loaded !== undefined) this.#units.push(loaded);
    }
  }

  /** Whether there is any. */
  get present(): boolean {
    return this.#units.length > 0;
  }

  /** Innermost first; empty if nothing is known of the address. */
  framesAt(address: bigint): SourceFrame[] {
    for (const loaded of this.#units) {
      if (this.#exhausted) break;
      const frames = this.#attempt(() => (this.#mayHold(loaded, address) ? this.#frames(loaded, address) : [])) ?? [];
      if (frames.length > 0) return frames;
    }
    return [];
  }

  /** The variables whose parts are known at an address, of the function there and of those that it was inlined into. */
  variablesAt(address: bigint): SourceVariable[] {
    for (const loaded of this.#units) {
      if (this.#exhausted) break;
      const found = this.#attempt(() => (this.#mayHold(loaded, address) ? this.#variables(loaded, address) : [])) ?? [];
      if (found.length > 0) return found;
    }
    return [];
  }

  #variables(loaded: LoadedUnit, address: bigint): SourceVariable[] {
    const { unit, folder } = loaded;
    loaded.functions ??= this.#attempt(() => readFunctions(this.#sections, unit)) ?? [];
    const scopes = scopesAt(loaded.functions, address, this.#sections.budget);
    if (scopes.length === 0) return [];
    return readVariables(this.#sections, unit, scopes[0]!.entry, address).flatMap(({ entry, inside, parts }) => {
      const declared = this.#declaration(unit, entry);
      const [file, line] = [declared?.attributes.get(VARIABLE_AT.declFile), declared?.attributes.get(VARIABLE_AT.declLine)];
      const name = this.#name(unit, entry, AT.name);
      if (name === undefined || file === undefined || line === undefined) return [];
      const source = { file: loaded.lines?.file(file.number) ?? '', line: line.number };
      return [{ name, source, folder, depth: scopes.length - inside, parts }];
    });
  }

  /** The entry itself, or the one in the same unit that it is an instance of, with the line of its declaration. */
  #declaration(unit: Unit, entry: Entry): Entry | undefined {
    const abstract = unit.reference(entry.attributes.get(AT.abstractOrigin));
    if (abstract === undefined) return unit.entryAt(entry.offset, DECLARED);
    return abstract >= unit.start && abstract < unit.end ? unit.entryAt(abstract, DECLARED) : undefined;
  }

  #mayHold({ ranges }: LoadedUnit, address: bigint): boolean {
    return ranges.length === 0 || covers(ranges, address, this.#sections.budget);
  }

  #load(unit: Unit): LoadedUnit {
    const folder = unit.string(unit.root.attributes.get(AT.compDir)) ?? '';
    this.#sections.budget.keep(folder.length);
    return { unit, ranges: rangesOf(this.#sections, unit, unit.root), folder };
  }

  #frames(loaded: LoadedUnit, address: bigint): SourceFrame[] {
    const { unit, folder } = loaded;
    if (loaded.lines === undefined) loaded.lines = this.#lines(loaded) ?? null;
    loaded.functions ??= this.#attempt(() => readFunctions(this.#sections, unit)) ?? [];
    const innermost = loaded.lines?.find(address);
    const scopes = scopesAt(loaded.functions, address, this.#sections.budget).slice(0, MOST_FRAMES).reverse();
    if (scopes.length === 0) {
      return innermost === undefined ? [] : [{ name: undefined, linkageName: undefined, source: innermost, folder, inlined: false }];
    }
    return scopes.map(({ entry }, index) => {
      this.#sections.budget.spend(FRAME);
      const called = scopes[index - 1];
      return {
        name: this.#name(unit, entry, AT.name),
        linkageName: this.#name(unit, entry, AT.linkageName),
        source: called === undefined ? innermost : this.#callSite(loaded, called.entry),
        folder,
        inlined: index < scopes.length - 1,
      };
    });
  }

  #lines({ unit, folder }: LoadedUnit): LineTable | undefined {
    const offset = unit.root.attributes.get(AT.stmtList)?.number;
    if (offset === undefined) return undefined;
    return this.#attempt(() => new LineTable(this.#sections, offset, folder, unit.addressSize));
  }

  /** Where an inlined function was called. */
  #callSite({ lines }: LoadedUnit, { attributes }: Entry): SourceLine | undefined {
    const file = attributes.get(AT.callFile);
    const line = attributes.get(AT.callLine);
    if (file === undefined || line === undefined) return undefined;
    return { file: lines?.file(file.number) ?? '', line: line.number };
  }

  /** A name of the entry, or of the one that it is an instance or the definition of. */
  #name(unit: Unit, entry: Entry, attribute: number): string | undefined {
    let [at, holder]: [Entry | undefined, Unit] = [entry, unit];
    for (let steps = 0; steps < NAME_STEPS && at !== undefined; steps++) {
      const name = holder.string(at.attributes.get(attribute));
      if (name !== undefined) return name;
      const next = holder.reference(at.attributes.get(AT.abstractOrigin) ?? at.attributes.get(AT.specification));
      if (next === undefined) return undefined;
      const owner = next >= holder.start && next < holder.end ? holder : this.#unitAt(next);
      if (owner === undefined) return undefined;
      [at, holder] = [owner.entryAt(next), owner];
    }
    return undefined;
  }

  /** The unit that holds an offset of .debug_info. */
  #unitAt(offset: number): Unit | undefined {
    this.#sections.budget.spend(this.#units.length);
    return this.#units.find(({ unit }) => offset >= unit.first && offset < unit.end)?.unit;
  }

  #attempt<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DwarfError)) throw error;
      this.#sections.budget.fail();
      this.#exhausted ||= this.#sections.budget.left < 0;
      const reason = this.#exhausted ? 'is too large' : `cannot be read (${error.message})`;
      if (this.notes.size < MOST_NOTES || this.#exhausted)
        this.notes.add(`the debug information ${reason}: some source lines are left out`);
      return undefined;
    }
  }
}
