/**
 * Takes exceptions and interrupts: delegation, and what stands in for M mode where that is not the guest's (`Firmware`). It keeps what
 * explains a kernel that does not survive: the last exception, and whether it repeats for ever.
 */
import type { Core } from '../exec/core.ts';
import type { GuestClock } from '../exec/guest-clock.ts';
import { EXCEPTION } from './cause.ts';
import { noteException, type TakenException } from './last-exception.ts';
import type { Firmware } from './options.ts';
import type { HartState } from './state.ts';
import { enterTrap, pendingInterrupt, trapTarget } from './trap.ts';
import { isTrapLoop } from './trap-loop.ts';

export interface TrapPort {
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Pick<Core, 'refresh'>;
  retired(): bigint;
  contextChanged(): void;
}

export class TrapUnit {
  firmware: Firmware | undefined;
  lastException: TakenException | undefined;
  /** Nothing but the same exception will ever come. */
  loop = false;
  private readonly port: TrapPort;
  /** Traps taken and not returned from: an estimate, as a kernel may leave one by another's return, or for good. */
  private depth = 0;

  constructor(port: TrapPort) {
    this.port = port;
  }

  /** After MRET or SRET. For explanations: a kernel that returns from its last exception has survived it. */
  left(): void {
    this.depth = Math.max(0, this.depth - 1);
    if (this.lastException && this.depth <= this.lastException.depth) this.lastException.returned = true;
  }

  /** Whether an exception that explains something was taken after a time. */
  since(time: number): boolean {
    return this.lastException !== undefined && this.lastException.time > time;
  }

  takeInterrupt(): void {
    const { state, core } = this.port;
    const interrupt = pendingInterrupt(state);
    if (!interrupt) return;
    this.depth++;
    enterTrap(state, interrupt.target, interrupt.cause, 0n, true);
    core.refresh();
  }

  /** Takes an exception at pc. */
  exception(cause: number, tval: bigint): void {
    const { state, clock } = this.port;
    const [instructions, time] = [this.port.retired(), clock.now()];
    this.lastException = noteException(this.lastException, state, { cause, tval, instructions, time, depth: this.depth });
    this.deliver(cause, tval);
  }

  /** The same where it was no instruction's own. */
  deliver(cause: number, tval: bigint): void {
    const { state, clock, core } = this.port;
    let target = trapTarget(state, cause, false);
    if (target === 'machine' && this.firmware) {
      if (cause === EXCEPTION.ecallFromS) {
        this.firmware.call();
        this.port.contextChanged();
        return;
      }
      // What is not delegated, the firmware reflects to S mode (board.md).
      target = 'supervisor';
    }
    this.loop = isTrapLoop(state, target, cause, tval, this.firmware === undefined);
    if (this.loop) clock.shorten();
    this.depth++;
    enterTrap(state, target, cause, tval, false);
    core.refresh();
  }
}
