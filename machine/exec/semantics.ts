/**
 * `Semantics` for the interpreter: registers live in memory, operands come from the decoded entry, and a trap leaves the loop.
 */
import { F, SLOT, TLB_STORES, X } from '../hart/state.ts';
import { FS_BYTE, FS_IN_BYTE, STATUS } from '../hart/status.ts';
import { FORMATS } from '../isa/formats.ts';
import type { AccessWidth, CsrOperation, FloatSemantics, Instruction, Semantics, SoftOperation } from '../isa/instruction.ts';
import { setSlot32, setSlot64, slot32, slot64 } from '../mmu/context.ts';
import { ACCESS } from '../mmu/walk.ts';
import {
  after,
  block,
  branch,
  branchIf,
  call,
  callVoid,
  choose,
  drop,
  f32,
  f64,
  type I32,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  label,
  type Statement,
  select,
  sequence,
  type ValueType,
  when,
} from '../wasm/code.ts';
import type { FunctionBuilder } from '../wasm/module.ts';
import { EXIT, type InterpreterParts } from './interpreter.ts';

const BOXED = 0xffffffffn;
const CANONICAL_SINGLE = 0x7fc00000;
const CSR_OPERATION: Record<CsrOperation, number> = { write: 0, set: 1, clear: 2 };
const WIDEN: Record<AccessWidth, (v: I64) => I64> = { 1: i64.extend8S, 2: i64.extend16S, 4: i64.extend32S, 8: (v) => v };
const LOAD_SIGNED = { 1: i64.load8s, 2: i64.load16s, 4: i64.load32s, 8: i64.load } as const;
const LOAD_UNSIGNED = { 1: i64.load8u, 2: i64.load16u, 4: i64.load32u, 8: i64.load } as const;
const STORE = { 1: i64.store8, 2: i64.store16, 4: i64.store32, 8: i64.store } as const;

export interface Labels {
  readonly next: Label;
  readonly jump: Label;
  readonly exit: Label;
  readonly done: Label;
}

export class RegistersInMemory implements Semantics {
  readonly locals: {
    /** The entry being executed, and the one that follows. */
    readonly at: Local<'i32'>;
    readonly ip: Local<'i32'>;
    /** The decoded page, and how far a near branch may go in it. */
    readonly base: Local<'i32'>;
    readonly span: Local<'i32'>;
    /** Virtual address of the page. */
    readonly pcPage: Local<'i64'>;
    readonly budget: Local<'i32'>;
    readonly tlb: Local<'i32'>;
    /** Where a far jump goes. */
    readonly target: Local<'i64'>;
    readonly reason: Local<'i32'>;
  };
  protected readonly parts: InterpreterParts;
  private readonly labels: Labels;
  private readonly builder: FunctionBuilder<'i32'>;
  private readonly temps: Record<ValueType, { all: Local<ValueType>[]; used: number }> = {
    i32: { all: [], used: 0 },
    i64: { all: [], used: 0 },
    f32: { all: [], used: 0 },
    f64: { all: [], used: 0 },
  };
  private instruction: Instruction | undefined;
  private discards = false;

  /** @param at where the function gets the entry from, if it is no local of its own */
  constructor(builder: FunctionBuilder<'i32'>, parts: InterpreterParts, labels: Labels, at: Local<'i32'> = builder.local('i32')) {
    this.builder = builder;
    this.parts = parts;
    this.labels = labels;
    const [i, l] = [() => builder.local('i32'), () => builder.local('i64')];
    this.locals = { at, ip: i(), base: i(), span: i(), pcPage: l(), budget: i(), tlb: i(), target: l(), reason: i() };
  }

  /** The code of one operation. */
  operation(instruction: Instruction, discards: boolean): readonly Statement[] {
    this.instruction = instruction;
    this.discards = discards;
    for (const pool of Object.values(this.temps)) pool.used = 0;
    return instruction.semantics(this);
  }

  temp<T extends ValueType>(type: T): Local<T> {
    const pool = this.temps[type];
    if (pool.used === pool.all.length) pool.all.push(this.builder.local(type));
    return pool.all[pool.used++] as unknown as Local<T>;
  }

  protected field(offset: number): I32 {
    return i32.load8u(this.locals.at, offset);
  }

  private get rs2Field(): I32 {
    return this.field(FORMATS[this.instruction!.format].rs2 === 'rd' ? 2 : 4);
  }

  get rs1(): I64 {
    return i64.load(this.field(3), X);
  }

  get rs2(): I64 {
    return i64.load(this.rs2Field, X);
  }

  get imm(): I64 {
    return i64.load32s(this.locals.at, 4);
  }

  get zimm(): I64 {
    return i64.extendU(i32.shrU(this.field(3), i32.const(3)));
  }

  private addressOf(entry: I32): I64 {
    return i64.add(this.locals.pcPage, i64.extendS(i32.shrS(i32.sub(entry, this.locals.base), i32.const(2))));
  }

  get pc(): I64 {
    return this.addressOf(this.locals.at);
  }

  get nextPc(): I64 {
    return this.addressOf(this.locals.ip);
  }

  rd(value: I64): Statement {
    return this.discards ? drop(value) : i64.store(this.field(2), value, X);
  }

  protected leave(code: number): Statement {
    return sequence(this.locals.reason.set(i32.const(code)), branch(this.labels.exit));
  }

  /** Shows the budget to what is called, takes back what the call made of it, and leaves on a fault. */
  protected around(called: Statement): Statement {
    return sequence(
      setSlot32('budget', this.locals.budget),
      called,
      this.locals.budget.set(slot32('budget')),
      when(slot32('fault'), [setSlot32('fault', i32.const(0)), this.leave(EXIT.exception)]),
    );
  }

  /** The TLB's entry for an address, and whether it serves an aligned access of this width. */
  private lookUp(address: Local<'i64'>, width: AccessWidth, table: number): { entry: Local<'i32'>; hit: I32; host: I32 } {
    const entry = this.temp('i32');
    const index = i32.and(i32.shrU(i32.wrap(address), i32.const(8)), i32.const(0xff0));
    return {
      entry,
      hit: i64.eq(i64.load(entry.tee(i32.add(this.locals.tlb, index)), table), i64.and(address, i64.const(-4096 | (width - 1)))),
      host: i32.add(i32.wrap(address), i32.load(entry, table + 8)),
    };
  }

  load(width: AccessWidth, signed: boolean, address: I64): I64 {
    const a = this.temp('i64');
    const value = this.temp('i64');
    const { hit, host } = this.lookUp(a, width, 0);
    const slow = this.around(sequence(setSlot64('pc', this.pc), value.set(call(this.parts.access.load, a, i32.const(width)))));
    const fast = (signed ? LOAD_SIGNED : LOAD_UNSIGNED)[width];
    return after([a.set(address)], choose(hit, fast(host), after([slow], signed ? WIDEN[width](value) : value)));
  }

  store(width: AccessWidth, address: I64, value: I64): Statement {
    const a = this.temp('i64');
    const { hit, host } = this.lookUp(a, width, TLB_STORES);
    const slow = this.around(sequence(setSlot64('pc', this.pc), callVoid(this.parts.access.store, a, value, i32.const(width))));
    return sequence(a.set(address), when(hit, [STORE[width](host, value)], [slow]));
  }

  private hostOf(width: 4 | 8, address: I64, table: number, access: number): I32 {
    const a = this.temp('i64');
    const found = this.temp('i32');
    const { hit, host } = this.lookUp(a, width, table);
    const slow = this.around(
      sequence(setSlot64('pc', this.pc), found.set(call(this.parts.access.atomic, a, i32.const(width), i32.const(access)))),
    );
    return after([a.set(address)], choose(hit, host, after([slow], found)));
  }

  atomic(width: 4 | 8, address: I64): I32 {
    return this.hostOf(width, address, TLB_STORES, ACCESS.store);
  }

  reserve(width: 4 | 8, address: I64): I32 {
    return this.hostOf(width, address, 0, ACCESS.load);
  }

  readonly reservation = {
    get: () => slot64('reservation'),
    set: (value: I64) => setSlot64('reservation', value),
    value: () => slot64('reservedValue'),
    setValue: (value: I64) => setSlot64('reservedValue', value),
  };

  jump(): Statement {
    const { at, ip, base, span, target } = this.locals;
    return sequence(
      branchIf(i32.ltU(i32.sub(ip.tee(i32.add(at, i32.load(at, 4))), base), span), this.labels.next),
      target.set(this.nextPc),
      branch(this.labels.jump),
    );
  }

  branch(condition: I32): Statement {
    return when(condition, [this.jump()]);
  }

  jumpTo(target: I64): Statement {
    return sequence(this.locals.target.set(target), branch(this.labels.jump));
  }

  /** Decodes the entry at hand and those after it; not an instruction. */
  decode(): Statement {
    return callVoid(this.parts.decode, this.locals.at, this.locals.base);
  }

  system(): Statement {
    return this.leave(EXIT.system);
  }

  csr(operation: CsrOperation, source: I64): Statement {
    const { at, ip, tlb } = this.locals;
    return sequence(
      when(call(this.parts.csr, at, i32.const(CSR_OPERATION[operation]), source), [this.leave(EXIT.system)]),
      tlb.set(slot32('dataTlb')),
      when(slot32('interrupt'), [at.set(ip), this.leave(EXIT.budget)]),
    );
  }

  readonly float: FloatSemantics = {
    bits: (operand) => i64.load(this.floatField(operand), F),
    single: (operand) => {
      const bits = this.temp('i64');
      return after(
        [bits.set(this.float.bits(operand))],
        select(i64.eq(i64.shrU(bits, i64.const(32)), i64.const(BOXED)), i64.and(bits, i64.const(BOXED)), i64.const(CANONICAL_SINGLE)),
      );
    },
    rd: (bits) => sequence(i64.store(this.field(2), bits, F), this.dirty()),
    enabled: () =>
      when(i32.eqz(i32.and(i32.load8u(i32.const(0), SLOT.mstatus + FS_BYTE), i32.const(FS_IN_BYTE))), [this.leave(EXIT.illegal)]),
    operate: (row) => this.operate(row),
  };

  private floatField(operand: 'rs1' | 'rs2' | 'rs3'): I32 {
    if (operand === 'rs1') return this.field(3);
    return operand === 'rs2' ? this.rs2Field : this.field(5);
  }

  private dirty(): Statement {
    return setSlot64('mstatus', i64.or(slot64('mstatus'), i64.const(STATUS.FS | STATUS.SD)));
  }

  private operate(row: SoftOperation): Statement {
    const done = label('done');
    const slow = when(call(this.parts.soft, i32.const(row.number), this.locals.at), [this.leave(EXIT.illegal)]);
    return sequence(this.float.enabled(), row.host ? block(done, this.fastFloat(row, done), slow) : slow);
  }

  /**
   * The host's operation where NX is raised already, RNE is in force and the result is normal and not the smallest: then no
   * flag can rise that is not there, and the result is the same (docs/speed.md). Anything else falls through to the soft float.
   */
  private fastFloat(row: SoftOperation, done: Label): Statement {
    const allowed = i32.load8u(this.field(6), SLOT.floatFast);
    const result = this.temp('i64');
    const double = row.format === 'd';
    const exponent = double
      ? i64.and(i64.shrU(result, i64.const(52)), i64.const(0x7ff))
      : i64.and(i64.shrU(result, i64.const(23)), i64.const(0xff));
    const operands = row.sources.map((source) => {
      if (source === 'x') throw new Error('integer sources have no fast path');
      return source;
    });
    const compute = double
      ? i64.reinterpret(row.host!.d(...operands.map((o) => f64.reinterpret(this.float.bits(o)))))
      : i64.extendU(i32.reinterpret(row.host!.s(...operands.map((o) => f32.reinterpret(i32.wrap(this.float.single(o)))))));
    return when(allowed, [
      result.set(compute),
      when(i64.ltU(i64.sub(exponent, i64.const(2)), i64.const(double ? 0x7fd : 0xfd)), [
        this.float.rd(double ? result : i64.or(result, i64.const(BOXED << 32n))),
        branch(done),
      ]),
    ]);
  }
}
