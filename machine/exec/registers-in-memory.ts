/**
 * `Semantics` for the interpreter: registers live in memory, operands come from the decoded entry, and a trap leaves the loop.
 */

import { FORMATS } from '../isa/formats.ts';
import type { AccessWidth, CsrOperation, Extending, Instruction, SoftOperation, SystemOperation } from '../isa/instruction.ts';
import { setSlot32, setSlot64, slot32 } from '../layout/slots.ts';
import { ENTRY, X } from '../layout/state.ts';
import type { AccessFunctions } from '../mmu/access.ts';
import { ACCESS } from '../mmu/walk.ts';
import { EXCEPTION } from '../spec/riscv.ts';
import {
  after,
  branch,
  branchIf,
  type Callable,
  call,
  callVoid,
  choose,
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
import { CSR_RESULT } from './csr-access.ts';
import { EXIT } from './exit.ts';
import type { FusedFunctions } from './fused.ts';
import type { Operation } from './operations.ts';
import { CSR_OPERATION, type DataAccess, EngineSemantics, LOAD, STORE } from './semantics.ts';

const WIDEN: Record<AccessWidth, (v: I64) => I64> = { 1: i64.extend8S, 2: i64.extend16S, 4: i64.extend32S, 8: (v) => v };

/** The instructions that are done in generated code (stop.ts). */
const EXIT_OF = {
  ecall: EXIT.ecall,
  ebreak: EXIT.ebreak,
  mret: EXIT.mret,
  sret: EXIT.sret,
  'sfence.vma': EXIT.fence,
  'sinval.vma': EXIT.fence,
} as const satisfies Partial<Record<SystemOperation, number>>;
export type GeneratedOperation = keyof typeof EXIT_OF;
const isGenerated = (operation: SystemOperation): operation is GeneratedOperation => Object.hasOwn(EXIT_OF, operation);

/** What the interpreter calls outside itself. */
export interface InterpreterParts {
  readonly access: AccessFunctions;
  /** Virtual address -> decoded page, or 0 after a fault. */
  readonly fetchPage: Callable<'i32'>;
  /** (entry, decoded page): decodes from this entry on. */
  readonly decode: Callable<undefined>;
  /** Fetches and decodes the instruction at `pc`, which crosses a page, into the scratch page; 0 after a fault. */
  readonly crossing: Callable<'i32'>;
  /** (entry, operation, source, budget) -> CSR_RESULT (csr-access.ts). */
  readonly csr: Callable<'i32'>;
  /** (exit code, entry) -> exit code, or GO_ON (stop.ts). */
  readonly stop: Callable<'i32'>;
  /** (number in SOFT_OPERATIONS, entry) -> 1 where the rounding mode is illegal. */
  readonly soft: Callable<'i32'>;
  readonly fused: FusedFunctions;
}

export interface Labels {
  readonly next: Label;
  readonly jump: Label;
  readonly exit: Label;
  readonly done: Label;
}

export class RegistersInMemory extends EngineSemantics {
  readonly locals: {
    /** The entry being executed, and the next one. */
    readonly at: Local<'i32'>;
    readonly ip: Local<'i32'>;
    /** The decoded page, and its length: a branch within it needs no look-up. */
    readonly base: Local<'i32'>;
    readonly span: Local<'i32'>;
    /** Virtual address of the page. */
    readonly pcPage: Local<'i64'>;
    readonly budget: Local<'i32'>;
    readonly dataBank: Local<'i32'>;
    /** Target of a jump that needs a look-up. */
    readonly target: Local<'i64'>;
    readonly reason: Local<'i32'>;
  };
  protected readonly parts: InterpreterParts;
  readonly #labels: Labels;
  #instruction: Instruction | undefined;
  #discards = false;
  #aligned = false;

  /** @param at the local that holds the entry, if it is not to be a new one: a parameter of the function */
  constructor(builder: FunctionBuilder<'i32'>, parts: InterpreterParts, labels: Labels, at: Local<'i32'> = builder.local('i32')) {
    super(builder);
    this.parts = parts;
    this.#labels = labels;
    const [i, l] = [() => builder.local('i32'), () => builder.local('i64')];
    this.locals = { at, ip: i(), base: i(), span: i(), pcPage: l(), budget: i(), dataBank: i(), target: l(), reason: i() };
  }

  /** The code of one operation. */
  operation({ instruction, discards, aligned }: Operation): readonly Statement[] {
    this.#instruction = instruction;
    this.#discards = discards;
    this.#aligned = aligned;
    return this.emit(instruction);
  }

  protected field(offset: number): I32 {
    return i32.load8u(this.locals.at, offset);
  }

  get #rs2Field(): I32 {
    return this.field(FORMATS[this.#instruction!.format].rs2 === 'rd' ? 2 : 4);
  }

  get rs1(): I64 {
    return i64.load(this.field(3), X);
  }

  get rs2(): I64 {
    return i64.load(this.#rs2Field, X);
  }

  get imm(): I64 {
    return i64.load32s(this.locals.at, 4);
  }

  get zimm(): I64 {
    return i64.extendU(i32.shrU(this.field(3), i32.const(3)));
  }

  #addressOf(entry: I32): I64 {
    return i64.add(this.locals.pcPage, i64.extendS(i32.shrS(i32.sub(entry, this.locals.base), i32.const(2))));
  }

  get pc(): I64 {
    return this.#addressOf(this.locals.at);
  }

  get nextPc(): I64 {
    return this.#addressOf(this.locals.ip);
  }

  get bank(): I32 {
    return this.locals.dataBank;
  }

  rd(value: I64): Statement {
    return this.#discards ? drop(value) : i64.store(this.field(2), value, X);
  }

  protected leave(code: number): Statement {
    return sequence(this.locals.reason.set(i32.const(code)), branch(this.#labels.exit));
  }

  /** Calls something that may read or change the budget, which is in a slot meanwhile; leaves if it faulted. */
  protected around(called: Statement): Statement {
    return sequence(
      setSlot32('budget', this.locals.budget),
      called,
      this.locals.budget.set(slot32('budget')),
      when(slot32('fault'), [setSlot32('fault', i32.const(0)), this.leave(EXIT.exception)]),
    );
  }

  load(width: AccessWidth, extension: Extending, address: I64): I64 {
    const a = this.temp('i64');
    const value = this.temp('i64');
    const { hit, host } = this.lookUp(a, width, 'load');
    const slow = this.around(sequence(setSlot64('pc', this.pc), value.set(call(this.parts.access.load, a, i32.const(width)))));
    const fast = LOAD[extension][width];
    return after([a.set(address)], choose(hit, fast(host), after([slow], extension === 'signed' ? WIDEN[width](value) : value)));
  }

  store(width: AccessWidth, address: I64, value: I64): Statement {
    const a = this.temp('i64');
    const { hit, host } = this.lookUp(a, width, 'store');
    const slow = this.around(sequence(setSlot64('pc', this.pc), callVoid(this.parts.access.store, a, value, i32.const(width))));
    return sequence(a.set(address), when(hit, [STORE[width](host, value)], [slow]));
  }

  protected hostOf(width: 4 | 8, address: I64, access: DataAccess): I32 {
    const a = this.temp('i64');
    const found = this.temp('i32');
    const { hit, host } = this.lookUp(a, width, access);
    const slow = this.around(
      sequence(setSlot64('pc', this.pc), found.set(call(this.parts.access.atomic, a, i32.const(width), i32.const(ACCESS[access])))),
    );
    return after([a.set(address)], choose(hit, host, after([slow], found)));
  }

  /** Without C, raises the exception of a jump to an address that is not a multiple of 4, before the jump has any effect (IALIGN = 32). */
  #check(misaligned: I32, target: I64): readonly Statement[] {
    if (!this.#aligned) return [];
    const raise = [setSlot64('cause', i64.const(EXCEPTION.instructionMisaligned)), setSlot64('tval', target), this.leave(EXIT.exception)];
    return [when(misaligned, raise)];
  }

  jump(link: Statement = sequence()): Statement {
    const { at, ip, base, span, target } = this.locals;
    // The entry holds the distance in bytes of entries: 2 bytes of code are one entry.
    const halfway = i32.and(i32.load(at, 4), i32.const(ENTRY));
    return sequence(
      ...this.#check(halfway, this.#addressOf(i32.add(at, i32.load(at, 4)))),
      link,
      branchIf(i32.ltU(i32.sub(ip.tee(i32.add(at, i32.load(at, 4))), base), span), this.#labels.next),
      target.set(this.nextPc),
      branch(this.#labels.jump),
    );
  }

  jumpTo(target: I64, link: Statement): Statement {
    return sequence(
      ...this.#check(i32.and(i32.wrap(target), i32.const(2)), target),
      link,
      this.locals.target.set(target),
      branch(this.#labels.jump),
    );
  }

  /** Decodes the current entry and those after it. This is not an instruction. */
  decode(): Statement {
    return callVoid(this.parts.decode, this.locals.at, this.locals.base);
  }

  system(operation: SystemOperation): Statement {
    return this.leave(isGenerated(operation) ? EXIT_OF[operation] : EXIT.system);
  }

  csr(operation: CsrOperation, source: I64): Statement {
    const { at, ip, dataBank } = this.locals;
    const result = this.temp('i32');
    return sequence(
      result.set(call(this.parts.csr, at, i32.const(CSR_OPERATION[operation]), source, this.locals.budget)),
      when(i32.eq(result, i32.const(CSR_RESULT.satp)), [this.leave(EXIT.satp)]),
      when(result, [this.leave(EXIT.system)]),
      dataBank.set(slot32('dataTlb')),
      when(slot32('interrupt'), [at.set(ip), this.leave(EXIT.interrupt)]),
    );
  }

  protected floatRegister(operand: 'rs1' | 'rs2' | 'rs3' | 'rd'): I32 {
    switch (operand) {
      case 'rs1':
        return this.field(3);
      case 'rs2':
        return this.#rs2Field;
      case 'rs3':
        return this.field(5);
      case 'rd':
        return this.field(2);
    }
  }

  protected get rounding(): I32 {
    return this.field(6);
  }

  protected get fused(): FusedFunctions {
    return this.parts.fused;
  }

  protected soft(row: SoftOperation): Statement {
    return when(call(this.parts.soft, i32.const(row.number), this.locals.at), [this.leave(EXIT.illegal)]);
  }
}
