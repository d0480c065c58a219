/**
 * Call frame information: from the registers in a function to those in its caller. Reference: DWARF 5, 6.4 (.debug_frame) and the
 * Linux Standard Base, "Exception Frames" (.eh_frame).
 * Left out: expressions, whose registers are unknown then, and 64-bit DWARF in .eh_frame.
 */
import type { ElfFile } from '../../run/elf.ts';
import type { Budget } from './budget.ts';
import type { Cursor } from './cursor.ts';
import { type CommonInformation, type Description, FrameEntries } from './frame-entries.ts';

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

/** No other registers are needed. */
const REGISTERS = 32;
/** States of a program that are remembered at a time. */
const MOST_REMEMBERED = 64;
const SP = 2;
const MASK = (1n << 64n) - 1n;
export interface CallerFrame {
  readonly pc: bigint;
  readonly registers: RegisterValues;
}

export class CallFrames {
  readonly #entries: FrameEntries;

  constructor(elf: ElfFile, budget: Budget) {
    this.#entries = new FrameEntries(elf, budget);
  }

  /**
   * The caller of the function that holds `pc`; `read` loads a doubleword of guest memory. Undefined if the tables do not say, the
   * stack cannot be read, or there is no caller. Throws DwarfError for tables that are broken.
   */
  caller(pc: bigint, registers: RegisterValues, read: (address: bigint) => bigint | undefined): CallerFrame | undefined {
    const description = this.#entries.at(pc);
    if (description === undefined) return undefined;
    const row = this.#rowAt(description, pc);
    const base = registers[row.cfaRegister];
    if (row.cfaUnknown || base === undefined) return undefined;
    const cfa = (base + BigInt(row.cfaOffset)) & MASK;
    const values = Array.from({ length: REGISTERS }, (_, register) => callerValue(register, row.rules.get(register), cfa, registers, read));
    const returnAddress = values[description.common.returnRegister];
    return returnAddress === undefined ? undefined : { pc: returnAddress, registers: values };
  }

  #rowAt({ common, low, program }: Description, pc: bigint): Row {
    const row: Row = { cfaRegister: SP, cfaOffset: 0, cfaUnknown: false, rules: new Map() };
    this.#run(common.program.copy(), common, row, low, undefined, undefined);
    const initial = new Map(row.rules);
    this.#run(program.copy(), common, row, low, pc, initial);
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
    const set = (register: number, rule: Rule) => {
      if (register < REGISTERS) row.rules.set(register, rule);
    };
    const factored = () => cursor.uleb() * common.dataAlignment;
    const signedFactored = () => cursor.sleb() * common.dataAlignment;
    const restore = (register: number) => {
      const rule = initial?.get(register);
      if (rule === undefined) row.rules.delete(register);
      else row.rules.set(register, rule);
    };
    /** True if the row for pc has been reached. */
    const advance = (delta: number): boolean => {
      at += BigInt(delta * common.codeAlignment);
      return pc !== undefined && at > pc;
    };
    const cfa = (register: number, offset: number) => Object.assign(row, { cfaRegister: register, cfaOffset: offset, cfaUnknown: false });
    while (!cursor.done) {
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
            if (saved.length === MOST_REMEMBERED) cursor.fail('malformed');
            cursor.budget.spend(row.rules.size);
            saved.push({ ...row, rules: new Map(row.rules) });
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
