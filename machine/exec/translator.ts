/**
 * The translator: finds code that is executed often, and has it run as WebAssembly of its own.
 *
 * When a slice of the budget ends, the place that the interpreter has reached is taken as a sample, which costs nothing. In a page of code
 * with enough samples a region (region.ts) is translated (translate.ts). The decoded entries where its blocks begin become `translated`, so
 * that the interpreter calls the function when it gets there. A store into the code ends that. The guest cannot see what was translated, or
 * when.
 */

import { type Decoder, isCompressed } from '../isa/decoder.ts';
import type { Operands } from '../isa/formats.ts';
import type { Extension } from '../isa/instruction.ts';
import {
  CSR_ROW,
  CSR_TABLE,
  DECODED_PAGE,
  DECODED_PAGES,
  DECODED_POOL,
  DECODED_SPAN,
  DECODED_TRANSLATED,
  ENTRY,
  MOST_TRANSLATED_ENTRIES,
  TRANSLATED_ENTRIES,
  TRANSLATED_ENTRY,
} from '../layout/memory-map.ts';
import type { HartState } from '../layout/state.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import type { Core } from './core.ts';
import { CSR_FLAG, CSR_ROW_FIELDS } from './csr-access.ts';
import { FIRST_INSTRUCTION, OPERATION, OPERATION_MASK } from './operations.ts';
import { type CodePage, type Region, regionAround } from './region.ts';
import type { PlacedInstruction } from './registers-in-locals.ts';
import { translate } from './translate.ts';
import { TRANSLATED } from './translated-entry.ts';

/** When code is worth translating (docs/development/speed.md). Tests change this, to translate everything. */
export const HOT = {
  /** Samples in a page of code before a region of it is translated. */
  samples: 60,
  /**
   * Instructions from one sample to the next: at first so many, then twice as many each time, up to `slice`. V8 replaces the interpreter by
   * better code only when the interpreter is entered again, so the first slices are short.
   */
  firstSlice: 5_000,
  slice: 50_000,
};

const MOST_FUNCTIONS = 8192;
/** Code that has changed so often is not translated again. */
const MOST_CHANGES = 8;
/** Extensions whose instructions the hart does. */
const NOT_TRANSLATED: ReadonlySet<Extension> = new Set<Extension>(['system', 'svinval', 'zicbom', 'zicboz', 'zawrs']);
/** Own operations of the interpreter that stand for an instruction. */
const DECODED: ReadonlySet<number> = new Set([OPERATION.hint, OPERATION.translated, OPERATION.watched]);
const isDecoded = (operation: number): boolean => operation >= FIRST_INSTRUCTION || DECODED.has(operation);

export interface TranslatorPort {
  readonly state: HartState;
  readonly core: Core;
  readonly table: WebAssembly.Table;
  readonly decode: Decoder;
  /** Host address of the page of RAM whose code a decoded page holds. */
  ramOf(page: number): number;
}

/** The part of a page that is translated. */
interface PageTranslation {
  /** The entries that became `translated`. */
  readonly taken: number[];
  /** Offsets of all translated instructions. */
  readonly covered: Set<number>;
}

export class Translator {
  /** When off, everything is interpreted; tests compare the two. */
  enabled = true;
  /** How many functions were made, those that were given up included. */
  functions = 0;
  readonly #port: TranslatorPort;
  readonly #samples = new Uint16Array(DECODED_PAGES);
  readonly #changes = new Uint8Array(DECODED_PAGES);
  /** By decoded page. */
  readonly #translations = new Map<number, PageTranslation>();
  #entries = 0;
  /** The most that `#entries` has been. */
  #entriesUsed = 0;

  constructor(port: TranslatorPort) {
    this.#port = port;
  }

  /** A slice has ended; the slot `entry` has the entry that would have been next. */
  sample(): void {
    const at = this.#port.state.small('entry');
    const number = Math.floor((at - DECODED_POOL) / DECODED_PAGE);
    if (number < 0 || number >= DECODED_PAGES || this.#changes[number]! >= MOST_CHANGES) return;
    const page = DECODED_POOL + number * DECODED_PAGE;
    const offset = ((at - page) / ENTRY) * 2;
    // The last instructions of a slice are always interpreted, even where there is a translation.
    if (this.#translations.get(page)?.covered.has(offset)) return;
    const samples = this.#samples[number]! + 1;
    this.#samples[number] = samples % HOT.samples;
    if (samples === HOT.samples) this.#translateAround(page, offset);
  }

  /** Translated code is about to be changed. */
  codeChanged(page: number): void {
    this.#giveUp(page);
    this.#changes[(page - DECODED_POOL) / DECODED_PAGE]!++;
  }

  /** The decoded page is given up. */
  forget(page: number): void {
    this.#giveUp(page);
    this.#samples[(page - DECODED_POOL) / DECODED_PAGE] = 0;
    this.#changes[(page - DECODED_POOL) / DECODED_PAGE] = 0;
  }

  #giveUp(page: number): void {
    const { view } = this.#port.state;
    for (const entry of this.#translations.get(page)?.taken ?? []) {
      // The store that changed the code has cleared some entries. The others get back their content: nobody would decode them again.
      if (this.#operationAt(entry) !== OPERATION.translated) continue;
      view.setBigUint64(entry, view.getBigUint64(view.getInt32(entry + 4, true) + TRANSLATED.original, true), true);
    }
    this.#translations.delete(page);
    view.setInt32(page + DECODED_TRANSLATED, 0, true);
  }

  /** By address, the entries that became `translated`, as they were before. */
  originals(): Map<number, bigint> {
    const { view } = this.#port.state;
    const originals = new Map<number, bigint>();
    for (const { taken } of this.#translations.values()) {
      for (const entry of taken) {
        if (this.#operationAt(entry) !== OPERATION.translated) continue;
        originals.set(entry, view.getBigUint64(view.getInt32(entry + 4, true) + TRANSLATED.original, true));
      }
    }
    return originals;
  }

  /** All decoded pages were emptied, or replaced by those of a snapshot. */
  clear(): void {
    this.#entriesUsed = Math.max(this.#entriesUsed, this.#entries);
    this.#samples.fill(0);
    this.#changes.fill(0);
    this.#translations.clear();
    this.functions = 0;
    this.#entries = 0;
  }

  /** Makes the translator's part of the memory zero. Nothing can be translated afterwards. */
  clearEntries(): void {
    const used = Math.max(this.#entriesUsed, this.#entries);
    this.#port.state.bytes.fill(0, TRANSLATED_ENTRIES, TRANSLATED_ENTRIES + used * TRANSLATED_ENTRY);
  }

  #operationAt(entry: number): number {
    return this.#port.state.view.getUint16(entry, true) & OPERATION_MASK;
  }

  #translateAround(page: number, offset: number): void {
    if (this.functions === MOST_FUNCTIONS) return;
    const region = regionAround(this.#codeOf(page), offset);
    if (!region || this.#entries + 2 * size(region) > MOST_TRANSLATED_ENTRIES) return;
    const { state, core, table } = this.#port;
    const number = this.functions++;
    const entryOf = (i: PlacedInstruction): number => this.#keep(page + i.offset * (ENTRY / 2));
    const module = new WebAssembly.Module(translate(region, { number, page, entryOf }));
    const instance = new WebAssembly.Instance(module, {
      env: {
        memory: state.memory,
        refill: core.refill,
        csr: core.csr,
        soft: core.soft,
        fusedDouble: core.fusedDouble,
        fusedSingle: core.fusedSingle,
      },
    });
    if (number === table.length) table.grow(Math.max(16, number));
    table.set(number, instance.exports['run']);
    this.#install(region, number, page);
  }

  /** Makes the interpreter call the function wherever a block of it begins. */
  #install({ blocks }: Region, number: number, page: number): void {
    const { view } = this.#port.state;
    const translation = this.#translations.get(page) ?? { taken: [], covered: new Set() };
    blocks.forEach(({ instructions }, block) => {
      for (const { offset } of instructions) translation.covered.add(offset);
      const entry = page + instructions[0]!.offset * (ENTRY / 2);
      if (this.#operationAt(entry) === OPERATION.translated) return;
      const kept = this.#keep(entry);
      view.setInt32(kept + TRANSLATED.function, number, true);
      view.setUint16(kept + TRANSLATED.block, block, true);
      view.setUint16(kept + TRANSLATED.instructions, instructions.length, true);
      view.setUint16(entry, (view.getUint16(entry, true) & ~OPERATION_MASK) | OPERATION.translated, true);
      view.setInt32(entry + 4, kept, true);
      translation.taken.push(entry);
    });
    this.#translations.set(page, translation);
    view.setInt32(page + DECODED_TRANSLATED, 1, true);
  }

  /** Copies an entry to a place where it stays, and returns the address. */
  #keep(entry: number): number {
    const { view } = this.#port.state;
    const source = this.#operationAt(entry) === OPERATION.translated ? view.getInt32(entry + 4, true) + TRANSLATED.original : entry;
    const kept = TRANSLATED_ENTRIES + this.#entries++ * TRANSLATED_ENTRY;
    view.setBigUint64(kept + TRANSLATED.original, view.getBigUint64(source, true), true);
    return kept;
  }

  #codeOf(page: number): CodePage {
    const { state, decode } = this.#port;
    const ram = this.#port.ramOf(page);
    const decoded = (offset: number): PlacedInstruction | undefined => {
      const entry = page + offset * (ENTRY / 2);
      if (offset < 0 || offset >= PAGE_BYTES || entry >= page + DECODED_SPAN || !isDecoded(this.#operationAt(entry))) return undefined;
      const low = state.view.getUint16(ram + offset, true);
      const found = decode(isCompressed(low) ? low : state.view.getUint32(ram + offset, true));
      return found && { ...found, offset };
    };
    /** Whether generated code serves the CSR by itself (exec/csr-access.ts). */
    const isPlain = ({ imm }: Operands) => {
      const flags = state.view.getUint32(CSR_TABLE + imm * CSR_ROW + CSR_ROW_FIELDS.flags, true);
      return flags !== 0 && (flags & CSR_FLAG.satp) === 0;
    };
    const isWatched = ({ offset }: PlacedInstruction) => this.#operationAt(page + offset * (ENTRY / 2)) === OPERATION.watched;
    const translatable = (i: PlacedInstruction | undefined) => {
      if (!i || NOT_TRANSLATED.has(i.instruction.extension) || isWatched(i)) return undefined;
      return i.instruction.extension !== 'zicsr' || isPlain(i.operands) ? i : undefined;
    };
    return {
      at: (offset) => translatable(decoded(offset)),
      before: (offset) => translatable([2, 4].map((length) => decoded(offset - length)).find((i) => i && i.offset + i.length === offset)),
      behind: (offset) => {
        const i = decoded(offset);
        return i && offset + i.length;
      },
    };
  }
}

const size = ({ blocks }: Region): number => blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
