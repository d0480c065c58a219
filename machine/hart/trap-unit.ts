/**
 * Takes exceptions and interrupts: delegates them, or hands them to the built-in firmware if the guest has no M mode (`Firmware`). For
 * explanations it keeps the exception that the kernel may not survive, and whether it repeats for ever.
 */
import type { Core } from '../exec/core.ts';
import { countGeneratedWork } from '../exec/generated-work.ts';
import { TRAP, type TrapFunctions } from '../exec/trap.ts';
import type { HartState } from '../layout/state.ts';
import {
  bitsAt,
  clearTrapRecord,
  numberAt,
  type RecordField,
  TAKEN,
  TAKEN_FIELDS,
  TAKEN_ROW,
  TAKEN_ROWS,
  TRAPS,
} from '../layout/trap-record.ts';
import { MOST_EXCEPTIONS_IN_A_ROW, MOST_INTERRUPTS_IN_A_ROW } from '../spec/bounds.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import { LastException, type TakenException } from './last-exception.ts';
import type { Firmware } from './options.ts';

export interface TrapPort {
  readonly state: HartState;
  readonly core: Pick<Core, keyof TrapFunctions>;
  readonly work: WorkMeter;
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

export class TrapUnit {
  readonly #port: TrapPort;
  readonly #last: LastException;
  #firmware: Firmware | undefined;

  constructor(port: TrapPort) {
    this.#port = port;
    this.#last = new LastException(port.state);
    clearTrapRecord(port.state);
  }

  get firmware(): Firmware | undefined {
    return this.#firmware;
  }

  set firmware(firmware: Firmware | undefined) {
    this.#firmware = firmware;
    this.#port.state.setSmall('firmware', firmware ? 1 : 0);
  }

  #number(name: RecordField): number {
    return numberAt(this.#port.state, TRAPS[name]);
  }

  /** Nothing but the same exception will ever come. */
  get loop(): boolean {
    return this.#number('loop') !== 0;
  }

  /** Each handler returns to the next interrupt, and nothing else has run for too long. */
  get storm(): boolean {
    return this.inARow >= MOST_INTERRUPTS_IN_A_ROW;
  }

  /** No handler of an exception has returned for too long. */
  get exceptionStorm(): boolean {
    return this.#number('unreturned') >= MOST_EXCEPTIONS_IN_A_ROW;
  }

  get inARow(): number {
    return this.#number('inARow');
  }

  interrupts(): TakenInterrupts[] {
    const { state } = this.#port;
    return Array.from({ length: TAKEN_ROWS }, (_, number): TakenInterrupts => {
      const at = (name: keyof typeof TAKEN_FIELDS) => TAKEN + number * TAKEN_ROW + TAKEN_FIELDS[name];
      const [count, time] = [numberAt(state, at('count')), numberAt(state, at('time'))];
      const returned = this.#number('returnedAt') > numberAt(state, at('retired'));
      return { cause: number >> 1, mode: number & 1 ? 'S' : 'M', count, time, pc: bitsAt(state, at('pc')), returned };
    }).filter(({ count }) => count > 0);
  }

  get lastException(): TakenException | undefined {
    return this.#last.get();
  }

  /** The call of a user program to which its handler has returned again and again, up to now. */
  get repeatedCall(): TakenException | undefined {
    return this.#last.repeatedCall();
  }

  /** Of a guest without firmware, the call that a cascade began with. */
  get openCall(): TakenException | undefined {
    return this.#last.openCall();
  }

  /** The firmware starts S mode, with this stvec. */
  started(vector: bigint): void {
    this.#last.firstVector = vector;
  }

  /** Whether an exception that explains something was taken after a time. */
  since(time: number): boolean {
    return this.#last.since(time);
  }

  takeInterrupts(): void {
    this.#port.core.takeInterrupts();
    countGeneratedWork(this.#port.state, this.#port.work);
  }

  /** Takes an exception at pc. */
  exception(cause: number, tval: bigint): void {
    this.#take(cause, tval, () => this.#port.core.takeException());
  }

  /** Delivers an exception that the current instruction did not raise; it is not remembered as the last one. */
  deliver(cause: number, tval: bigint): void {
    this.#take(cause, tval, () => this.#port.core.deliverException());
  }

  #take(cause: number, tval: bigint, take: () => number): void {
    const { state, work } = this.#port;
    state.setSmall('cause', cause);
    state.set('tval', tval);
    const result = take();
    countGeneratedWork(state, work);
    if (result === TRAP.firmware) this.callFirmware();
  }

  /** The firmware answers an ECALL from S mode. */
  callFirmware(): void {
    this.#port.work.add(WORK['firmware-calls']);
    this.#firmware?.call();
    this.#port.contextChanged();
  }

  save() {
    return { firstVector: this.#last.firstVector, firmware: this.#firmware?.save() };
  }

  restore({ firstVector, firmware }: ReturnType<TrapUnit['save']>): void {
    this.#last.firstVector = firstVector;
    if (firmware) this.#firmware?.restore(firmware);
  }
}
