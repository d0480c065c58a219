/**
 * `Semantics` for translated code: integer registers are locals, operands and addresses within the page are constants.
 *
 * An instruction that accesses anything but RAM, traps, or changes more than registers and memory is not done here: the code returns before
 * it, and the interpreter does it. So translated code never calls anything that could see registers, change the budget or trap.
 */

import type { Decoded } from '../isa/decoder.ts';
import type { FormatName } from '../isa/formats.ts';
import type { AccessWidth, CsrOperation, Extending, SoftOperation } from '../isa/instruction.ts';
import { slot32 } from '../layout/slot-access.ts';
import { X } from '../layout/slots.ts';
import { ACCESS } from '../mmu/walk.ts';
import {
  after,
  branch,
  type Callable,
  call,
  drop,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionBuilder } from '../wasm/module.ts';
import type { FusedFunctions } from './fused.ts';
import { CSR_OPERATION, type DataAccess, EngineSemantics, LOAD, STORE } from './semantics.ts';

/** Formats of the instructions that write a floating-point register. */
const FLOAT_RESULTS: ReadonlySet<FormatName> = new Set([
  'floatLoad',
  'floatR',
  'floatRounded',
  'floatUnary',
  'integerToFloat',
  'floatMoveIn',
  'R4',
]);

export interface TranslationParts {
  readonly refill: Callable<'i32'>;
  readonly soft: Callable<'i32'>;
  readonly csr: Callable<'i32'>;
  readonly fused: FusedFunctions;
}

/** An instruction and its place. */
export interface PlacedInstruction extends Decoded {
  /** Offset in its page, in bytes. */
  readonly offset: number;
}

/** The code around an instruction. */
export interface Surroundings {
  /** A branch to this label leaves the function. */
  readonly out: Label;
  /** A jump to an offset in the page, or outside of it. */
  goTo(offset: number): Statement;
  goToAddress(target: I64): Statement;
  /** An address at which a copy of the instruction's decoded entry stays, for functions that read operands from it. */
  entryOf(instruction: PlacedInstruction): number;
}

export class RegistersInLocals extends EngineSemantics {
  /** Virtual address of the page. */
  readonly pcPage: Local<'i64'>;
  /** Budget that remains after this block. */
  readonly budget: Local<'i32'>;
  /** Address at which execution continues after leaving. */
  readonly target: Local<'i64'>;
  readonly bank: Local<'i32'>;
  readonly #registers: (Local<'i64'> | undefined)[] = [];
  readonly #written = new Set<number>();
  readonly #newLocal: () => Local<'i64'>;
  readonly #parts: TranslationParts;
  readonly #surroundings: Surroundings;
  #instruction!: PlacedInstruction;
  /** How many instructions of the block are not done yet, this one included. */
  #left = 0;
  /** What the code before this instruction in its block has made certain of mstatus.FS. */
  #floatEnabled = false;
  #floatDirty = false;

  constructor(builder: FunctionBuilder<undefined>, parts: TranslationParts, surroundings: Surroundings) {
    super(builder);
    this.#parts = parts;
    this.#surroundings = surroundings;
    this.pcPage = builder.parameter(0, 'i64');
    this.budget = builder.local('i32');
    this.target = builder.local('i64');
    this.bank = builder.local('i32');
    this.#newLocal = () => builder.local('i64');
  }

  /** What comes next may be entered from elsewhere. */
  beginBlock(): void {
    this.#floatEnabled = false;
    this.#floatDirty = false;
  }

  /** @param left how many instructions of the block are not done yet, this one included */
  translate(instruction: PlacedInstruction, left: number): readonly Statement[] {
    this.#instruction = instruction;
    this.#left = left;
    const code = this.emit(instruction.instruction);
    const { extension, format } = instruction.instruction;
    // Only a write of a CSR can switch floating point off, or make its state clean.
    if (extension === 'zicsr') this.beginBlock();
    if (extension === 'f' || extension === 'd') {
      this.#floatEnabled = true;
      this.#floatDirty ||= FLOAT_RESULTS.has(format);
    }
    return code;
  }

  /** To stand before the code: loads the registers that it uses. Ask for it after all code was translated. */
  loads(): readonly Statement[] {
    return this.#registers.flatMap((local, n) => (local ? [local.set(i64.load(i32.const(0), X + 8 * n))] : []));
  }

  /** To stand after the code: stores the registers that it changed. */
  stores(): readonly Statement[] {
    return [...this.#written].map((n) => this.#store64(n));
  }

  #store64(register: number): Statement {
    return i64.store(i32.const(0), this.#register(register), X + 8 * register);
  }

  #register(n: number): Local<'i64'> {
    this.#registers[n] ??= this.#newLocal();
    return this.#registers[n];
  }

  #value(n: number): I64 {
    return n === 0 ? i64.const(0) : this.#register(n);
  }

  get rs1(): I64 {
    return this.#value(this.#instruction.operands.rs1);
  }

  get rs2(): I64 {
    return this.#value(this.#instruction.operands.rs2);
  }

  get imm(): I64 {
    return i64.const(this.#instruction.operands.imm);
  }

  get zimm(): I64 {
    return i64.const(this.#instruction.operands.rs1);
  }

  #inPage(offset: number): I64 {
    return i64.add(this.pcPage, i64.const(offset));
  }

  get pc(): I64 {
    return this.#inPage(this.#instruction.offset);
  }

  get nextPc(): I64 {
    return this.#inPage(this.#instruction.offset + this.#instruction.length);
  }

  rd(value: I64): Statement {
    const { rd } = this.#instruction.operands;
    if (rd === 0) return drop(value);
    this.#written.add(rd);
    return this.#register(rd).set(value);
  }

  /** Leaves before this instruction; the interpreter does it, with its trap if there is one. */
  protected leave(): Statement {
    return sequence(this.budget.set(i32.add(this.budget, i32.const(this.#left))), this.leaveTo(this.#instruction.offset));
  }

  leaveTo(offset: number): Statement {
    return sequence(this.target.set(this.#inPage(offset)), branch(this.#surroundings.out));
  }

  protected hostOf(width: AccessWidth, address: I64, access: DataAccess): I32 {
    const a = this.temp('i64');
    const { hit, host } = this.lookUp(a, width, access);
    const refilled = call(this.#parts.refill, a, i32.const(width), i32.const(ACCESS[access]));
    return after([a.set(address), when(i32.eqz(hit), [when(i32.eqz(refilled), [this.leave()])])], host);
  }

  load(width: AccessWidth, extension: Extending, address: I64): I64 {
    return LOAD[extension][width](this.hostOf(width, address, 'load'));
  }

  store(width: AccessWidth, address: I64, value: I64): Statement {
    return STORE[width](this.hostOf(width, address, 'store'), value);
  }

  jump(link: Statement = sequence()): Statement {
    return sequence(link, this.#surroundings.goTo(this.#instruction.offset + this.#instruction.operands.imm));
  }

  jumpTo(target: I64, link: Statement): Statement {
    return sequence(link, this.#surroundings.goToAddress(target));
  }

  /** CSRs that are plain storage. If the write has made an interrupt due, the code leaves, and it is taken before the next instruction. */
  csr(operation: CsrOperation, source: I64): Statement {
    const instruction = this.#instruction;
    const parts = this.#parts;
    const surroundings = this.#surroundings;
    const budget = i32.add(this.budget, i32.const(this.#left - 1));
    return sequence(
      when(call(parts.csr, i32.const(surroundings.entryOf(instruction)), i32.const(CSR_OPERATION[operation]), source, budget), [
        this.leave(),
      ]),
      ...this.#reload(instruction.operands.rd),
      this.bank.set(slot32('dataTlb')),
      when(slot32('interrupt'), [this.budget.set(budget), this.leaveTo(instruction.offset + instruction.length)]),
    );
  }

  /** Loads a register that a called function has written in memory. */
  #reload(rd: number): readonly Statement[] {
    return rd === 0 ? [] : [this.#register(rd).set(i64.load(i32.const(0), X + 8 * rd))];
  }

  system(): Statement {
    return this.leave();
  }

  protected floatRegister(operand: 'rs1' | 'rs2' | 'rs3' | 'rd'): I32 {
    return i32.const(8 * this.#instruction.operands[operand]);
  }

  protected get rounding(): I32 {
    return i32.const(this.#instruction.operands.rm);
  }

  protected override checkFloatEnabled(): Statement {
    return this.#floatEnabled ? sequence() : super.checkFloatEnabled();
  }

  protected override markFloatDirty(): Statement {
    return this.#floatDirty ? sequence() : super.markFloatDirty();
  }

  protected get fused(): FusedFunctions {
    return this.#parts.fused;
  }

  /** The soft float reads and writes integer registers in memory. */
  protected soft(row: SoftOperation): Statement {
    const { rs1, rd } = this.#instruction.operands;
    const takes = row.sources.includes('x') && rs1 !== 0;
    return sequence(
      ...(takes ? [this.#store64(rs1)] : []),
      when(call(this.#parts.soft, i32.const(row.number), i32.const(this.#surroundings.entryOf(this.#instruction))), [this.leave()]),
      ...(row.result === 'x' ? this.#reload(rd) : []),
    );
  }
}
