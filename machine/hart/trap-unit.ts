/**
 * Takes exceptions and interrupts: delegates them, or hands them to the built-in firmware if the guest has no M mode (`Firmware`). For
 * explanations it keeps the exception that the kernel may not survive, and whether it repeats for ever.
 */
import type { Core } from '../exec/core.ts';
import type { GuestClock } from '../exec/guest-clock.ts';
import type { TrapFunctions } from '../exec/trap.ts';
import type { HartState } from '../layout/state.ts';
import { MOST_EXCEPTIONS_IN_A_ROW, MOST_INTERRUPTS_IN_A_ROW } from '../spec/bounds.ts';
import { EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import { LastException, type TakenException, type TrapVector } from './last-exception.ts';
import type { Firmware } from './options.ts';

export interface TrapPort {
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Pick<Core, keyof TrapFunctions>;
  readonly work: WorkMeter;
  /** Instructions retired. */
  retiredCount(): number;
  contextChanged(): void;
}

/** The interrupts of one cause that a mode has taken, for explanations. */
export interface TakenInterrupts {
  readonly cause: number;
  readonly mode: 'M' | 'S';
  readonly count: number;
  /** The last one: guest time in nanoseconds, and the instruction before which it was taken. */
  readonly time: number;
  readonly pc: bigint;
  /** Whether a handler has returned since then. */
  readonly returned: boolean;
}

/** A kernel may take breakpoints and calls on purpose, and never return from them. */
const isFault = (cause: number): boolean =>
  cause !== EXCEPTION.breakpoint && (cause < EXCEPTION.ecallFromU || cause > EXCEPTION.ecallFromM);

export class TrapUnit {
  firmware: Firmware | undefined;
  /** Nothing but the same exception will ever come. */
  loop = false;
  /** What was written to stvec or mtvec last, if it had no effect: its mode is a reserved one. */
  refusedVector: bigint | undefined;
  readonly #port: TrapPort;
  /** stvec when the kernel was started; that of M mode starts as 0. */
  #firstVector = 0n;
  readonly #last = new LastException();
  /** Traps not returned from. An estimate: a kernel may leave a trap by the return of another one, or never return from it. */
  #depth = 0;
  /** By `pendingInterrupt`'s number. */
  #taken = new Map<number, { count: number; time: number; pc: bigint; retired: number }>();
  /** Interrupts since the last instruction of the code that they interrupted. */
  #inARow = 0;
  /** Instructions retired when a handler returned last. */
  #returnedAt = -1;
  /** Exceptions since then. */
  #unreturned = 0;

  constructor(port: TrapPort) {
    this.#port = port;
  }

  /** Each handler returns to the next interrupt, and nothing else has run for too long. */
  get storm(): boolean {
    return this.#inARow >= MOST_INTERRUPTS_IN_A_ROW;
  }

  /** No handler of an exception has returned for too long. */
  get exceptionStorm(): boolean {
    return this.#unreturned >= MOST_EXCEPTIONS_IN_A_ROW;
  }

  get inARow(): number {
    return this.#inARow;
  }

  interrupts(): TakenInterrupts[] {
    const all = [...this.#taken].sort(([a], [b]) => a - b);
    return all.map(([number, { count, time, pc, retired }]) => {
      const mode = number & 1 ? 'S' : 'M';
      return { cause: number >> 1, mode, count, time, pc, returned: this.#returnedAt > retired };
    });
  }

  get lastException(): TakenException | undefined {
    return this.#last.get();
  }

  /** The call of a user program to which its handler has returned again and again, up to now. */
  get repeatedCall(): TakenException | undefined {
    return this.#last.repeatedCall();
  }

  /** The firmware starts S mode, with this stvec. */
  started(vector: bigint): void {
    this.#firstVector = vector;
  }

  /** To be called after MRET or SRET. For explanations: a kernel that returns from its last exception has survived it. */
  left(): void {
    this.#depth = Math.max(0, this.#depth - 1);
    this.#returnedAt = this.#port.retiredCount();
    this.#unreturned = 0;
    this.#last.left(this.#depth);
  }

  /** Whether an exception that explains something was taken after a time. */
  since(time: number): boolean {
    return this.#last.since(time);
  }

  takeInterrupt(): void {
    const { core, work } = this.#port;
    work.add(WORK.traps);
    const pending = core.pendingInterrupt();
    if (pending < 0) return;
    this.#depth++;
    this.#note(pending);
    core.enterTrap(pending >> 1, 1, pending & 1);
  }

  #note(pending: number): void {
    const { state, clock } = this.#port;
    this.#inARow = this.#justReturned() ? this.#inARow + 1 : 1;
    if (this.#inARow === 1 && state.small('privilege') === PRIVILEGE.user) this.#last.userWentOn();
    const taken = this.#taken.get(pending) ?? { count: 0, time: 0, pc: 0n, retired: 0 };
    taken.count++;
    taken.time = clock.now();
    taken.pc = state.get('pc');
    taken.retired = this.#port.retiredCount();
    this.#taken.set(pending, taken);
  }

  /** Takes an exception at pc. */
  exception(cause: number, tval: bigint): void {
    const { state, clock } = this.#port;
    const moment = { retired: this.#port.retiredCount(), time: clock.now(), depth: this.#depth, justReturned: this.#justReturned() };
    const isKept = this.#last.note(state, cause, tval, moment);
    this.deliver(cause, tval);
    if (isKept) this.#last.entered(cause, this.#vector());
  }

  /** Whether nothing was executed since a handler returned. */
  #justReturned(): boolean {
    return this.#port.retiredCount() === this.#returnedAt;
  }

  /** Of the mode that the hart is in, just after it has entered it. */
  #vector(): TrapVector {
    const { state } = this.#port;
    const isMachine = state.small('privilege') === PRIVILEGE.machine;
    const value = state.get(isMachine ? 'mtvec' : 'stvec');
    if (value !== (isMachine ? 0n : this.#firstVector)) return { value, state: 'set', written: undefined };
    return { value, state: this.refusedVector === undefined ? 'unset' : 'refused', written: this.refusedVector };
  }

  /** Delivers an exception that the current instruction did not raise; it is not remembered as the last one. */
  deliver(cause: number, tval: bigint): void {
    const { state, core, work } = this.#port;
    work.add(WORK.traps);
    let supervisor = core.delegated(cause, 0);
    if (supervisor === 0 && this.firmware) {
      if (cause === EXCEPTION.ecallFromS) {
        this.firmware.call();
        this.#port.contextChanged();
        return;
      }
      // The firmware passes exceptions that are not delegated on to S mode (board.md).
      supervisor = 1;
    }
    state.set('tval', tval);
    if (core.repeatsTrap(cause, supervisor) !== 0 && !this.#machineCanInterrupt(supervisor)) {
      this.loop = true;
      this.#port.clock.shorten();
    }
    this.#depth++;
    if (isFault(cause)) this.#unreturned++;
    core.enterTrap(cause, 0, supervisor);
  }

  /** Whether an interrupt of M mode could come between two traps of S mode: only if the guest has its own software in M mode. */
  #machineCanInterrupt(supervisor: number): boolean {
    const { state } = this.#port;
    return supervisor !== 0 && this.firmware === undefined && (state.get('mie') & ~state.get('mideleg')) !== 0n;
  }

  save() {
    const { loop, refusedVector } = this;
    return {
      loop,
      refusedVector,
      firstVector: this.#firstVector,
      last: this.#last.save(),
      depth: this.#depth,
      firmware: this.firmware?.save(),
      taken: this.#taken,
      inARow: this.#inARow,
      returnedAt: this.#returnedAt,
      unreturned: this.#unreturned,
    };
  }

  restore(saved: ReturnType<TrapUnit['save']>): void {
    const { loop, refusedVector, firstVector, last, depth, firmware, taken, inARow, returnedAt, unreturned } = saved;
    this.#taken = taken;
    this.#inARow = inARow;
    this.#returnedAt = returnedAt;
    this.#unreturned = unreturned;
    this.loop = loop;
    this.refusedVector = refusedVector;
    this.#firstVector = firstVector;
    this.#last.restore(last);
    this.#depth = depth;
    if (firmware) this.firmware?.restore(firmware);
  }
}
