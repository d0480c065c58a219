/**
 * The entries of call frame information: for each function its addresses and its program, and what several functions have in common.
 * Reference: DWARF 5, 6.4.1 (.debug_frame) and the Linux Standard Base, "Exception Frames" (.eh_frame).
 */
import type { ElfFile, Section } from '../../run/elf.ts';
import { type Budget, DwarfError, KEPT } from './budget.ts';
import { Cursor } from './cursor.ts';

export interface CommonInformation {
  readonly codeAlignment: number;
  readonly dataAlignment: number;
  readonly returnRegister: number;
  /** How addresses are encoded in its functions' entries (.eh_frame only). */
  readonly pointerEncoding: number;
  readonly augmented: boolean;
  readonly addressSize: number;
  readonly program: Cursor;
}

/** A function's entry. */
export interface Description {
  readonly common: CommonInformation;
  readonly low: bigint;
  readonly program: Cursor;
}

interface FrameSection {
  readonly section: Section;
  readonly exceptionFrames: boolean;
}

/** Where the entry of a function stands, and its addresses: from the first to the one after the last. */
interface Place extends FrameSection {
  readonly at: number;
  readonly low: bigint;
  readonly high: bigint;
}

const MASK = (1n << 64n) - 1n;
/** Pointer encodings: format in the low half, what it is relative to in the high one. */
const POINTER = { absolute: 0x00, udata2: 0x02, udata4: 0x03, udata8: 0x04, sdata4: 0x0b, sdata8: 0x0c, pcRelative: 0x10 } as const;
/** Units of work to put one entry in its order. */
const SORTED = 20;

/** What stands at a place of a section: `body` is what follows the entry's length and identifier. */
interface Header {
  readonly body: Cursor;
  /** Offset of the common information entry; undefined if the entry is one itself, or has none. */
  readonly commonAt: number | undefined;
}

export class FrameEntries {
  readonly #sections: readonly FrameSection[];
  readonly #budget: Budget;
  /** By address; undefined until it is first needed. */
  #places: readonly Place[] | undefined;

  constructor(elf: ElfFile, budget: Budget) {
    this.#budget = budget;
    this.#sections = (['.debug_frame', '.eh_frame'] as const).flatMap((name) => {
      const section = elf.sections.get(name);
      return section === undefined ? [] : [{ section, exceptionFrames: name === '.eh_frame' }];
    });
  }

  /** The entry of the function that holds `pc`; undefined if there is none. Throws DwarfError if it is broken. */
  at(pc: bigint): Description | undefined {
    this.#places ??= this.#read();
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#places[middle]!.low <= pc) low = middle + 1;
      else high = middle;
    }
    const place = this.#places[low - 1];
    if (place === undefined || pc >= place.high) return undefined;
    const { section, exceptionFrames, at } = place;
    const { body, commonAt } = header(new Cursor(section, this.#budget, at), exceptionFrames);
    const common = readCommon(section, this.#budget, commonAt!, exceptionFrames);
    addresses(body, section, common);
    if (common.augmented) body.skip(body.uleb());
    return { common, low: place.low, program: body };
  }

  /** The places of all entries, as far as they can be read, by address. Of several at one address the first in the file is the last. */
  #read(): Place[] {
    const places: Place[] = [];
    for (const one of this.#sections) {
      try {
        this.#readSection(one, places);
      } catch (error) {
        if (!(error instanceof DwarfError)) throw error;
      }
    }
    this.#budget.spend(SORTED * places.length);
    return places.reverse().sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  }

  #readSection({ section, exceptionFrames }: FrameSection, places: Place[]): void {
    // Entries stand after their common information.
    let last: { readonly at: number; readonly common: CommonInformation } | undefined;
    for (const cursor = new Cursor(section, this.#budget); !cursor.done; ) {
      const at = cursor.at;
      if (cursor.copy().unitLength().length === 0) return;
      const { body, commonAt } = header(cursor, exceptionFrames);
      if (commonAt === undefined) continue;
      if (last?.at !== commonAt) last = { at: commonAt, common: readCommon(section, this.#budget, commonAt, exceptionFrames) };
      const { low, size } = addresses(body, section, last.common);
      if (size === 0n) continue;
      this.#budget.keep(KEPT.range);
      places.push({ section, exceptionFrames, at, low, high: low + size });
    }
  }
}

/** Reads an entry's header; the cursor moves to the end of the entry. */
function header(cursor: Cursor, exceptionFrames: boolean): Header {
  const start = cursor.at;
  const { length, is64 } = cursor.unitLength();
  const body = cursor.take(length);
  const idAt = body.at;
  const id = body.offset(is64 && !exceptionFrames);
  if (exceptionFrames ? id === 0 : id === (is64 ? NO_ID_64 : 0xffff_ffff)) return { body, commonAt: undefined };
  const commonAt = exceptionFrames ? idAt - id : id;
  return { body, commonAt: commonAt >= 0 && commonAt < start ? commonAt : undefined };
}

function addresses(body: Cursor, section: Section, common: CommonInformation): { low: bigint; size: bigint } {
  const low = pointer(body, section, common);
  const size = pointer(body, section, { ...common, pointerEncoding: common.pointerEncoding & 0x0f });
  return { low, size };
}

const NO_ID_64 = Number.MAX_SAFE_INTEGER;

function readCommon(section: Section, budget: Budget, at: number, exceptionFrames: boolean): CommonInformation {
  const outer = new Cursor(section, budget).moveTo(at);
  const { length, is64 } = outer.unitLength();
  const cursor = outer.take(length);
  cursor.offset(is64 && !exceptionFrames);
  const version = cursor.u8();
  const augmentation = cursor.string();
  let addressSize = 8;
  if (version >= 4) {
    addressSize = cursor.u8();
    cursor.skip(1);
  }
  const codeAlignment = cursor.uleb();
  const dataAlignment = cursor.sleb();
  const returnRegister = version === 1 ? cursor.u8() : cursor.uleb();
  let pointerEncoding: number = POINTER.absolute;
  const augmented = augmentation.startsWith('z');
  if (augmented) {
    const data = cursor.take(cursor.uleb());
    for (const letter of augmentation.slice(1)) {
      if (letter === 'R') pointerEncoding = data.u8();
      else if (letter === 'L') data.u8();
      else if (letter === 'P') pointer(data, section, { pointerEncoding: data.u8(), addressSize });
      else if (letter !== 'S' && letter !== 'B') break;
    }
  } else if (augmentation !== '') throw new DwarfError('unsupported', section.name);
  return { codeAlignment, dataAlignment, returnRegister, pointerEncoding, augmented, addressSize, program: cursor };
}

function pointer(
  cursor: Cursor,
  section: Section,
  { pointerEncoding, addressSize }: Pick<CommonInformation, 'pointerEncoding' | 'addressSize'>,
): bigint {
  const here = section.address + BigInt(cursor.at);
  const value = plainPointer(cursor, pointerEncoding & 0x0f, addressSize);
  const relative = pointerEncoding & 0x70;
  if (relative === 0) return value & MASK;
  if (relative === POINTER.pcRelative) return (here + value) & MASK;
  return cursor.fail('unsupported');
}

function plainPointer(cursor: Cursor, format: number, addressSize: number): bigint {
  switch (format) {
    case POINTER.absolute:
      return cursor.address(addressSize);
    case POINTER.udata2:
      return BigInt(cursor.u16());
    case POINTER.udata4:
      return BigInt(cursor.u32());
    case POINTER.sdata4:
      return BigInt(cursor.i32());
    case POINTER.udata8:
    case POINTER.sdata8:
      return cursor.u64();
    default:
      return cursor.fail('unsupported');
  }
}
