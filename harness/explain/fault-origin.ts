/**
 * How a kernel came to an exception: the jump that led to where no code is, and where the address came from that was used, followed back
 * through the instructions before it.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import { csrNamed } from '../../machine/hart/csr.ts';
import { effectsOf } from '../../machine/index.ts';
import { INTEGER_REGISTERS } from '../../machine/isa/registers.ts';
import { hex } from '../bytes/hex.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import { type AddressOrigin, type ExceptionEvidence, type ExplainedException, FETCH_FAULTS, isAccess } from '../evidence/exception.ts';
import type { StoreQuestion } from '../evidence/explanation.ts';
import type { KernelCode } from './code.ts';
import { executesCode, placeOf } from './fault-place.ts';
import { middleOf } from './mid-instruction.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';
import { type Step, TRACED, ValueTrace } from './value-origins.ts';

/** Instructions of a handler that are looked at, for a call that is made again and again. */
const LONGEST_HANDLER = 8 * TRACED;
const ILLEGAL_INSTRUCTION = 2;
const ECALL_FROM_U = 8;
const [SP, RA, T0] = [2, 1, 5];
/** s0 to s11 (RISC-V calling conventions, "Integer Register Convention"). */
const SAVED: ReadonlySet<number> = new Set([8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]);
/** Bytes above sp that are taken to be the stack. */
const NEAR_SP = 4096n;
/** Numbers of satp, and of what each return from a trap takes its address from (Privileged Architecture, "CSR Listing"). */
const SATP: ReadonlySet<number> = new Set([0x180]);
const EPC: ReadonlyMap<string, number> = new Map([
  ['sret', 0x141],
  ['mret', 0x341],
]);

type Parts = Pick<ExplainedException, 'jump' | 'origin' | 'handler' | 'middle'> & Partial<Pick<ExplainedException, 'there'>>;

/** With the question who stored the address, where it came from memory. */
export interface FoundOrigin extends Parts {
  readonly question: StoreQuestion | null;
  /** The register that it was loaded to, where functions save that for their callers. */
  readonly restored: string | null;
}

type Followed = Pick<FoundOrigin, 'origin' | 'question' | 'restored'>;

const NOTHING: FoundOrigin = { jump: null, origin: null, handler: null, middle: null, question: null, restored: null };
const UNKNOWN: Followed = { origin: null, question: null, restored: null };

/** Goes back in the run, and up to just before the exception once more. */
export function explainOrigin(
  replay: Replay,
  exception: ExceptionEvidence,
  { there }: Pick<ExplainedException, 'there'>,
  code: KernelCode,
): FoundOrigin {
  const { cause, mode, time } = exception;
  const isJump = there !== null || FETCH_FAULTS.has(cause);
  const isCall = cause === ECALL_FROM_U;
  // The registers of a user program say nothing of the kernel.
  const isAccessed = isAccess(cause) && mode !== 'U';
  const isExecuted = cause === ILLEGAL_INSTRUCTION && mode !== 'U';
  if (!isJump && !isCall && !isAccessed && !isExecuted) return NOTHING;
  const before = replay.justBefore(time);
  const from = Math.max(0, before - (isCall ? LONGEST_HANDLER : TRACED) * replay.instructionTime);
  replay.goBefore(from);
  if (!replay.runTo(from)) return NOTHING;
  const trace = new ValueTrace(replay);
  trace.goTo(before);
  if (replay.machine.debug.pc() !== BigInt(exception.pc)) return NOTHING;
  const search = new OriginSearch(replay, trace, code, { isFromStart: from === 0 });
  if (isCall) return { ...NOTHING, handler: search.handler(BigInt(exception.pc)) };
  const pc = BigInt(exception.pc);
  const middle = mode === 'U' ? null : search.middle(pc);
  // What an instruction does with registers that begins in the middle of one says nothing.
  if (middle !== null) return { ...NOTHING, middle };
  if (isJump) return search.jump(pc);
  return isAccessed ? search.access(pc, BigInt(exception.value)) : NOTHING;
}

function writes({ effects: { name, operands } }: Step, csrs: ReadonlySet<number>): boolean {
  if (!name.startsWith('csrr') || !csrs.has(operands.imm & 0xfff)) return false;
  return name.startsWith('csrrw') || operands.rs1 !== 0;
}

/** Of `name` or `name+0x10`. */
function nameOf(variable: string | null): string | undefined {
  return variable?.split('+')[0];
}

class OriginSearch {
  readonly #replay: Replay;
  readonly #trace: ValueTrace;
  readonly #code: KernelCode;
  readonly #isFromStart: boolean;

  /** `isFromStart`: the trace has all that was executed so far. */
  constructor(replay: Replay, trace: ValueTrace, code: KernelCode, { isFromStart }: { readonly isFromStart: boolean }) {
    this.#replay = replay;
    this.#trace = trace;
    this.#code = code;
    this.#isFromStart = isFromStart;
  }

  get #steps(): readonly Step[] {
    return this.#trace.steps;
  }

  /** The last step of code, after which the hart executed, or was to execute, what is not code. */
  jump(pc: bigint): FoundOrigin {
    const { machine } = this.#replay;
    const isCode = (address: bigint) => executesCode(machine, address, this.#code);
    const at = isCode(pc) ? this.#steps.length - 1 : this.#steps.findLastIndex((step) => isCode(step.pc));
    const step = this.#steps[at];
    if (step === undefined) return NOTHING;
    const found = this.#jump(at, step, pc);
    const to = BigInt(found.jump?.to ?? pc);
    return to === pc ? found : { ...found, there: placeOf(machine, to, this.#code) };
  }

  #jump(at: number, step: Step, pc: bigint): FoundOrigin {
    const { name, length, rd, operands } = step.effects;
    const to = this.#steps[at + 1]?.pc ?? pc;
    const jump = (kind: NonNullable<Parts['jump']>['kind']): Parts['jump'] => ({ kind, to: hex(to), ...this.#place(at) });
    if (to === step.pc + BigInt(length)) {
      if (!executesCode(this.#replay.machine, pc, this.#code)) return { ...NOTHING, jump: jump('ran-on') };
      return writes(step, SATP) ? { ...NOTHING, jump: jump('satp') } : NOTHING;
    }
    switch (name) {
      case 'jalr': {
        const kind = rd === RA || rd === T0 ? 'call' : rd === undefined && operands.rs1 === RA ? 'return' : 'jump';
        return { ...NOTHING, jump: jump(kind), ...this.#origin(operands.rs1, at) };
      }
      case 'sret':
      case 'mret':
        return { ...NOTHING, jump: jump('trap-return'), ...this.#epc(at) };
      default:
        return { ...NOTHING, jump: jump(rd === RA ? 'call' : 'jump') };
    }
  }

  /** The base register of the load or store at pc, which has accessed `value`. */
  access(pc: bigint, value: bigint): FoundOrigin {
    const { machine } = this.#replay;
    const bits = instructionBits(machine, pc);
    const effects = bits === undefined ? undefined : effectsOf(bits);
    const place = effects?.load ?? effects?.store;
    if (place === undefined) return NOTHING;
    const { base, offset, width } = place;
    const into = BigInt.asUintN(64, value - machine.debug.register(base) - BigInt(offset));
    // An access across pages may be refused at the second one.
    return into < BigInt(width) ? { ...NOTHING, ...this.#origin(base, this.#steps.length) } : NOTHING;
  }

  middle(pc: bigint): Parts['middle'] {
    return middleOf(this.#steps, pc, {
      machine: this.#replay.machine,
      code: this.#code,
      stackOf: (at) => (this.#steps[at]!.effects.name === 'jalr' ? this.#stack(at) : this.#alone(at)),
    });
  }

  /** The handler that has returned to the call at pc. Null where it is too long to be seen from its beginning. */
  handler(pc: bigint): Parts['handler'] {
    const returns = this.#steps.findLastIndex(({ effects: { name } }) => name === 'sret' || name === 'mret');
    const call = this.#steps.findLastIndex((step, index) => index < returns && step.pc === pc);
    if (call < 0) return null;
    const sepc = this.#writes(this.#epcOf(returns), call, returns);
    return { returns: this.#alone(returns), sepc: sepc < 0 ? null : this.#alone(sepc) };
  }

  /** Where the address of a return from a trap came from. */
  #epc(at: number): Followed {
    const written = this.#writes(this.#epcOf(at), 0, at);
    const { rs1 } = this.#steps[written]?.effects.operands ?? { rs1: 0 };
    if (written >= 0) return this.#origin(rs1, written);
    const [csr, other] = this.#steps[at]!.effects.name === 'sret' ? (['sepc', 'mepc'] as const) : (['mepc', 'sepc'] as const);
    const value = hex(this.#replay.machine.debug.csr(csr));
    const wrong = this.#writes(new Set([EPC.get(other === 'mepc' ? 'mret' : 'sret')!]), 0, at);
    const instead = wrong < 0 ? null : { csr: other, stack: this.#stack(wrong) };
    return { ...UNKNOWN, origin: { by: 'csr', csr, value, stack: this.#stack(at), written: null, instead } };
  }

  /** The register that a return goes to, as the only one of a set. */
  #epcOf(at: number): ReadonlySet<number> {
    const number = EPC.get(this.#steps[at]!.effects.name);
    return new Set(number === undefined ? [] : [number]);
  }

  /** The last step from `from` on and before `before` that writes one of the registers; -1 if there is none. */
  #writes(csrs: ReadonlySet<number>, from: number, before: number): number {
    return this.#steps.findLastIndex((step, index) => index >= from && index < before && writes(step, csrs));
  }

  #origin(register: number, end: number): Followed {
    if (register === 0) return UNKNOWN;
    const made = this.#trace.addressOrigin(register, end);
    if (made === undefined) return { ...UNKNOWN, origin: this.#isFromStart ? { by: 'start' } : null };
    if (made === null) return UNKNOWN;
    const { at, loadedFrom, value } = made;
    const { effects, time } = this.#steps[at]!;
    const stack = this.#stack(at);
    if (loadedFrom !== undefined) {
      const { registers } = this.#trace.stateAt(at);
      const { end: found } = this.#replay.machine.debug.walk(loadedFrom);
      const symbol = this.#code.variableAt(loadedFrom);
      const isNear = loadedFrom >= registers[SP]! && loadedFrom < registers[SP]! + NEAR_SP;
      // A variable may lie right above the stack. The stack itself may be one.
      const onStack = isNear && (symbol === null || nameOf(symbol) === nameOf(this.#code.variableAt(registers[SP]!)));
      const origin: AddressOrigin = {
        by: 'memory',
        address: hex(loadedFrom),
        physical: 'physical' in found ? hex(found.physical) : null,
        value: hex(value),
        bytes: effects.load?.width ?? 8,
        symbol,
        onStack,
        stack,
        store: null,
      };
      const question = 'physical' in found ? { address: hex(found.physical), length: 8, before: time } : null;
      return { origin, question, restored: effects.rd !== undefined && SAVED.has(effects.rd) ? INTEGER_REGISTERS[effects.rd]! : null };
    }
    if (effects.name.startsWith('csrr')) {
      const number = effects.operands.imm & 0xfff;
      const written = this.#writes(new Set([number]), 0, at);
      const origin: AddressOrigin = {
        by: 'csr',
        csr: csrNamed(number) ?? hex(number),
        value: hex(value),
        stack,
        written: written < 0 ? null : this.#stack(written),
        instead: null,
      };
      return { ...UNKNOWN, origin };
    }
    return { ...UNKNOWN, origin: { by: 'instruction', ...this.#place(at) } };
  }

  #place(at: number): { readonly instruction: string; readonly stack: CodeStack } {
    const { bits, pc } = this.#steps[at]!;
    return { instruction: disassemble(bits, pc).text, stack: this.#stack(at) };
  }

  /** Nothing calls a trap handler. */
  #alone(at: number): CodeStack {
    return { places: [this.#code.place(this.#steps[at]!.pc)], leftOut: 0, notes: [] };
  }

  /** Of an instruction that no symbol covers, as in a user program, callers are not shown: a report would show the first of them as the place. */
  #stack(at: number): CodeStack {
    const stack = this.#code.stack(this.#trace.stateAt(at));
    return stack.places[0]?.frames.length === 0 ? this.#alone(at) : stack;
  }
}
