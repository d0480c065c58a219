/**
 * The hart: runs the generated code and does what that leaves to TypeScript (traps, privileged instructions, slow CSRs).
 *
 * Reference: RISC-V Privileged Architecture. What a trap into M mode means is the board's decision: firmware of the guest's own
 * takes it, or the built-in SBI (`traps.firmware`).
 */
import { type Core, instantiate } from '../exec/core.ts';
import { DecodedPages } from '../exec/decoded-pages.ts';
import { createDecoder } from '../exec/decoder.ts';
import { createEntryDecoder } from '../exec/entry-decoder.ts';
import { EXIT } from '../exec/exit.ts';
import { GuestClock } from '../exec/guest-clock.ts';
import { LoopProof } from '../exec/loop-proof.ts';
import { type DecodedEntry, readEntry } from '../exec/operations.ts';
import { HOT, Translator } from '../exec/translator.ts';
import { SOFT_OPERATIONS } from '../isa/float.ts';
import type { SystemOperation } from '../isa/instruction.ts';
import { createMemory, DECODED_STORES, HartState } from '../layout/state.ts';
import { flushTlb } from '../layout/tlb.ts';
import { NANOSECONDS_PER_TICK } from '../ports.ts';
import { ENVCFG, EXCEPTION, PAGE_BYTES, PRIVILEGE } from '../spec/riscv.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import { AddressSpace } from './address-space.ts';
import { Counter } from './counters.ts';
import { type CsrPort, fillCsrTable } from './csr.ts';
import { executeCsr } from './csr-instruction.ts';
import { FloatUnit } from './float-unit.ts';
import { countGeneratedWork } from './generated-work.ts';
import { createCalls } from './hart-calls.ts';
import type { HartOptions, HartStop } from './options.ts';
import { compilePmp } from './pmp.ts';
import { SupervisorTimer, type TimerPort } from './supervisor-timer.ts';
import { SYSTEM_OPERATIONS, type SystemPort } from './system.ts';
import { breakReservation } from './trap.ts';
import { type TrapPort, TrapUnit } from './trap-unit.ts';
import { Watchpoints } from './watchpoints.ts';

export class Hart implements CsrPort, SystemPort, TimerPort, TrapPort {
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Core;
  readonly options: HartOptions;
  readonly work: WorkMeter;
  readonly cycleCounter = new Counter();
  readonly retiredCounter = new Counter();
  readonly traps: TrapUnit;
  private readonly pages: DecodedPages;
  readonly translator: Translator;
  private readonly float: FloatUnit;
  /** Told of everything that a comparison of registers and memory would miss. */
  readonly loops: LoopProof;
  readonly watchpoints: Watchpoints;
  private readonly timer: SupervisorTimer;
  private readonly addresses: AddressSpace;
  /** Nanoseconds of the clock that were no retired instruction: traps, and time skipped. */
  private notRetired = 0;
  private nextSlice = HOT.firstSlice;
  /** Guest time. */
  private sliceEnd = 0;
  private stopRequested = false;

  constructor(options: HartOptions) {
    const memory = createMemory(options.ramBytes);
    this.state = new HartState(memory);
    this.work = options.work;
    this.clock = new GuestClock(this.state, this.work);
    this.work.ended = () => this.clock.shorten();
    this.watchpoints = new Watchpoints(this.state);
    this.options = options;
    this.float = new FloatUnit(this.state, SOFT_OPERATIONS);
    this.pages = new DecodedPages(this.state, createEntryDecoder(options.extensions), () => this.translator.clear());
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    const calls = createCalls({
      state: this.state,
      work: this.work,
      bus: options.bus,
      pages: this.pages,
      float: this.float,
      watchpoints: this.watchpoints,
      loops: () => this.loops,
      translator: () => this.translator,
      crossing: () => this.crossing(),
      manyStores: (page) => this.manyStores(page),
    });
    this.core = instantiate(memory, table, calls);
    this.translator = new Translator({
      state: this.state,
      core: this.core,
      table,
      soft: calls.soft,
      decode: createDecoder(options.extensions),
      ramOf: (page) => this.pages.ramOf(page),
    });
    // Without compressed instructions jumps can trap, which only the interpreter looks at.
    this.translator.enabled = options.extensions.has('c');
    this.loops = new LoopProof(this);
    this.addresses = new AddressSpace(this.state, this.core);
    this.timer = new SupervisorTimer(this);
    this.traps = new TrapUnit(this);
    this.reset(options.ramBytes);
  }

  private reset(ramBytes: number): void {
    fillCsrTable(this);
    this.state.set('ramSize', BigInt(ramBytes));
    this.state.set('mstatus', (2n << 32n) | (2n << 34n));
    this.state.setSmall('privilege', PRIVILEGE.machine);
    this.state.set('stimecmp', (1n << 64n) - 1n);
    this.state.set('menvcfg', this.options.svadu ? ENVCFG.ADUE : 0n);
    this.state.setSmall('setsAccessed', 1);
    breakReservation(this.state);
    this.protectionChanged();
    this.core.refresh();
  }

  now(): number {
    return this.clock.now();
  }

  ticks(): bigint {
    return BigInt.asUintN(64, BigInt(Math.floor(this.clock.now() / NANOSECONDS_PER_TICK)) + this.state.get('timeOffset'));
  }

  /** Instructions retired before the one that is executing; between instructions, all of them. */
  retired(): bigint {
    return BigInt(this.retiredCount());
  }

  retiredCount(): number {
    return this.clock.now() - this.notRetired - (this.executing ? 1 : 0);
  }
  private executing = false;

  flushTlb(): void {
    this.work.add(WORK.flushes);
    flushTlb(this.state);
  }

  /** After a write of pmpcfg or pmpaddr. */
  protectionChanged(): void {
    this.work.add(WORK['protection-changes']);
    compilePmp(this.state);
    this.state.setSmall('divided', 0);
    this.pages.protectionChanged();
  }

  floatChanged(): void {
    this.float.changed();
  }

  /** Makes `run` return before the next instruction. */
  stop(): void {
    this.stopRequested = true;
    this.clock.shorten();
  }

  /** Sets or clears bits of mip, as a device's line or the SBI does. */
  setPending(interrupt: number, pending: boolean): void {
    const bit = 1n << BigInt(interrupt);
    const mip = this.state.get('mip');
    const next = pending ? mip | bit : mip & ~bit;
    if (next === mip) return;
    this.state.set('mip', next);
    this.contextChanged();
  }

  /** After anything that `refresh` derives from; an interrupt that is now due ends the grant here. */
  contextChanged(): void {
    this.core.refresh();
    this.interruptsMayBeDue();
  }

  interruptsMayBeDue(): void {
    if (this.state.small('interrupt') !== 0) this.clock.shorten();
  }

  /** mtime was written: `time` is so many ticks ahead of the clock, modulo 2^64. */
  setTimeOffset(ticks: bigint): void {
    this.state.set('timeOffset', ticks);
    this.timerChanged();
  }

  timerChanged(): void {
    this.timer.changed();
  }

  /** Runs until guest time `until`, or until something else ends it. */
  run(until: number, live: boolean): HartStop {
    this.stopRequested = false;
    for (;;) {
      this.clock.callDue();
      if (this.traps.loop) return 'trap-loop';
      if (this.stopRequested || this.clock.now() >= until) return 'time';
      if (this.work.over) return this.work.end ?? 'time';
      if (this.waiting) {
        const ended = this.wait(until, live);
        if (ended) return ended;
        continue;
      }
      while (this.state.small('interrupt') !== 0) this.traps.takeInterrupt();
      this.clock.grant(this.loops.untilSearch(until), this.leftOfSlice());
      if (this.state.small('budget') > 0) this.runSlice();
      if (this.loops.due()) {
        const ended = this.passLoop(until, live);
        if (ended) return ended;
      }
    }
  }

  /** Instructions to the next sample. Whatever comes between, samples stand in a grid: else code that often leaves would have none. */
  private leftOfSlice(): number {
    const now = this.clock.now();
    if (now >= this.sliceEnd) {
      this.sliceEnd = now + this.nextSlice;
      this.nextSlice = Math.min(this.nextSlice * 2, HOT.slice);
    }
    return this.sliceEnd - now;
  }

  private runSlice(): void {
    const { enabled } = this.translator;
    this.state.setSmall('translating', enabled ? 1 : 0);
    const code = this.core.run();
    countGeneratedWork(this.state, this.work);
    if (enabled && code === EXIT.budget && this.clock.now() === this.sliceEnd) this.translator.sample();
    this.handleExit(code);
  }

  /** Skips the whole rounds of a loop that changes nothing, up to the next event; without one, it is for ever. */
  private passLoop(until: number, live: boolean): HartStop | undefined {
    this.work.add(WORK['loop-searches']);
    const loop = this.loops.search(until);
    if (!loop) return undefined;
    const next = this.clock.next();
    const now = this.clock.now();
    if (next === undefined && !live) {
      if (loop.polledConsole) return 'waiting-for-input';
      return this.traps.since(now - loop.period) ? 'trap-loop' : 'hang';
    }
    const event = Math.min(next ?? until, until);
    const rounds = Math.max(0, Math.floor((event - now) / loop.period));
    this.clock.skipTo(now + rounds * loop.period);
    this.loops.skipped(rounds * loop.period, event);
    this.notRetired += rounds * (loop.period - loop.retired);
    return undefined;
  }

  /** For LoopProof: at most `budget` instructions, no event; true where its breakpoint was met. */
  step(budget: number): boolean {
    if (this.waiting || this.stopRequested || this.traps.loop) return false;
    while (this.state.small('interrupt') !== 0) this.traps.takeInterrupt();
    this.clock.grant(this.clock.now() + budget, budget);
    if (this.state.small('budget') === 0) return false;
    // Translated code meets no breakpoint.
    this.state.setSmall('translating', 0);
    const code = this.core.run();
    countGeneratedWork(this.state, this.work);
    if (code === EXIT.breakpoint) return true;
    this.handleExit(code);
    return false;
  }

  /** A page of code that is stored to and not executed: most likely it was given to something else. */
  private manyStores(page: number): void {
    const ram = this.pages.ramOf(page);
    const code = this.codeAt();
    if (code !== undefined && code - ram >= 0 && code - ram < PAGE_BYTES) {
      this.state.view.setInt32(page + DECODED_STORES, 0, true);
      return;
    }
    this.translator.forget(page);
    this.pages.release(page);
  }

  /** Host address of the instruction at pc, where it is in RAM. */
  codeAt(): number | undefined {
    return this.addresses.codeAt();
  }

  private waiting = false;
  private woken: (() => void) | undefined;

  /** Waits as WFI does, and then calls `woken`. */
  waitForInterrupt(woken?: () => void): void {
    this.waiting = true;
    this.woken = woken;
  }

  private wake(): void {
    const { woken } = this;
    this.waiting = false;
    this.woken = undefined;
    woken?.();
  }

  /** A doubleword as S mode would load it; undefined after its exception has been delivered, at the ECALL that asked. */
  loadAsSupervisor(address: bigint): bigint | undefined {
    const { state } = this;
    const loaded = this.addresses.doubleword(address);
    if (typeof loaded === 'bigint') return loaded;
    state.set('pc', state.get('pc') - 4n);
    this.traps.deliver(loaded.cause, loaded.tval);
    return undefined;
  }

  /** WFI: time passes until the next event; with none, nothing can ever happen. */
  private wait(until: number, live: boolean): HartStop | undefined {
    if ((this.state.get('mip') & this.state.get('mie')) !== 0n) {
      this.wake();
      return undefined;
    }
    const next = this.clock.next();
    if (next === undefined && !live) return 'idle';
    this.skipTo(Math.min(next ?? until, until));
    return undefined;
  }

  private skipTo(time: number): void {
    const before = this.clock.now();
    this.clock.skipTo(time);
    this.notRetired += this.clock.now() - before;
  }

  private handleExit(code: number): void {
    switch (code) {
      case EXIT.budget:
      case EXIT.refetch:
        return;
      case EXIT.exception:
        return this.exception(this.state.small('cause'), this.state.get('tval'));
      case EXIT.illegal:
        return this.illegal();
      case EXIT.system:
        return this.system(readEntry(this.state.view, this.state.small('entry')));
      default:
        throw new Error(`unknown exit code ${code}`);
    }
  }

  /** Takes an illegal-instruction exception at pc. */
  illegal(): void {
    this.exception(EXCEPTION.illegalInstruction, BigInt(this.pages.bitsAt(this.state.small('entry'))));
  }

  /** Takes an exception at pc. The nanosecond that it costs has been counted, but no instruction retired. */
  exception(cause: number, tval: bigint): void {
    this.notRetired += 1;
    this.traps.exception(cause, tval);
  }

  trapLeft(): void {
    this.traps.left();
  }

  private system(entry: DecodedEntry): void {
    this.work.add(WORK['system-instructions']);
    const { instruction } = entry.operation;
    if (instruction.format === 'csr' || instruction.format === 'csri') return this.csr(entry);
    SYSTEM_OPERATIONS[instruction.name as SystemOperation](this, entry);
  }

  /** Goes on behind the instruction. */
  next(entry: DecodedEntry): void {
    this.state.set('pc', BigInt.asUintN(64, this.state.get('pc') + BigInt(entry.length)));
  }

  private csr(entry: DecodedEntry): void {
    this.work.add(WORK['csr-accesses']);
    this.executing = true;
    const csr = executeCsr(this, entry, () => this.loops.touch());
    this.executing = false;
    if (!csr) return this.illegal();
    this.next(entry);
    if (csr.refreshes) this.contextChanged();
  }

  /** The generated code met an instruction whose second half is on the next page, or that has to be fetched alone: 0 after a fault. */
  private crossing(): number {
    this.work.add(WORK['slow-fetches']);
    const fetched = this.addresses.instruction();
    if (typeof fetched === 'number') {
      this.pages.fetched(fetched);
      return 1;
    }
    this.state.set('cause', BigInt(fetched.cause));
    this.state.set('tval', fetched.tval);
    return 0;
  }
}
