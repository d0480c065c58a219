/**
 * `Semantics` for the interpreter: registers live in memory, operands come from the decoded entry, and a trap leaves the loop.
 */

import { FORMATS } from '../isa/formats.ts';
import type { AccessWidth, CsrOperation, Extending, Instruction, SoftOperation, SystemOperation } from '../isa/instruction.ts';
import { ENTRY } from '../layout/memory-map.ts';
import { setSlot32, setSlot64, slot32 } from '../layout/slot-access.ts';
import { X } from '../layout/slots.ts';
import { ACCESS } from '../mmu/walk.ts';
import { EXCEPTION } from '../spec/riscv.ts';
import {
  after,
  branch,
  branchIf,
  call,
  callVoid,
  choose,
  drop,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  type Statement,
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionBuilder } from '../wasm/module.ts';
import { CSR_RESULT } from './csr-access.ts';
import { EXIT } from './exit.ts';
import type { FusedFunctions } from './fused.ts';
import type { InterpreterParts, Labels, Tail } from './interpreter-parts.ts';
import type { Operation } from './operations.ts';
import { CSR_OPERATION, type DataAccess, EngineSemantics, LOAD, STORE } from './semantics.ts';

/** What a register holds above a single and above a half. */
const BOX = { single: 0xffff_ffffn << 32n, half: 0xffff_ffff_ffffn << 16n } as const;

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
    /** For tails: an address; the value to be stored, or the source of a write to a CSR; a width, or an operation on a CSR; by how much to extend. */
    readonly address: Local<'i64'>;
    readonly value: Local<'i64'>;
    readonly detail: Local<'i32'>;
    readonly shift: Local<'i64'>;
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
    const forTails = { address: l(), value: l(), detail: i(), shift: l() };
    this.locals = { at, ip: i(), base: i(), span: i(), pcPage: l(), budget: i(), dataBank: i(), target: l(), reason: i(), ...forTails };
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
    const { address: a, detail, shift } = this.locals;
    const { hit, host } = this.lookUp(a, width, 'load');
    const isFloat = this.#instruction!.format === 'floatLoad';
    const lost = extension === 'signed' ? 64 - 8 * width : 0;
    const miss = isFloat ? branch(this.#labels.floatLoadMiss) : sequence(shift.set(i64.const(lost)), branch(this.#labels.loadMiss));
    return after(
      [a.set(address), when(i32.eqz(hit), [detail.set(i32.const(width)), miss]), ...this.#log('load', width, host)],
      LOAD[extension][width](host),
    );
  }

  store(width: AccessWidth, address: I64, value: I64): Statement {
    const { address: a, detail, value: stored } = this.locals;
    const { hit, host } = this.lookUp(a, width, 'store');
    return sequence(
      a.set(address),
      when(i32.eqz(hit), [detail.set(i32.const(width)), stored.set(value), branch(this.#labels.storeMiss)]),
      ...this.#log('store', width, host, value),
      STORE[width](host, value),
    );
  }

  protected hostOf(width: 4 | 8, address: I64, access: DataAccess): I32 {
    const a = this.temp('i64');
    const found = this.temp('i32');
    const { hit, host } = this.lookUp(a, width, access);
    const slow = this.around(
      sequence(setSlot64('pc', this.pc), found.set(call(this.parts.access.atomic, a, i32.const(width), i32.const(ACCESS[access])))),
    );
    const chosen = choose(hit, host, after([slow], found));
    if (this.parts.log === undefined) return after([a.set(address)], chosen);
    return after([a.set(address), found.set(chosen), ...this.#logAtomic(width, found)], found);
  }

  /** To stand before an access to RAM that the TLB serves; the others are logged on the slow path (mmu/access.ts). */
  #log(kind: 'load' | 'store', width: AccessWidth, host: I32, value?: I64): readonly Statement[] {
    const { pc, budgetLeft: budget } = this;
    return this.parts.log ? [this.parts.log.ram({ kind, width: i32.const(width), pc, budget, value }, host)] : [];
  }

  #logAtomic(width: 4 | 8, host: I32): readonly Statement[] {
    const { pc, budgetLeft: budget } = this;
    const { format, name } = this.#instruction!;
    const access = { width: i32.const(width), pc, budget };
    if (this.parts.log === undefined) return [];
    if (format === 'lr') return [this.parts.log.ram({ ...access, kind: 'reserve', order: this.field(4) }, host)];
    const order = this.field(7);
    const isConditional = name.startsWith('sc.');
    const value = this.reservation.value();
    return [
      this.parts.log.ram(isConditional ? { ...access, kind: 'conditional', order, value } : { ...access, kind: 'atomic', order }, host),
    ];
  }

  override fence(): Statement {
    return this.parts.log ? this.parts.log.fence(this.field(4), { pc: this.pc, budget: this.budgetLeft }) : sequence();
  }

  /** Without the instruction that is being executed. */
  protected get budgetLeft(): I32 {
    return this.locals.budget;
  }

  /** Without C, raises the exception of a jump to an address that is not a multiple of 4, before the jump has any effect (IALIGN = 32). */
  #check(misaligned: I32, target: I64): readonly Statement[] {
    const raise = [setSlot64('cause', i64.const(EXCEPTION.instructionMisaligned)), setSlot64('tval', target), this.leave(EXIT.exception)];
    return [when(misaligned, raise)];
  }

  /** The entry holds the distance in bytes of entries: 2 bytes of code are one entry. */
  get #distance(): I32 {
    return i32.load(this.locals.at, 4);
  }

  #checkDistance(): readonly Statement[] {
    const halfway = i32.and(this.#distance, i32.const(ENTRY));
    return this.#check(halfway, this.#addressOf(i32.add(this.locals.at, this.#distance)));
  }

  override branch(condition: I32): Statement {
    return branchIf(condition, this.#aligned ? this.#labels.takenAligned : this.#labels.taken);
  }

  jump(link: Statement): Statement {
    return sequence(...(this.#aligned ? this.#checkDistance() : []), link, branch(this.#labels.taken));
  }

  jumpTo(target: I64, link: Statement): Statement {
    return sequence(
      ...(this.#aligned ? this.#check(i32.and(i32.wrap(target), i32.const(2)), target) : []),
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
    const { value, detail } = this.locals;
    return sequence(value.set(source), detail.set(i32.const(CSR_OPERATION[operation])), branch(this.#labels.csr));
  }

  /** In this order: the first may go to the second. */
  tails(): readonly Tail[] {
    const { at, ip, base, span, target, address, value, detail, shift } = this.locals;
    const { access } = this.parts;
    const labels = this.#labels;
    const slow = (called: Statement) => this.around(sequence(setSlot64('pc', this.pc), called));
    const load = slow(value.set(call(access.load, address, detail)));
    const extended = i64.shrS(i64.shl(value, shift), shift);
    const isWidth = (width: AccessWidth) => i32.eq(detail, i32.const(width));
    const box = select(isWidth(4), i64.const(BOX.single), select(isWidth(2), i64.const(BOX.half), i64.const(0)));
    const boxed = i64.or(value, box);
    return [
      { label: labels.takenAligned, code: [...this.#checkDistance(), branch(labels.taken)] },
      {
        label: labels.taken,
        code: [
          branchIf(i32.ltU(i32.sub(ip.tee(i32.add(at, this.#distance)), base), span), labels.next),
          target.set(this.nextPc),
          branch(labels.jump),
        ],
      },
      { label: labels.loadMiss, code: [load, when(this.field(2), [i64.store(this.field(2), extended, X)])] },
      { label: labels.floatLoadMiss, code: [load, this.float.rd(boxed)] },
      { label: labels.storeMiss, code: [slow(callVoid(access.store, address, value, detail))] },
      { label: labels.csr, code: this.#csrTail() },
    ];
  }

  #csrTail(): readonly Statement[] {
    const { at, ip, dataBank, budget, reason, value, detail } = this.locals;
    return [
      reason.set(call(this.parts.csr, at, detail, value, budget)),
      when(i32.eq(reason, i32.const(CSR_RESULT.satp)), [this.leave(EXIT.satp)]),
      when(reason, [this.leave(EXIT.system)]),
      dataBank.set(slot32('dataTlb')),
      when(slot32('interrupt'), [at.set(ip), this.leave(EXIT.interrupt)]),
    ];
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
