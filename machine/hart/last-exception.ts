/**
 * The exception that a kernel may not have survived, for explanations. A handler that faults itself is followed by one exception after the
 * other: the first of them is kept, until its handler returns. Calls (ECALL) do not count, except one of a user program to which its handler
 * returns again and again: sepc was not moved on.
 */

import type { HartState } from '../layout/state.ts';
import { EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';

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
  readonly value: bigint;
  /** `unset`: it still holds what it held when the kernel started. `refused`: so it does, since what the kernel wrote has a reserved mode. */
  readonly state: 'set' | 'unset' | 'refused';
  /** What the kernel wrote, where it was refused. */
  readonly written: bigint | undefined;
}

/** When an exception is taken. */
export interface ExceptionMoment {
  /** Instructions retired before it. */
  readonly retired: number;
  readonly time: number;
  readonly depth: number;
  /** Nothing was executed since the handler of a trap returned. */
  readonly justReturned: boolean;
}

type First = Omit<TakenException, 'vector'> & { readonly vector: TrapVector | undefined };

const taken = (part: Pick<First, 'pc' | 'cause' | 'tval' | 'privilege' | 'instructions' | 'time' | 'depth'>): First => ({
  ...part,
  vector: undefined,
  next: undefined,
  further: 0,
  times: 1,
  returned: false,
});

/** A kernel may take millions of exceptions: what is written for each of them is plain numbers. */
export class LastException {
  #first: First | undefined;
  #further = 0;
  #times = 0;
  #returned = false;
  #next: NextException | undefined;
  /** Guest time of the last exception. */
  #lastTime = -1;
  /** The calls of a user program that came one after the other from one instruction: how many, and the second one. */
  #calls = 0;
  #callPc = 0n;
  #secondCall: First | undefined;

  /** An exception is about to be taken. True if it is the one that is kept: then its `vector` is to be set. */
  note(state: HartState, cause: number, tval: bigint, { retired, time, depth, justReturned }: ExceptionMoment): boolean {
    const privilege = state.small('privilege');
    if (cause === EXCEPTION.ecallFromU) return this.#noteCall(state, { retired, time, depth, justReturned });
    if (privilege === PRIVILEGE.user) this.userWentOn();
    if (cause >= EXCEPTION.ecallFromU && cause <= EXCEPTION.ecallFromM) return false;
    this.#lastTime = time;
    if (this.#first !== undefined && !this.#returned) {
      this.#further++;
      this.#next ??= { pc: state.get('pc'), cause, tval, instructions: BigInt(retired) };
      return false;
    }
    const pc = state.get('pc');
    const isSame = this.#first?.pc === pc && this.#first.cause === cause && this.#first.tval === tval;
    this.#times = isSame ? this.#times + 1 : 1;
    this.#first = taken({ pc, cause, tval, privilege, instructions: BigInt(retired), time, depth });
    this.#further = 0;
    this.#next = undefined;
    this.#returned = false;
    return true;
  }

  /** Only the second call in a row is kept: the return to it can be looked at when the run is repeated. */
  #noteCall(state: HartState, { retired, time, depth, justReturned }: ExceptionMoment): boolean {
    const pc = state.get('pc');
    this.#calls = justReturned && pc === this.#callPc ? this.#calls + 1 : 1;
    this.#callPc = pc;
    if (this.#calls !== 2) return false;
    const privilege = PRIVILEGE.user;
    this.#secondCall = taken({ pc, cause: EXCEPTION.ecallFromU, tval: 0n, privilege, instructions: BigInt(retired), time, depth });
    return true;
  }

  /** A user program has executed something else since its last call. */
  userWentOn(): void {
    this.#calls = 0;
  }

  /** Where the exception that was noted goes. */
  entered(cause: number, vector: TrapVector): void {
    if (cause === EXCEPTION.ecallFromU) this.#secondCall = { ...this.#secondCall!, vector };
    else if (this.#first !== undefined) this.#first = { ...this.#first, vector };
  }

  /** The handler of a trap has returned; `depth` traps remain that were not returned from. */
  left(depth: number): void {
    if (this.#first !== undefined && depth <= this.#first.depth) this.#returned = true;
  }

  /** Whether an exception was taken after a time. */
  since(time: number): boolean {
    return this.#lastTime > time;
  }

  get(): TakenException | undefined {
    const first = this.#first;
    if (first?.vector === undefined) return undefined;
    return { ...first, vector: first.vector, next: this.#next, further: this.#further, times: this.#times, returned: this.#returned };
  }

  repeatedCall(): TakenException | undefined {
    const call = this.#secondCall;
    return this.#calls < 2 || call?.vector === undefined ? undefined : { ...call, vector: call.vector, times: this.#calls };
  }

  save() {
    return { taken: this.get(), lastTime: this.#lastTime, calls: this.#calls, callPc: this.#callPc, secondCall: this.#secondCall };
  }

  restore({ taken, lastTime, calls, callPc, secondCall }: ReturnType<LastException['save']>): void {
    this.#calls = calls;
    this.#callPc = callPc;
    this.#secondCall = secondCall;
    this.#lastTime = lastTime;
    this.#first = taken;
    this.#next = taken?.next;
    this.#further = taken?.further ?? 0;
    this.#times = taken?.times ?? 0;
    this.#returned = taken?.returned ?? false;
  }
}
