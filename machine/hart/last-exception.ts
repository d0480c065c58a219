/** The exception that a kernel may not have survived, for explanations. Generated code notes it (exec/trap-record.ts); this reads it. */

import type { HartState } from '../layout/state.ts';
import {
  bitsAt,
  type ExceptionField,
  type ExceptionRecord,
  FIRST_EXCEPTION,
  numberAt,
  OPEN_CALL,
  type RecordField,
  SECOND_CALL,
  TRAPS,
} from '../layout/trap-record.ts';

/** An exception as the hart took it. */
export interface TakenException {
  readonly pc: bigint;
  readonly cause: number;
  readonly tval: bigint;
  /** Privilege mode in which it was raised (spec/riscv.ts). */
  readonly privilege: number;
  /** Instructions retired before it, and guest time in nanoseconds. */
  readonly instructions: bigint;
  readonly time: number;
  /** stvec or mtvec, which it went to. */
  readonly vector: TrapVector;
  /** The next exception, if it came before the handler of this one had returned: the handler itself faulted. */
  readonly next: NextException | undefined;
  /** How many exceptions came before that handler had returned, without this one. */
  readonly further: number;
  /** How often in a row this instruction has raised this exception, where its handler returned to it: at least 1. */
  readonly times: number;
  /** How many traps had not been returned from when it was raised; and whether the handler has returned from it since. */
  readonly depth: number;
  readonly returned: boolean;
}

export interface NextException {
  readonly pc: bigint;
  readonly cause: number;
  readonly tval: bigint;
  readonly instructions: bigint;
}

/** A trap vector register when an exception went to it. */
export interface TrapVector {
  readonly register: 'stvec' | 'mtvec';
  readonly value: bigint;
  /** `unset`: it still holds what it held when the kernel started. `refused`: so it does, since what the kernel wrote has a reserved mode. */
  readonly state: 'set' | 'unset' | 'refused';
  /** What the kernel wrote, where it was refused. */
  readonly written: bigint | undefined;
}

/** What generated code has kept of exceptions. */
export class LastException {
  readonly #state: HartState;
  /** stvec when the kernel was started; that of M mode starts as 0. */
  firstVector = 0n;

  constructor(state: HartState) {
    this.#state = state;
  }

  #number(address: number): number {
    return numberAt(this.#state, address);
  }

  #kept(at: ExceptionRecord): Pick<TakenException, 'pc' | 'cause' | 'tval' | 'privilege' | 'instructions' | 'time' | 'depth' | 'vector'> {
    const bits = (field: ExceptionField) => bitsAt(this.#state, at[field]);
    const number = (field: ExceptionField) => this.#number(at[field]);
    const isMachine = number('machine') === 1;
    const isUnchanged = bits('vector') === (isMachine ? 0n : this.firstVector);
    const register = isMachine ? 'mtvec' : 'stvec';
    const refused = number('vectorRefused') === 0 ? undefined : bits('refusedVector');
    const vector: TrapVector = isUnchanged
      ? { register, value: bits('vector'), state: refused === undefined ? 'unset' : 'refused', written: refused }
      : { register, value: bits('vector'), state: 'set', written: undefined };
    return {
      pc: bits('pc'),
      cause: number('cause'),
      tval: bits('tval'),
      privilege: number('privilege'),
      instructions: bits('retired'),
      time: number('time'),
      depth: number('depth'),
      vector,
    };
  }

  /** Whether an exception was taken after a time. */
  since(time: number): boolean {
    return this.#number(TRAPS.lastTime) > time;
  }

  get(): TakenException | undefined {
    if (this.#number(FIRST_EXCEPTION.kept) === 0) return undefined;
    const bits = (field: RecordField) => bitsAt(this.#state, TRAPS[field]);
    const next = { pc: bits('nextPc'), cause: Number(bits('nextCause')), tval: bits('nextTval'), instructions: bits('nextRetired') };
    return {
      ...this.#kept(FIRST_EXCEPTION),
      next: this.#number(TRAPS.nextKept) === 0 ? undefined : next,
      further: this.#number(TRAPS.further),
      times: this.#number(TRAPS.times),
      returned: this.#number(TRAPS.returned) !== 0,
    };
  }

  repeatedCall(): TakenException | undefined {
    const calls = this.#number(TRAPS.calls);
    if (calls < 2) return undefined;
    return { ...this.#kept(SECOND_CALL), next: undefined, further: 0, times: calls, returned: false };
  }

  /**
   * The first call of S or M mode, without firmware, whose handler has not returned, if that was followed by something that did not return
   * either: a call of its own, or an exception.
   */
  openCall(): TakenException | undefined {
    if (this.#number(OPEN_CALL.kept) === 0) return undefined;
    const call = this.#kept(OPEN_CALL);
    const bits = (field: RecordField) => bitsAt(this.#state, TRAPS[field]);
    const nested = this.#number(TRAPS.nestedCalls);
    const first = this.get();
    const inside = first !== undefined && first.time > call.time && !first.returned ? first : undefined;
    const further = nested + (inside === undefined ? 0 : inside.further + 1);
    if (further === 0) return undefined;
    const calledNext = { pc: bits('nestedPc'), cause: Number(bits('nestedCause')), tval: 0n, instructions: bits('nestedRetired') };
    const next = nested > 0 && (inside === undefined || calledNext.instructions <= inside.instructions) ? calledNext : inside;
    return { ...call, next, further, times: 1, returned: false };
  }
}
