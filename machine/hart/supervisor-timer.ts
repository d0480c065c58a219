/**
 * Sstc: STIP follows stimecmp. Without Sstc, or while menvcfg.STCE is off, software sets STIP (the SBI does, for its timer).
 * Reference: RISC-V Privileged Architecture, "Sstc".
 */
import type { HartState } from '../layout/state.ts';
import { type Alarm, type Clock, NANOSECONDS_PER_TICK } from '../ports.ts';
import { ENVCFG, INTERRUPT } from '../spec/riscv.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import type { HartOptions } from './options.ts';

export interface TimerPort {
  readonly state: HartState;
  readonly clock: Clock;
  readonly work: WorkMeter;
  readonly options: Pick<HartOptions, 'sstc'>;
  ticks(): bigint;
  setPending(interrupt: number, pending: boolean): void;
}

export class SupervisorTimer {
  readonly #port: TimerPort;
  readonly #alarm: Alarm;

  constructor(port: TimerPort) {
    this.#port = port;
    this.#alarm = port.clock.alarm(() => this.changed());
  }

  /** To be called after a change of stimecmp, of menvcfg, or of the time. */
  changed(): void {
    const { state, options, work } = this.#port;
    work.add(WORK['timer-settings']);
    this.#alarm.at = undefined;
    if (!options.sstc || (state.get('menvcfg') & ENVCFG.STCE) === 0n) return;
    const compare = state.get('stimecmp');
    const due = Number(compare - state.get('timeOffset')) * NANOSECONDS_PER_TICK;
    const expired = compare <= this.#port.ticks();
    this.#port.setPending(INTERRUPT.supervisorTimer, expired);
    if (!expired && Number.isSafeInteger(due)) this.#alarm.at = due;
  }
}
