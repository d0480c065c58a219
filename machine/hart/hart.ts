/**
 * A hart: it does what the generated code leaves to TypeScript (traps, privileged instructions, slow CSRs). exec/engine.ts runs it.
 *
 * Reference: RISC-V Privileged Architecture. The board decides what handles a trap into M mode: the guest's own
 * firmware, or the built-in SBI (`traps.firmware`).
 */

import type { Core } from '../exec/core.ts';
import type { Engine } from '../exec/engine.ts';
import { EXIT } from '../exec/exit.ts';
import { NanosecondClock } from '../exec/nanosecond-clock.ts';
import { type DecodedEntry, readEntry } from '../exec/operations.ts';
import type { HartStop, RunningHart } from '../exec/running-hart.ts';
import { breakReservation } from '../exec/trap.ts';
import type { HartState } from '../layout/state.ts';
import { flushTlb, NO_PAGE } from '../layout/tlb.ts';
import { type Clock, NANOSECONDS_PER_TICK } from '../ports.ts';
import { EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import { AddressSpace } from './address-space.ts';
import { Counter } from './counters.ts';
import { fillCsrTable, leaveWrites, resetMenvcfg } from './csr.ts';
import { type CsrWrite, csrWritten, executeCsr } from './csr-instruction.ts';
import type { CsrPort } from './csr-register.ts';
import type { HartOptions } from './options.ts';
import { compilePmp } from './pmp.ts';
import { SupervisorTimer, type TimerPort } from './supervisor-timer.ts';
import { SYSTEM_OPERATIONS, type SystemPort } from './system.ts';
import { type TrapPort, TrapUnit } from './trap-unit.ts';

export class Hart implements CsrPort, SystemPort, TimerPort, TrapPort, RunningHart {
  readonly engine: Engine;
  readonly state: HartState;
  /** In nanoseconds, for devices and registers. */
  readonly clock: Clock;
  readonly #instructionTime: number;
  readonly core: Core;
  readonly options: HartOptions;
  readonly work: WorkMeter;
  readonly cycleCounter: Counter;
  readonly retiredCounter: Counter;
  readonly traps: TrapUnit;
  readonly #timer: SupervisorTimer;
  readonly #addresses: AddressSpace;

  constructor(options: HartOptions, engine: Engine) {
    this.options = options;
    this.engine = engine;
    const { clock, core, instructionTime } = engine;
    this.state = engine.newState();
    engine.turns.add(this);
    this.#instructionTime = instructionTime;
    this.clock = instructionTime === 1 ? clock : new NanosecondClock(clock, instructionTime);
    this.core = core;
    this.work = options.work;
    this.cycleCounter = new Counter(this.state, 'cycleOffset');
    this.retiredCounter = new Counter(this.state, 'retiredOffset');
    this.#addresses = new AddressSpace(this.state, this.core);
    this.#timer = new SupervisorTimer(this);
    this.traps = new TrapUnit(this);
    this.#reset();
  }

  #reset(): void {
    fillCsrTable(this);
    this.state.setSmall('mostLevels', this.options.pageTableLevels);
    this.state.set('mstatus', (2n << 32n) | (2n << 34n));
    this.state.setSmall('privilege', PRIVILEGE.machine);
    this.state.set('stimecmp', (1n << 64n) - 1n);
    this.state.set('userSatp', (1n << 64n) - 1n);
    resetMenvcfg(this);
    breakReservation(this.state);
    this.protectionChanged();
    this.core.refresh();
  }

  now(): number {
    return this.clock.now();
  }

  /** Runs until guest time `until` in nanoseconds, or to the first instruction that begins after it. */
  run(until: number, how: { live: boolean }): HartStop {
    return this.engine.run(Math.ceil(until / this.#instructionTime), how);
  }

  ticks(): bigint {
    return BigInt.asUintN(64, BigInt(Math.floor(this.clock.now() / NANOSECONDS_PER_TICK)) + this.state.get('timeOffset'));
  }

  /** Instructions retired, without the one that is being executed. */
  retired(): bigint {
    return BigInt(this.retiredCount());
  }

  retiredCount(): number {
    return this.engine.turns.reached(this) - this.state.time('notRetired') - (this.#executing ? 1 : 0);
  }
  #executing = false;

  flushTlb(): void {
    this.work.add(WORK.flushes);
    if (this.state.isParked) {
      this.#logSignal('remote-fence');
      this.state.setSmall('staleTlbs', this.state.small('staleTlbs') | (1 << this.options.id));
    } else flushTlb(this.state);
    this.state.set('codeAddress', NO_PAGE);
  }

  /** After a write of pmpcfg or pmpaddr. */
  protectionChanged(): void {
    this.work.add(WORK['protection-changes']);
    if (this.options.pmp) compilePmp(this.state);
    this.state.setSmall('divided', 0);
    this.engine.pages.protectionChanged();
    this.state.set('codeAddress', NO_PAGE);
  }

  floatChanged(): void {
    this.core.floatChanged();
  }

  /** Sets or clears a bit of mip, for a device's line or the SBI. */
  setPending(interrupt: number, pending: boolean): void {
    const bit = 1n << BigInt(interrupt);
    const mip = this.state.get('mip');
    const next = pending ? mip | bit : mip & ~bit;
    if (next === mip) return;
    if (pending && this.state.isParked) this.#logSignal('signal');
    this.state.set('mip', next);
    this.contextChanged();
  }

  /** To be called after a change of anything that `refresh` computes with. An interrupt that is due now ends the grant here. */
  contextChanged(): void {
    // What is parked is refreshed when the hart's turn comes.
    if (this.state.isParked) return this.waiting ? this.engine.turns.woken() : undefined;
    this.core.refresh();
    this.interruptsMayBeDue();
  }

  interruptsMayBeDue(): void {
    if (this.state.small('interrupt') !== 0) this.engine.clock.shorten();
  }

  /** mtime was written: `time` is now so many ticks ahead of the clock, modulo 2^64. */
  setTimeOffset(ticks: bigint): void {
    this.state.set('timeOffset', ticks);
    this.timerChanged();
  }

  timerChanged(): void {
    this.#timer.changed();
  }

  /** Host address of the instruction at pc, where it is in RAM. */
  codeAt(): number | undefined {
    return this.#addresses.codeAt();
  }

  waiting = false;

  /** Waits as WFI does. */
  waitForInterrupt(): void {
    this.waiting = true;
  }

  /** Ends the wait of a hart that does not have its turn. */
  wake(): void {
    this.#logSignal('wake');
    this.waiting = false;
    this.engine.turns.started(this);
  }

  /** For the log of accesses: the hart that executes an instruction now reaches this one, which waits for its turn. */
  #logSignal(kind: 'signal' | 'wake' | 'remote-fence'): void {
    const { engine, options } = this;
    if (engine.slices.inInstruction) engine.logging.log?.add(kind, { address: options.id, time: engine.now() });
  }

  /** A doubleword as S mode would load it. Undefined if that faults; then its exception has been delivered, with the ECALL's pc. */
  loadAsSupervisor(address: bigint): bigint | undefined {
    const { state } = this;
    const loaded = this.#addresses.doubleword(address);
    if (typeof loaded === 'bigint') return loaded;
    state.set('pc', state.get('pc') - 4n);
    this.traps.deliver(loaded.cause, loaded.tval);
    return undefined;
  }

  get trapLoop(): boolean {
    return this.traps.loop;
  }

  get interruptStorm(): boolean {
    return this.traps.storm;
  }

  get exceptionStorm(): boolean {
    return this.traps.exceptionStorm;
  }

  trappedSince(time: number): boolean {
    return this.traps.since(time * this.#instructionTime);
  }

  takeInterrupts(): void {
    if (this.state.small('interrupt') !== 0) this.traps.takeInterrupts();
  }

  wakes(): boolean {
    if (this.traps.firmware?.isStopped === true) return false;
    if ((this.state.get('mip') & this.state.get('mie')) === 0n) return false;
    this.waiting = false;
    this.traps.firmware?.woken();
    return true;
  }

  idled(steps: number): void {
    this.state.setTime('notRetired', this.state.time('notRetired') + steps);
  }

  exit(code: number): void {
    switch (code) {
      case EXIT.budget:
        return;
      case EXIT.firmware:
        return this.traps.callFirmware();
      case EXIT.system:
        return this.#system(readEntry(this.state.view, this.state.small('entry')));
      default:
        throw new Error(`unknown exit code ${code}`);
    }
  }

  /** Takes an illegal-instruction exception at pc. */
  illegal(): void {
    this.exception(EXCEPTION.illegalInstruction, BigInt(this.core.bitsOf(this.state.small('entry')) >>> 0));
  }

  /** Takes an exception at pc. Its nanosecond has already been counted, but no instruction retired. */
  exception(cause: number, tval: bigint): void {
    this.traps.exception(cause, tval);
  }

  #system(entry: DecodedEntry): void {
    this.work.add(WORK['system-instructions']);
    const { instruction } = entry.operation;
    if (instruction.format === 'csr' || instruction.format === 'csri') return this.#csr(entry);
    SYSTEM_OPERATIONS[instruction.name as keyof typeof SYSTEM_OPERATIONS](this, entry);
  }

  /** Goes on after the instruction. */
  next(entry: DecodedEntry): void {
    this.state.set('pc', BigInt.asUintN(64, this.state.get('pc') + BigInt(entry.length)));
  }

  /** For explanations: told of each write of a CSR that comes here, just before it happens. */
  #csrWatch: ((written: CsrWrite) => void) | undefined;

  /** Tells of writes of these registers, which the generated code then leaves to the hart. */
  watchCsrs(names: readonly string[], tell: (written: CsrWrite) => void): void {
    leaveWrites(this, names);
    this.#csrWatch = tell;
  }

  #csr(entry: DecodedEntry): void {
    this.work.add(WORK['csr-accesses']);
    if (this.#csrWatch !== undefined) {
      const written = csrWritten(this, entry);
      if (written !== undefined) this.#csrWatch(written);
    }
    this.#executing = true;
    const csr = executeCsr(this, entry, () => this.engine.loops.touch());
    this.#executing = false;
    if (!csr) return this.illegal();
    this.next(entry);
    if (csr.refreshes) this.contextChanged();
  }

  /** Fetches an instruction whose second half is on the next page, or one in a divided page (exec/decoded-pages.ts); 0 after a fault. */
  crossing(): number {
    this.work.add(WORK['slow-fetches']);
    const fetched = this.#addresses.instruction();
    if (typeof fetched === 'number') {
      this.engine.pages.fetched(fetched);
      return 1;
    }
    this.state.set('cause', BigInt(fetched.cause));
    this.state.set('tval', fetched.tval);
    return 0;
  }

  save() {
    return {
      waiting: this.waiting,
      cycleCounter: this.cycleCounter.save(),
      retiredCounter: this.retiredCounter.save(),
      traps: this.traps.save(),
      parked: this.state.saveParked(),
    };
  }

  restore({ waiting, cycleCounter, retiredCounter, traps, parked }: ReturnType<Hart['save']>): void {
    this.state.restoreParked(parked);
    this.waiting = waiting;
    this.cycleCounter.restore(cycleCounter);
    this.retiredCounter.restore(retiredCounter);
    this.traps.restore(traps);
  }
}
