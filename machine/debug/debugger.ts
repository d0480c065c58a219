/**
 * What it takes to explain a run (architecture.md, decisions 9 and 10): watched memory, the hart's registers and memory as they
 * are now, the last exception, and the loop that the kernel is in. A run that asks for none of this pays nothing for it.
 */

import type { Bus } from '../bus.ts';
import type { Watch, WatchedAccess } from '../exec/watchpoints.ts';
import type { CsrWrite } from '../hart/csr-instruction.ts';
import type { Hart } from '../hart/hart.ts';
import type { TakenException } from '../hart/last-exception.ts';
import type { RefusedCall } from '../hart/options.ts';
import { hostOf, hostOfPage, physicalOf, ramEnd } from '../layout/ram.ts';
import type { WatchedRange } from '../ports.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import { type Walk, walkPageTable } from './inspect.ts';
import { type LoopView, viewLoop } from './loop-view.ts';
import { type SleepView, viewSleep } from './sleep-view.ts';
import { findTimeWait, type TimeWait } from './time-wait.ts';

const PAGE = BigInt(PAGE_BYTES);
/** What a hart does: it executes instructions, waits in WFI (or the SBI's suspension), or was stopped by the SBI or never started. */
export type HartActivity = 'runs' | 'waits' | 'stopped';

/** How many searches for a loop are made, and how many instructions lie between them. */
const LOOP_ATTEMPTS = 3;
const LOOP_STRIDE = 7_001;

/** The registers of traps and of translation. */
export type NamedCsr = 'mstatus' | 'satp' | 'stvec' | 'mtvec' | 'sscratch' | 'mscratch' | 'sepc' | 'mepc' | 'scause' | 'mcause' | 'mie';

export interface ControlWatch {
  csr(written: CsrWrite): void;
  device(address: number, value: number): void;
}

export interface Debugger {
  /** Replaces what is watched. `tell` is called before each store, when `pc()` is its instruction; it must not run the machine. */
  watch(ranges: readonly WatchedRange[], tell: (access: WatchedAccess) => void): void;
  /**
   * Tells of writes of these control and status registers, and of all writes of device registers (physical address and value), just before
   * they happen: when `pc()` is the instruction. It must not run the machine.
   */
  watchControls(csrs: readonly string[], told: ControlWatch): void;
  pc(): bigint;
  /** x0…x31, unsigned. */
  registers(): bigint[];
  /** One of them. */
  register(index: number): bigint;
  /** A control and status register, as M mode would read it. */
  csr(name: NamedCsr): bigint;
  /** How the hart would translate a virtual address in its present mode, without looking at permissions. */
  walk(address: bigint): Walk;
  /** Physical memory: a copy, or undefined where not every byte is RAM. */
  readMemory(physical: bigint, length: number): Uint8Array | undefined;
  /** Physical address after the last byte of RAM. */
  ramEnd(): bigint;
  /** The same without a copy: the bytes are the memory itself, and must not be changed or kept. */
  viewMemory(physical: bigint, length: number): Uint8Array | undefined;
  /** How many pages of RAM may have been stored to since power-on. */
  countStored(): number;
  /** Those pages, at most so many, ascending; adjacent ones together. The bytes are the memory itself, and must not be changed or kept. */
  storedMemory(most: number): { readonly address: bigint; readonly bytes: Uint8Array }[];
  /** Memory as the hart sees it, as far as it is mapped to RAM: at most `length` bytes, maybe none. */
  readVirtual(address: bigint, length: number): Uint8Array;
  /** The last exception, not counting calls (ECALL). */
  lastException(): TakenException | undefined;
  /** The last call of the built-in SBI, if it has returned an error; calls that print or read keys do not count. */
  refusedCall(): RefusedCall | undefined;
  /** The call (ECALL) of a user program to which its handler has returned again and again, up to now, so that the program gets no further. */
  repeatedCall(): TakenException | undefined;
  /** Of a guest without firmware, the call (ECALL) of S or M mode that a cascade of traps began with: its handler never returned. */
  openCall(): TakenException | undefined;
  /** How many harts there are. */
  readonly harts: number;
  /** The number of the one that has its turn, or had the last one: what is asked of one hart is about this one. */
  readonly hart: number;
  /** From now on all that is asked of one hart is about this one. To be called at the end of a run, which cannot go on after it. */
  showHart(number: number): HartActivity;
  /** The loop that the hart is in while all others do nothing. This runs it further. */
  loopOfHart(): LoopView | undefined;
  /**
   * Runs a single instruction, without events. Afterwards nothing else may be asked of the machine. False where it waits or has ended.
   */
  step(): boolean;
  /** Ends a WFI that waits, as if an interrupt had come that is not taken. */
  wake(): void;
  /** Takes the interrupts that are due, as a run would: then `pc()` is the instruction that comes next. False if the hart waits (WFI). */
  takeInterrupts(): boolean;
  /** Guest nanoseconds of loop rounds that were skipped, because they were proved to change nothing. */
  skippedTime(): number;
  /** Whether such rounds are skipped, as they are at first. If not, every round is run, which gives the same evidence. */
  skipsLoops: boolean;
  /**
   * The loop that the kernel is in, if any. This runs the machine further, so nothing else may be asked of it afterwards. Of several harts nothing
   * is said here and in the next two: what one of them waits for, another one may be about to do.
   */
  loop(): LoopView | undefined;
  /** What a kernel that waits in WFI would do if that ended. This runs the machine further, too. */
  sleep(): SleepView | undefined;
  /** The loop in which the kernel waits for a time, if it is in one. This runs the machine further, too. */
  timeWait(): TimeWait | undefined;
}

export class HartDebugger implements Debugger {
  readonly #harts: readonly Hart[];
  readonly #bus: Pick<Bus, 'watch'>;
  readonly #watching: Watch;
  #watched: readonly WatchedRange[] = [];
  #tell: (access: WatchedAccess) => void = () => undefined;

  constructor(harts: readonly Hart[], bus: Pick<Bus, 'watch'> = { watch: undefined }) {
    this.#harts = harts;
    this.#bus = bus;
    this.#watching = this.#hart.engine.watchpoints.openOutside((access) => this.#tell(access));
  }

  /** Of several harts the one that has its turn, or had the last one. */
  get #hart(): Hart {
    return this.#harts.find(({ state }) => !state.isParked)!;
  }

  watch(ranges: readonly WatchedRange[], tell: (access: WatchedAccess) => void): void {
    const after = new Set(ranges);
    this.#watching.remove(this.#watched.filter((range) => !after.has(range)));
    this.#tell = tell;
    this.#watched = ranges;
    this.#watching.add(ranges);
  }

  watchControls(csrs: readonly string[], told: ControlWatch): void {
    for (const hart of this.#harts) hart.watchCsrs(csrs, (written) => told.csr(written));
    this.#bus.watch = (address, value) => told.device(address, value);
  }

  pc(): bigint {
    return this.#hart.state.get('pc');
  }

  registers(): bigint[] {
    return Array.from({ length: 32 }, (_, register) => this.#hart.state.x(register));
  }

  register(index: number): bigint {
    return this.#hart.state.x(index);
  }

  csr(name: NamedCsr): bigint {
    return this.#hart.state.get(name);
  }

  walk(address: bigint): Walk {
    return walkPageTable(this.#hart.state, BigInt.asUintN(64, address));
  }

  readMemory(physical: bigint, length: number): Uint8Array | undefined {
    const host = hostOf(this.#hart.state, physical, length);
    return host === undefined ? undefined : this.#hart.state.bytes.slice(host, host + length);
  }

  ramEnd(): bigint {
    return ramEnd(this.#hart.state);
  }

  viewMemory(physical: bigint, length: number): Uint8Array | undefined {
    const host = hostOf(this.#hart.state, physical, length);
    return host === undefined ? undefined : this.#hart.state.bytes.subarray(host, host + length);
  }

  countStored(): number {
    return this.#hart.engine.storedPages(Number.POSITIVE_INFINITY).length;
  }

  storedMemory(most: number): { readonly address: bigint; readonly bytes: Uint8Array }[] {
    const pages = this.#hart.engine.storedPages(most);
    const begins = pages.flatMap((page, index) => (pages[index - 1] === page - 1 ? [] : [index]));
    return begins.map((begin, n) => {
      const count = (begins[n + 1] ?? pages.length) - begin;
      const host = hostOfPage(pages[begin]!);
      return { address: physicalOf(host), bytes: this.#hart.state.bytes.subarray(host, host + count * PAGE_BYTES) };
    });
  }

  readVirtual(address: bigint, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const at = BigInt.asUintN(64, address + BigInt(done));
      const { end } = this.walk(at);
      const here = Math.min(length - done, Number(PAGE - (at % PAGE)));
      const page = 'physical' in end ? this.readMemory(end.physical, here) : undefined;
      if (page === undefined) break;
      bytes.set(page, done);
      done += here;
    }
    return bytes.subarray(0, done);
  }

  lastException(): TakenException | undefined {
    return this.#hart.traps.lastException;
  }

  refusedCall(): RefusedCall | undefined {
    return this.#hart.traps.firmware?.refused;
  }

  repeatedCall(): TakenException | undefined {
    return this.#hart.traps.repeatedCall;
  }

  openCall(): TakenException | undefined {
    return this.#hart.traps.openCall;
  }

  get harts(): number {
    return this.#harts.length;
  }

  get hart(): number {
    return this.#hart.engine.turns.number;
  }

  showHart(number: number): HartActivity {
    this.#hart.engine.turns.show(number);
    if (this.#hart.traps.firmware?.isStopped === true) return 'stopped';
    return this.#hart.waiting ? 'waits' : 'runs';
  }

  step(): boolean {
    const before = this.#hart.now();
    this.#hart.engine.step(1);
    return this.#hart.now() !== before;
  }

  wake(): void {
    this.#hart.waiting = false;
    this.#hart.traps.firmware?.woken();
  }

  takeInterrupts(): boolean {
    const hart = this.#hart;
    hart.engine.clock.callDue();
    if (hart.waiting && !hart.wakes()) return false;
    hart.takeInterrupts();
    return true;
  }

  skippedTime(): number {
    return this.#hart.engine.loops.skippedTime;
  }

  get skipsLoops(): boolean {
    return this.#hart.engine.loops.enabled;
  }

  set skipsLoops(on: boolean) {
    this.#hart.engine.loops.enabled = on;
  }

  loop(): LoopView | undefined {
    return this.#harts.length > 1 ? undefined : this.loopOfHart();
  }

  loopOfHart(): LoopView | undefined {
    for (let attempt = 0; attempt < LOOP_ATTEMPTS; attempt++) {
      const found = this.#hart.engine.loops.search(Number.MAX_SAFE_INTEGER);
      if (found && found.period > 0) return viewLoop(this.#hart.engine, found.period);
      this.#hart.engine.step(LOOP_STRIDE);
    }
    return undefined;
  }

  sleep(): SleepView | undefined {
    const { engine, state } = this.#hart;
    if (this.#harts.length > 1 || !this.#hart.waiting || this.#hart.wakes()) return undefined;
    return viewSleep({
      state,
      now: () => engine.now(),
      codeAt: () => this.#hart.codeAt(),
      waits: () => this.#hart.waiting,
      step: (budget) => {
        this.wake();
        return engine.step(budget);
      },
    });
  }

  timeWait(): TimeWait | undefined {
    return this.#harts.length > 1 ? undefined : findTimeWait(this.#hart.engine);
  }
}
