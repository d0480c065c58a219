/** The last exception, to explain a kernel that does not survive it. Calls (ECALL) and exceptions of user programs do not count. */

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
  /** The next exception, if no instruction retired before it: then the trap vector itself faulted. */
  readonly nested: { readonly pc: bigint; readonly cause: number; readonly tval: bigint } | undefined;
  /** How many traps had not been returned from when it was raised; and whether the handler has returned from it since. */
  readonly depth: number;
  readonly returned: boolean;
}

/** When an exception is taken. */
export interface ExceptionMoment {
  /** Instructions retired before it. */
  readonly retired: number;
  readonly time: number;
  readonly depth: number;
}

/** Keeps the exception in one object that is written again and again, since a kernel may take millions of exceptions. */
export class LastException {
  #taken = false;
  #pc = 0n;
  #cause = 0;
  #tval = 0n;
  #privilege = 0;
  #retired = 0;
  #time = 0;
  #nested: TakenException['nested'];
  #depth = 0;
  #returned = false;

  /** An exception is about to be taken. */
  note(state: HartState, cause: number, tval: bigint, { retired, time, depth }: ExceptionMoment): void {
    const privilege = state.small('privilege');
    if (privilege === PRIVILEGE.user || (cause >= EXCEPTION.ecallFromU && cause <= EXCEPTION.ecallFromM)) return;
    const pc = state.get('pc');
    if (this.#taken && this.#retired === retired) {
      this.#nested ??= { pc, cause, tval };
      return;
    }
    this.#taken = true;
    this.#pc = pc;
    this.#cause = cause;
    this.#tval = tval;
    this.#privilege = privilege;
    this.#retired = retired;
    this.#time = time;
    this.#nested = undefined;
    this.#depth = depth;
    this.#returned = false;
  }

  /** The handler of a trap has returned; `depth` traps remain that were not returned from. */
  left(depth: number): void {
    if (depth <= this.#depth) this.#returned = true;
  }

  /** Whether the exception was taken after a time. */
  since(time: number): boolean {
    return this.#taken && this.#time > time;
  }

  get(): TakenException | undefined {
    if (!this.#taken) return undefined;
    return {
      pc: this.#pc,
      cause: this.#cause,
      tval: this.#tval,
      privilege: this.#privilege,
      instructions: BigInt(this.#retired),
      time: this.#time,
      nested: this.#nested,
      depth: this.#depth,
      returned: this.#returned,
    };
  }

  /** The exception, and what is needed to see whether the next one is nested in it. */
  save() {
    return this.get();
  }

  restore(state: ReturnType<LastException['save']>): void {
    this.#taken = state !== undefined;
    if (state === undefined) return;
    this.#pc = state.pc;
    this.#cause = state.cause;
    this.#tval = state.tval;
    this.#privilege = state.privilege;
    this.#retired = Number(state.instructions);
    this.#time = state.time;
    this.#nested = state.nested;
    this.#depth = state.depth;
    this.#returned = state.returned;
  }
}
