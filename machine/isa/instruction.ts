/**
 * What an instruction is: one table entry with its encoding, operands and semantics (architecture.md, decision 1).
 *
 * The semantics uses the interface `Semantics`, which has expressions for the operands and statements for the effects. Each execution
 * engine implements it (exec/registers-in-memory.ts, exec/registers-in-locals.ts), so the meaning is written once for all engines.
 */

import type { FloatOperationName } from '../spec/float.ts';
import type { I32, I64, Local, Statement, ValueType } from '../wasm/code.ts';
import type { FormatName } from './formats.ts';

export const EXTENSIONS = [
  'i',
  'm',
  'a',
  'f',
  'd',
  'c',
  'zicsr',
  'zifencei',
  'zba',
  'zbb',
  'zbc',
  'zbs',
  'zicbom',
  'zicboz',
  'svinval',
  'zicond',
  'zawrs',
  'zcb',
  'zfhmin',
  'zfh',
  'system',
] as const;

/** The extensions that instructions belong to; `system` is the privileged architecture, which is always on. */
export type Extension = (typeof EXTENSIONS)[number];

/** Extensions as bits of one word. */
export function extensionBits(extensions: Iterable<Extension>): number {
  return [...extensions].reduce((bits, extension) => bits | (1 << EXTENSIONS.indexOf(extension)), 0);
}

export type AccessWidth = 1 | 2 | 4 | 8;
/** How a load fills the upper bits of a register. */
export type Extending = 'signed' | 'unsigned';

/** Instructions that the hart does in TypeScript, outside the generated code (hart/system.ts). */
export type SystemOperation =
  | 'ecall'
  | 'ebreak'
  | 'mret'
  | 'sret'
  | 'wfi'
  | 'sfence.vma'
  | SvinvalOperation
  | CacheBlockOperation
  | ReservationWait;
export type SvinvalOperation = 'sinval.vma' | 'sfence.w.inval' | 'sfence.inval.ir';
export type CacheBlockOperation = 'cbo.inval' | 'cbo.clean' | 'cbo.flush' | 'cbo.zero';

export type ReservationWait = 'wrs.nto' | 'wrs.sto';

export type CsrOperation = 'write' | 'set' | 'clear';

export interface Semantics {
  /** Integer operands. */
  readonly rs1: I64;
  readonly rs2: I64;
  /** The immediate, sign-extended as the format says. */
  readonly imm: I64;
  readonly pc: I64;
  /** Address of the instruction that follows. */
  readonly nextPc: I64;
  /** A new temporary. */
  temp<T extends ValueType>(type: T): Local<T>;
  rd(value: I64): Statement;

  /** Loads `width` bytes, extended to 64 bits; traps as the privileged specification says. */
  load(width: AccessWidth, extension: Extending, address: I64): I64;
  store(width: AccessWidth, address: I64, value: I64): Statement;
  /** FENCE: harts see each other's accesses in the order of the program, so that it only shows in the log of accesses. */
  fence(): Statement;
  /** Host address of a naturally aligned, writable word for an atomic access. */
  atomic(width: 4 | 8, address: I64): I32;
  /** The same for LR, which only needs the word to be readable. */
  reserve(width: 4 | 8, address: I64): I32;
  /** Slots of the LR reservation. */
  readonly reservation: { get(): I64; set(value: I64): Statement; value(): I64; setValue(value: I64): Statement };

  /** Jumps to pc + imm if the condition holds. */
  branch(condition: I32): Statement;
  /** Jumps to pc + imm. `link` is done first, but not at all if the target is misaligned (IALIGN). */
  jump(link: Statement): Statement;
  /** Jumps to any even address, in the same way. */
  jumpTo(target: I64, link: Statement): Statement;

  csr(operation: CsrOperation, source: I64): Statement;
  /** The number in the rs1 field, which the CSR*I instructions use. */
  readonly zimm: I64;
  system(operation: SystemOperation): Statement;

  readonly float: FloatSemantics;
}

/** The floating-point part. Every access first checks that mstatus.FS is not Off. */
export interface FloatSemantics {
  /** Raw 64 bits of a floating-point register operand. */
  bits(operand: 'rs1' | 'rs2' | 'rs3'): I64;
  /** The low 32 bits of a NaN-boxed single; the canonical NaN if the register is not properly boxed. */
  single(operand: 'rs1' | 'rs2' | 'rs3'): I64;
  /** The same for the low 16 bits of a NaN-boxed half. */
  half(operand: 'rs1' | 'rs2'): I64;
  /** Writes raw bits to rd and marks the state dirty. */
  rd(bits: I64): Statement;
  /** Traps as an illegal instruction while mstatus.FS is Off. An instruction without any other access here begins with this. */
  enabled(): Statement;
  /** An operation with rounding and flags: the host's operation if its result is certain to be right, else the soft float. */
  operate(operation: SoftOperation): Statement;
}

/** Half, single and double precision, by the suffix of their instructions. */
export type FloatFormat = 'h' | 's' | 'd';

/** One row for exec/soft/index.ts: how a floating-point instruction maps to the soft float. */
export interface SoftOperation {
  /** Its index in SOFT_OPERATIONS (isa/float.ts), by which the generated code names it. */
  readonly number: number;
  /** Name in the soft float's table. */
  readonly operation: FloatOperationName;
  readonly format: FloatFormat;
  readonly result: FloatFormat | 'x';
  /** `x` is rs1 as an integer register. */
  readonly sources: readonly ('rs1' | 'rs2' | 'rs3' | 'x')[];
  /** Format of the sources, if it is not `format`. */
  readonly sourceFormat?: FloatFormat;
  /** Whether the instruction rounds by its rm field. */
  readonly rounds: boolean;
}

export interface Instruction {
  readonly name: string;
  readonly extension: Extension;
  /** Another extension that the hart needs for it: D where a half is converted from or to a double. */
  readonly with?: Extension | undefined;
  readonly format: FormatName;
  readonly match: number;
  readonly mask: number;
  /** It writes rd and does something else, too, so it must be executed even with rd = x0. With rd = x0, all others are hints and do nothing. */
  readonly effects: boolean;
  readonly semantics: (s: Semantics) => readonly Statement[];
}
