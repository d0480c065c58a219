/**
 * Call frame information: from the registers in a function to those in its caller. Reference: DWARF 5, 6.4 (.debug_frame) and the
 * Linux Standard Base, "Exception Frames" (.eh_frame).
 * Left out: expressions, whose registers are unknown then, and 64-bit DWARF in .eh_frame.
 */
import type { ElfFile, Section } from '../elf.ts';
import { Budget, Cursor, DwarfError } from './cursor.ts';

/** x0…x31 by their DWARF numbers, which are the same (RISC-V ABIs, "DWARF Register Numbers"); undefined: not known. */
export type RegisterValues = readonly (bigint | undefined)[];

/** Where a register of the caller is. */
type Rule =
  | { readonly kind: 'same' | 'undefined' }
  | { readonly kind: 'stored'; readonly offset: number }
  | { readonly kind: 'register'; readonly register: number }
  | { readonly kind: 'valued'; readonly offset: number };

interface Row {
  cfaRegister: number;
  cfaOffset: number;
  /** A canonical frame address that is an expression. */
  cfaUnknown: boolean;
  rules: Map<number, Rule>;
}

interface CommonInformation {
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
interface Description {
  readonly common: CommonInformation;
  readonly low: bigint;
  readonly high: bigint;
  readonly program: Cursor;
}

const REGISTERS = 32;
const SP = 2;
const MASK = (1n << 64n) - 1n;
/** Pointer encodings: format in the low half, what it is relative to in the high one. */
const POINTER = { absolute: 0x00, udata2: 0x02, udata4: 0x03, udata8: 0x04, sdata4: 0x0b, sdata8: 0x0c, pcRelative: 0x10 } as const;

export interface CallerFrame {
  readonly pc: bigint;
  readonly registers: RegisterValues;
}

export class CallFrames {
  readonly #sections: readonly { readonly section: Section; readonly exceptionFrames: boolean }[];
  readonly #budget: Budget;

  constructor(elf: ElfFile, work = 10_000_000) {
    this.#budget = new Budget(work);
    this.#sections = (['.debug_frame', '.eh_frame'] as const).flatMap((name) => {
      const section = elf.sections.get(name);
      return section === undefined ? [] : [{ section, exceptionFrames: name === '.eh_frame' }];
    });
  }

  /**
   * The caller of the function that holds `pc`; `read` loads a doubleword of guest memory. Undefined where the tables do not say, the
   * stack cannot be read, or there is no caller. Throws DwarfError for tables that are broken.
   */
  caller(pc: bigint, registers: RegisterValues, read: (address: bigint) => bigint | undefined): CallerFrame | undefined {
    const description = this.#find(pc);
    if (description === undefined) return undefined;
    const row = this.#rowAt(description, pc);
    const base = registers[row.cfaRegister];
    if (row.cfaUnknown || base === undefined) return undefined;
    const cfa = (base + BigInt(row.cfaOffset)) & MASK;
    const values = Array.from({ length: REGISTERS }, (_, register) => callerValue(register, row.rules.get(register), cfa, registers, read));
    const returnAddress = values[description.common.returnRegister];
    return returnAddress === undefined ? undefined : { pc: returnAddress, registers: values };
  }

  #find(pc: bigint): Description | undefined {
    for (const { section, exceptionFrames } of this.#sections) {
      const found = this.#findIn(section, exceptionFrames, pc);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #findIn(section: Section, exceptionFrames: boolean, pc: bigint): Description | undefined {
    const known = new Map<number, CommonInformation>();
    for (const cursor = new Cursor(section.name, section.bytes); !cursor.done; ) {
      this.#budget.spend();
      const start = cursor.at;
      const { length, is64 } = cursor.unitLength();
      if (length === 0) return undefined;
      const body = cursor.take(length);
      const idAt = body.at;
      const id = body.offset(is64 && !exceptionFrames);
      if (exceptionFrames ? id === 0 : id === (is64 ? NO_ID_64 : 0xffff_ffff)) continue;
      const commonAt = exceptionFrames ? idAt - id : id;
      if (commonAt < 0 || commonAt >= start) continue;
      const common = known.get(commonAt) ?? readCommon(section, commonAt, exceptionFrames);
      known.set(commonAt, common);
      const low = pointer(body, section, common);
      const size = pointer(body, section, { ...common, pointerEncoding: common.pointerEncoding & 0x0f });
      if (pc < low || pc >= low + size) continue;
      if (common.augmented) body.skip(body.uleb());
      return { common, low, high: low + size, program: body };
    }
    return undefined;
  }

  #rowAt({ common, low, program }: Description, pc: bigint): Row {
    const row: Row = { cfaRegister: SP, cfaOffset: 0, cfaUnknown: false, rules: new Map() };
    this.#run(copyOf(common.program), common, row, low, undefined, undefined);
    const initial = new Map(row.rules);
    this.#run(copyOf(program), common, row, low, pc, initial);
    return row;
  }

  /** Runs a program up to the row for `pc`; `initial` are the rules that "restore" goes back to. */
  #run(
    cursor: Cursor,
    common: CommonInformation,
    row: Row,
    low: bigint,
    pc: bigint | undefined,
    initial: ReadonlyMap<number, Rule> | undefined,
  ): void {
    const saved: Row[] = [];
    let at = low;
    const set = (register: number, rule: Rule) => row.rules.set(register, rule);
    const factored = () => cursor.uleb() * common.dataAlignment;
    const signedFactored = () => cursor.sleb() * common.dataAlignment;
    const restore = (register: number) => {
      const rule = initial?.get(register);
      if (rule === undefined) row.rules.delete(register);
      else row.rules.set(register, rule);
    };
    /** True where the row for pc has been reached. */
    const advance = (delta: number): boolean => {
      at += BigInt(delta * common.codeAlignment);
      return pc !== undefined && at > pc;
    };
    const cfa = (register: number, offset: number) => Object.assign(row, { cfaRegister: register, cfaOffset: offset, cfaUnknown: false });
    while (!cursor.done) {
      this.#budget.spend();
      const operation = cursor.u8();
      const low6 = operation & 0x3f;
      if (operation >= 0xc0) restore(low6);
      else if (operation >= 0x80) set(low6, { kind: 'stored', offset: factored() });
      else if (operation >= 0x40) {
        if (advance(low6)) return;
      } else {
        switch (operation) {
          case 0x00: // nop
            break;
          case 0x01: // set_loc
            cursor.address(common.addressSize);
            return;
          case 0x02:
            if (advance(cursor.u8())) return;
            break;
          case 0x03:
            if (advance(cursor.u16())) return;
            break;
          case 0x04:
            if (advance(cursor.u32())) return;
            break;
          case 0x05: // offset_extended
            set(cursor.uleb(), { kind: 'stored', offset: factored() });
            break;
          case 0x06: // restore_extended
            restore(cursor.uleb());
            break;
          case 0x07:
            set(cursor.uleb(), { kind: 'undefined' });
            break;
          case 0x08:
            set(cursor.uleb(), { kind: 'same' });
            break;
          case 0x09:
            set(cursor.uleb(), { kind: 'register', register: cursor.uleb() });
            break;
          case 0x0a: // remember_state
            saved.push({ ...row, rules: new Map(row.rules) });
            if (saved.length > 64) cursor.fail('malformed');
            break;
          case 0x0b: // restore_state
            Object.assign(row, saved.pop() ?? cursor.fail('malformed'));
            break;
          case 0x0c: // def_cfa
            cfa(cursor.uleb(), cursor.uleb());
            break;
          case 0x0d: // def_cfa_register
            cfa(cursor.uleb(), row.cfaOffset);
            break;
          case 0x0e: // def_cfa_offset
            cfa(row.cfaRegister, cursor.uleb());
            break;
          case 0x0f: // def_cfa_expression
            cursor.skip(cursor.uleb());
            row.cfaUnknown = true;
            break;
          case 0x10: // expression
          case 0x16: // val_expression
            set(cursor.uleb(), { kind: 'undefined' });
            cursor.skip(cursor.uleb());
            break;
          case 0x11: // offset_extended_sf
            set(cursor.uleb(), { kind: 'stored', offset: signedFactored() });
            break;
          case 0x12: // def_cfa_sf
            cfa(cursor.uleb(), signedFactored());
            break;
          case 0x13: // def_cfa_offset_sf
            cfa(row.cfaRegister, signedFactored());
            break;
          case 0x14: // val_offset
            set(cursor.uleb(), { kind: 'valued', offset: factored() });
            break;
          case 0x15: // val_offset_sf
            set(cursor.uleb(), { kind: 'valued', offset: signedFactored() });
            break;
          default:
            cursor.fail('unsupported');
        }
      }
    }
  }
}

/** What a register held in the caller. */
function callerValue(
  register: number,
  rule: Rule | undefined,
  cfa: bigint,
  registers: RegisterValues,
  read: (address: bigint) => bigint | undefined,
): bigint | undefined {
  // The caller's stack pointer is the canonical frame address itself.
  if (register === SP) return cfa;
  switch (rule?.kind) {
    case undefined:
    case 'same':
      return registers[register];
    case 'stored':
      return read((cfa + BigInt(rule.offset)) & MASK);
    case 'valued':
      return (cfa + BigInt(rule.offset)) & MASK;
    case 'register':
      return registers[rule.register];
    case 'undefined':
      return undefined;
  }
}

const NO_ID_64 = Number.MAX_SAFE_INTEGER;

const copyOf = (cursor: Cursor): Cursor => new Cursor(cursor.name, cursor.bytes, cursor.at, cursor.end);

function readCommon(section: Section, at: number, exceptionFrames: boolean): CommonInformation {
  const outer = new Cursor(section.name, section.bytes).moveTo(at);
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
