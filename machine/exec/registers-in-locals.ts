/**
 * `Semantics` for translated code: integer registers are locals, operands and addresses within the page are constants.
 *
 * Whatever is not a plain access to RAM, or traps, or changes more than registers and memory, is not done here: the code leaves before
 * that instruction, and the interpreter does it. So translated code calls nothing that could see registers, change the budget or trap.
 */

import type { AccessWidth, CsrOperation, SoftOperation } from '../isa/instruction.ts';
import { slot32 } from '../layout/slots.ts';
import { X } from '../layout/state.ts';
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
import type { Decoded } from './decoder.ts';
import { CSR_OPERATION, type DataAccess, EngineSemantics, LOAD_SIGNED, LOAD_UNSIGNED, STORE } from './semantics.ts';

export interface TranslationParts {
  readonly refill: Callable<'i32'>;
  readonly soft: Callable<'i32'>;
  readonly csr: Callable<'i32'>;
}

/** An instruction, and where it stands. */
export interface PlacedInstruction extends Decoded {
  /** Bytes from the page's first. */
  readonly offset: number;
}

/** The code that an instruction stands in. */
export interface Surroundings {
  /** Where the function leaves. */
  readonly out: Label;
  /** To an offset in the page, or beyond it. */
  goTo(offset: number): Statement;
  goToAddress(target: I64): Statement;
  /** An address where the instruction's decoded entry stays, for what reads it. */
  entryOf(instruction: PlacedInstruction): number;
}

export class RegistersInLocals extends EngineSemantics {
  /** Virtual address of the page. */
  readonly pcPage: Local<'i64'>;
  /** What is left of it when the block is done. */
  readonly budget: Local<'i32'>;
  /** Where the code goes on that leaves. */
  readonly target: Local<'i64'>;
  readonly bank: Local<'i32'>;
  readonly #registers: (Local<'i64'> | undefined)[] = [];
  readonly #written = new Set<number>();
  readonly #newLocal: () => Local<'i64'>;
  readonly #parts: TranslationParts;
  readonly #surroundings: Surroundings;
  #instruction!: PlacedInstruction;
  /** Instructions of the block from this one on. */
  #left = 0;

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

  /** @param left instructions of the block from this one on */
  translate(instruction: PlacedInstruction, left: number): readonly Statement[] {
    this.#instruction = instruction;
    this.#left = left;
    return this.emit(instruction.instruction);
  }

  /** Before the code: registers that it uses. To be asked for when all of it was translated. */
  loads(): readonly Statement[] {
    return this.#registers.flatMap((local, n) => (local ? [local.set(i64.load(i32.const(0), X + 8 * n))] : []));
  }

  /** Behind the code: registers that it changed. */
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

  /** Leaves before this instruction; the interpreter finds out what is the matter. */
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

  load(width: AccessWidth, signed: boolean, address: I64): I64 {
    return (signed ? LOAD_SIGNED : LOAD_UNSIGNED)[width](this.hostOf(width, address, 'load'));
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

  /** The plain ones; an interrupt that is due now is taken before the next instruction. */
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

  /** What a function that was called has written to a register in memory. */
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

  /** The soft float sees integer registers in memory. */
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
