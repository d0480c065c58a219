/**
 * The translator: finds code that is executed often, and has it run as WebAssembly of its own.
 *
 * Where the interpreter is when a slice of its budget ends is a sample, which costs it nothing. A page of code with enough samples gets a region
 * (region.ts) translated (translate.ts); the decoded entries where blocks begin become `translated`, so the interpreter finds the
 * function by coming past. A store into code gives them up. What the guest sees is the same, whatever is translated, and when.
 */

import { CSR_ROW_FIELDS } from '../hart/csr-access.ts';
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
  type HartState,
  MOST_TRANSLATED_ENTRIES,
  TRANSLATED_ENTRIES,
  TRANSLATED_ENTRY,
} from '../layout/state.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import type { Core, CoreImports } from './core.ts';
import { type Decoder, isCompressed } from './decoder.ts';
import { OPERATION, OPERATION_MASK } from './operations.ts';
import { type CodePage, type Region, regionAround } from './region.ts';
import type { PlacedInstruction } from './registers-in-locals.ts';
import { translate } from './translate.ts';
import { TRANSLATED } from './translated-entry.ts';

/** When code is worth it (docs/speed.md); tests translate everything. */
export const HOT = {
  /** Samples in a page of code before a region of it is translated. */
  samples: 60,
  /** Instructions from one sample to the next: first, and then twice as many each time up to the most. V8 puts better code for the
   * interpreter into force only when that is entered anew, so slices begin short. */
  firstSlice: 5_000,
  slice: 50_000,
};

const MOST_FUNCTIONS = 8192;
/** Code that changes again and again stays with the interpreter. */
const MOST_CHANGES = 8;
/** Done by the hart. */
const NOT_TRANSLATED: ReadonlySet<Extension> = new Set<Extension>(['system', 'svinval', 'zicbom', 'zicboz']);
/** Entries that are an instruction's. */
const DECODED: ReadonlySet<number> = new Set([OPERATION.hint, OPERATION.translated]);
const isDecoded = (operation: number): boolean => operation > OPERATION.translated || DECODED.has(operation);

export interface TranslatorPort {
  readonly state: HartState;
  readonly core: Core;
  readonly table: WebAssembly.Table;
  readonly soft: CoreImports['soft'];
  readonly decode: Decoder;
  /** Host address of the RAM behind a decoded page. */
  ramOf(page: number): number;
}

/** What of a page is translated. */
interface PageTranslation {
  /** The entries that were taken. */
  readonly taken: number[];
  /** Offsets of all instructions. */
  readonly covered: Set<number>;
}

export class Translator {
  /** Off, everything is interpreted: for tests that compare. */
  enabled = true;
  /** Functions in force or given up. */
  functions = 0;
  readonly #port: TranslatorPort;
  readonly #samples = new Uint16Array(DECODED_PAGES);
  readonly #changes = new Uint8Array(DECODED_PAGES);
  /** By decoded page. */
  readonly #translations = new Map<number, PageTranslation>();
  #entries = 0;

  constructor(port: TranslatorPort) {
    this.#port = port;
  }

  /** A slice has ended, before the entry in the slot `entry`. */
  sample(): void {
    const at = this.#port.state.small('entry');
    const number = Math.floor((at - DECODED_POOL) / DECODED_PAGE);
    if (number < 0 || number >= DECODED_PAGES || this.#changes[number]! >= MOST_CHANGES) return;
    const page = DECODED_POOL + number * DECODED_PAGE;
    const offset = ((at - page) / ENTRY) * 2;
    // A slice's last instructions are always interpreted.
    if (this.#translations.get(page)?.covered.has(offset)) return;
    const samples = this.#samples[number]! + 1;
    this.#samples[number] = samples % HOT.samples;
    if (samples === HOT.samples) this.#translateAround(page, offset);
  }

  /** Code of which there is a translation is about to be another. */
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
      // Other entries were cleared by the store that has changed the code. These are as they were: nothing is decoded anew for us.
      if (this.#operationAt(entry) !== OPERATION.translated) continue;
      view.setBigUint64(entry, view.getBigUint64(view.getInt32(entry + 4, true) + TRANSLATED.original, true), true);
    }
    this.#translations.delete(page);
    view.setInt32(page + DECODED_TRANSLATED, 0, true);
  }

  /** The entries that were taken, by their address, as they were before. */
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

  /** All decoded pages were emptied, or are others. */
  clear(): void {
    this.#samples.fill(0);
    this.#changes.fill(0);
    this.#translations.clear();
    this.functions = 0;
    this.#entries = 0;
  }

  #operationAt(entry: number): number {
    return this.#port.state.view.getUint16(entry, true) & OPERATION_MASK;
  }

  #translateAround(page: number, offset: number): void {
    if (this.functions === MOST_FUNCTIONS) return;
    const region = regionAround(this.#codeOf(page), offset);
    if (!region || this.#entries + 2 * size(region) > MOST_TRANSLATED_ENTRIES) return;
    const { state, core, table, soft } = this.#port;
    const number = this.functions++;
    const entryOf = (i: PlacedInstruction): number => this.#keep(page + i.offset * (ENTRY / 2));
    const module = new WebAssembly.Module(translate(region, { number, page, entryOf }));
    const instance = new WebAssembly.Instance(module, { env: { memory: state.memory, refill: core.refill, csr: core.csr, soft } });
    if (number === table.length) table.grow(Math.max(16, number));
    table.set(number, instance.exports['run']);
    this.#install(region, number, page);
  }

  /** Has the interpreter meet the function where a block begins. */
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

  /** Copies an entry to where it stays, and gives the address. */
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
    /** A CSR that is plain storage has a row (hart/csr-access.ts). */
    const isPlain = ({ imm }: Operands) => state.view.getUint32(CSR_TABLE + imm * CSR_ROW + CSR_ROW_FIELDS.flags, true) !== 0;
    const translatable = (i: PlacedInstruction | undefined) => {
      if (!i || NOT_TRANSLATED.has(i.instruction.extension)) return undefined;
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
