/**
 * The exception that a kernel may not have survived, for explanations. A handler that faults itself is followed by one exception after the
 * other: the first of them is kept, until its handler returns. Calls (ECALL) and exceptions of user programs do not count.
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
}

type First = Omit<TakenException, 'vector'> & { readonly vector: TrapVector | undefined };

/** A kernel may take millions of exceptions: what is written for each of them is plain numbers. */
export class LastException {
  #first: First | undefined;
  #further = 0;
  #times = 0;
  #returned = false;
  #next: NextException | undefined;
  /** Guest time of the last exception. */
  #lastTime = -1;

  /** An exception is about to be taken. True if it is the one that is kept: then its `vector` is to be set. */
  note(state: HartState, cause: number, tval: bigint, { retired, time, depth }: ExceptionMoment): boolean {
    const privilege = state.small('privilege');
    if (privilege === PRIVILEGE.user || (cause >= EXCEPTION.ecallFromU && cause <= EXCEPTION.ecallFromM)) return false;
    this.#lastTime = time;
    if (this.#first !== undefined && !this.#returned) {
      this.#further++;
      this.#next ??= { pc: state.get('pc'), cause, tval, instructions: BigInt(retired) };
      return false;
    }
    const pc = state.get('pc');
    const isSame = this.#first?.pc === pc && this.#first.cause === cause && this.#first.tval === tval;
    this.#times = isSame ? this.#times + 1 : 1;
    const instructions = BigInt(retired);
    this.#first = {
      pc,
      cause,
      tval,
      privilege,
      instructions,
      time,
      depth,
      vector: undefined,
      next: undefined,
      further: 0,
      times: 1,
      returned: false,
    };
    this.#further = 0;
    this.#next = undefined;
    this.#returned = false;
    return true;
  }

  /** Where the exception that was noted goes. */
  entered(vector: TrapVector): void {
    if (this.#first !== undefined) this.#first = { ...this.#first, vector };
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

  save() {
    return { taken: this.get(), lastTime: this.#lastTime };
  }

  restore({ taken, lastTime }: ReturnType<LastException['save']>): void {
    this.#lastTime = lastTime;
    this.#first = taken;
    this.#next = taken?.next;
    this.#further = taken?.further ?? 0;
    this.#times = taken?.times ?? 0;
    this.#returned = taken?.returned ?? false;
  }
}
