/**
 * The part of `Semantics` that both execution engines share: temporaries, the look-up in the TLB, floating point. The interpreter
 * (registers-in-memory.ts) and the translator (registers-in-locals.ts) add where operands are kept and how to leave the code.
 */

import type {
  AccessWidth,
  CsrOperation,
  Extending,
  FloatSemantics,
  Instruction,
  Semantics,
  SoftOperation,
  SystemOperation,
} from '../isa/instruction.ts';
import { setSlot64, slot64 } from '../layout/slot-access.ts';
import { F, SLOT } from '../layout/slots.ts';
import { TLB_ADDEND, TLB_TABLE, tlb } from '../layout/tlb.ts';
import { FS_BYTE, FS_IN_BYTE, STATUS } from '../spec/riscv.ts';
import {
  after,
  block,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  label,
  type Statement,
  select,
  sequence,
  type ValueType,
  when,
} from '../wasm/code.ts';
import { EXIT } from './exit.ts';
import type { FusedFunctions } from './fused.ts';
import { hostFloat } from './host-float.ts';

const BOXED = 0xffffffffn;
const CANONICAL_SINGLE = 0x7fc00000;
const BOXED_HALF = 0xffff_ffff_ffffn;
const CANONICAL_HALF = 0x7e00;
export const LOAD = {
  signed: { 1: i64.load8s, 2: i64.load16s, 4: i64.load32s, 8: i64.load },
  unsigned: { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load },
} as const;
/** How the generated code names an operation on a CSR (exec/csr-access.ts). */
export const CSR_OPERATION: Record<CsrOperation, number> = { write: 0, set: 1, clear: 2 };
export const STORE = { 1: i64.store8, 2: i64.store16, 4: i64.store32, 8: i64.store } as const;

export type DataAccess = 'load' | 'store';

/** The function that an engine emits code into. */
export interface LocalsOf {
  local<T extends ValueType>(type: T): Local<T>;
}

export abstract class EngineSemantics implements Semantics {
  readonly #builder: LocalsOf;
  readonly #temps: Record<ValueType, { all: Local<ValueType>[]; used: number }> = {
    i32: { all: [], used: 0 },
    i64: { all: [], used: 0 },
    f32: { all: [], used: 0 },
    f64: { all: [], used: 0 },
  };

  constructor(builder: LocalsOf) {
    this.#builder = builder;
  }

  abstract readonly rs1: I64;
  abstract readonly rs2: I64;
  abstract readonly imm: I64;
  abstract readonly zimm: I64;
  abstract readonly pc: I64;
  abstract readonly nextPc: I64;
  abstract rd(value: I64): Statement;
  abstract load(width: AccessWidth, extension: Extending, address: I64): I64;
  abstract store(width: AccessWidth, address: I64, value: I64): Statement;
  abstract jump(link?: Statement): Statement;
  abstract jumpTo(target: I64, link: Statement): Statement;
  abstract csr(operation: CsrOperation, source: I64): Statement;
  abstract system(operation: SystemOperation): Statement;

  /** Address of the TLB bank in force. */
  abstract readonly bank: I32;
  /** Address, less F, of a floating-point operand's register, or of rd. */
  protected abstract floatRegister(operand: 'rs1' | 'rs2' | 'rs3' | 'rd'): I32;
  /** The instruction's rounding mode. */
  protected abstract readonly rounding: I32;
  protected abstract readonly fused: FusedFunctions;
  /** An operation of the soft float; leaves the code if its rounding mode is illegal. */
  protected abstract soft(row: SoftOperation): Statement;
  /** Leaves the engine before the instruction. */
  protected abstract leave(code: number): Statement;
  /** Host address of a naturally aligned word of RAM that may be accessed. */
  protected abstract hostOf(width: 4 | 8, address: I64, access: DataAccess): I32;

  /** The code of one instruction. */
  protected emit(instruction: Instruction): readonly Statement[] {
    for (const pool of Object.values(this.#temps)) pool.used = 0;
    return instruction.semantics(this);
  }

  temp<T extends ValueType>(type: T): Local<T> {
    const pool = this.#temps[type];
    if (pool.used === pool.all.length) pool.all.push(this.#builder.local(type));
    return pool.all[pool.used++] as unknown as Local<T>;
  }

  branch(condition: I32): Statement {
    return when(condition, [this.jump()]);
  }

  /** The TLB's entry for an address, and whether it serves an aligned access of this width. */
  protected lookUp(address: Local<'i64'>, width: AccessWidth, access: DataAccess): { hit: I32; host: I32 } {
    const entry = this.temp('i32');
    const table = TLB_TABLE[access];
    return {
      hit: i64.eq(i64.load(entry.tee(tlb.entryOf(this.bank, address)), table), tlb.tagOf(address, width)),
      host: i32.add(i32.wrap(address), i32.load(entry, table + TLB_ADDEND)),
    };
  }

  fence(): Statement {
    return sequence();
  }

  atomic(width: 4 | 8, address: I64): I32 {
    return this.hostOf(width, address, 'store');
  }

  reserve(width: 4 | 8, address: I64): I32 {
    return this.hostOf(width, address, 'load');
  }

  readonly reservation = {
    get: () => slot64('reservation'),
    set: (value: I64) => setSlot64('reservation', value),
    value: () => slot64('reservedValue'),
    setValue: (value: I64) => setSlot64('reservedValue', value),
  };

  readonly float: FloatSemantics = {
    bits: (operand) => i64.load(this.floatRegister(operand), F),
    single: (operand) => {
      const bits = this.temp('i64');
      return after(
        [bits.set(this.float.bits(operand))],
        select(i64.eq(i64.shrU(bits, i64.const(32)), i64.const(BOXED)), i64.and(bits, i64.const(BOXED)), i64.const(CANONICAL_SINGLE)),
      );
    },
    half: (operand) => {
      const bits = this.temp('i64');
      return after(
        [bits.set(this.float.bits(operand))],
        select(i64.eq(i64.shrU(bits, i64.const(16)), i64.const(BOXED_HALF)), i64.and(bits, i64.const(0xffff)), i64.const(CANONICAL_HALF)),
      );
    },
    rd: (bits) => sequence(i64.store(this.floatRegister('rd'), bits, F), this.markFloatDirty()),
    enabled: () => this.checkFloatEnabled(),
    operate: (row) => this.#operate(row),
  };

  protected checkFloatEnabled(): Statement {
    return when(i32.eqz(i32.and(i32.load8u(i32.const(0), SLOT.mstatus + FS_BYTE), i32.const(FS_IN_BYTE))), [this.leave(EXIT.illegal)]);
  }

  protected markFloatDirty(): Statement {
    return setSlot64('mstatus', i64.or(slot64('mstatus'), i64.const(STATUS.FS | STATUS.SD)));
  }

  #operate(row: SoftOperation): Statement {
    const done = label('done');
    const { rounding, fused, float } = this;
    const fast = hostFloat(
      row,
      { rounding, fused, float, temp: (type) => this.temp(type), rd: (v) => this.rd(v), integer: () => this.rs1 },
      done,
    );
    const slow = this.soft(row);
    return sequence(this.float.enabled(), fast ? block(done, fast, slow) : slow);
  }
}
