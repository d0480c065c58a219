/**
 * The engine owns what runs code: the one memory, the guest's clock, decoded and translated pages, and the proofs that loops change nothing.
 * It runs harts (hart/hart.ts) in slices of guest time (slices.ts); there is one, or several that take turns (hart-turns.ts).
 *
 * Reference: docs/architecture.md, "Decisions" 3, 4 and 9.
 */

import { createDecoder } from '../isa/decoder.ts';
import { type Extension, extensionBits } from '../isa/instruction.ts';
import { ACCESS_LOG, ACCESS_LOG_END } from '../layout/access-log.ts';
import { type CodeWatch, placeCodeWatches } from '../layout/code-watches.ts';
import { placeFlash } from '../layout/flash.ts';
import { clearFixedParts, DECODED_STORES, TLB_BYTES, tlbOf } from '../layout/memory-map.ts';
import { HartState } from '../layout/state.ts';
import { countReached } from '../layout/tally.ts';
import { emptyTlb } from '../layout/tlb.ts';
import type { FlashUnit } from '../ports.ts';
import { isDelayedStore, type Schedule } from '../spec/schedule.ts';
import { FLASH } from '../spec/virt-board.ts';
import type { WorkDone, WorkMeter } from '../work-meter.ts';
import { createCalls } from './calls.ts';
import { type Core, instantiate } from './core.ts';
import { DecodedPages } from './decoded-pages.ts';
import { DelayedStores } from './delayed-stores.ts';
import { workDone } from './generated-work.ts';
import { GuestClock } from './guest-clock.ts';
import { HartTurns, TURN } from './hart-turns.ts';
import { JointProof } from './joint-proof.ts';
import { Logging } from './logging.ts';
import { LoopProof } from './loop-proof.ts';
import { giveBack, takeMemory } from './memory-pool.ts';
import { MemorySnapshots, type MemoryState, type Pages } from './memory-state.ts';
import type { HartBus, HartStop, RunningHart } from './running-hart.ts';
import { Slices } from './slices.ts';
import { Stalls } from './stalls.ts';
import { Translator } from './translator.ts';
import { Watchpoints } from './watchpoints.ts';

export interface EngineOptions {
  readonly ramBytes: number;
  /** Nanoseconds that each instruction takes; without it 1. */
  readonly instructionTime?: number;
  /** How many harts there will be: 1 to 8. */
  readonly harts: number;
  readonly extensions: ReadonlySet<Extension>;
  /** What the units of flash memory hold, for code that runs there; without it there is none. */
  readonly flash?: readonly (FlashUnit | undefined)[];
  readonly bus: HartBus;
  readonly work: WorkMeter;
}

/** 64 MiB. */
const MOST_PAGES_TO_CLEAR = 16_384;

export class Engine {
  /** The registers of the hart whose turn it is, and all memory. */
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Core;
  readonly pages: DecodedPages;
  readonly translator: Translator;
  readonly loops: LoopProof;
  /** Of several harts. */
  readonly joint: JointProof | undefined;
  readonly watchpoints: Watchpoints;
  readonly work: WorkMeter;
  readonly #memory: MemorySnapshots;
  readonly turns: HartTurns;
  readonly stalls: Stalls;
  readonly delays: DelayedStores;
  readonly slices = new Slices(this);
  readonly #harts: number;
  #onReached: (watch: number) => void = () => {};
  readonly logging: Logging;

  /** Nanoseconds that each instruction takes. */
  readonly instructionTime: number;

  constructor({ ramBytes, harts, instructionTime = 1, extensions, flash = [], bus, work }: EngineOptions) {
    const memory = takeMemory(ramBytes, harts, flash.length * FLASH.size);
    const state = new HartState(memory);
    this.state = state;
    this.work = work;
    state.set('ramSize', BigInt(ramBytes));
    if (flash.length > 0) placeFlash(state, flash, harts);
    this.#harts = harts;
    state.setSmall('harts', harts);
    state.setSmall('extensions', extensionBits(extensions));
    this.instructionTime = instructionTime;
    state.set('instructionTime', BigInt(instructionTime));
    this.clock = new GuestClock(state, work);
    work.ended = () => this.clock.shorten();
    this.watchpoints = new Watchpoints(state);
    this.pages = new DecodedPages(
      state,
      (at, bits) => this.core.entry(at, bits),
      () => this.translator.clear(),
    );
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 0 });
    const calls = createCalls({
      state,
      work,
      bus,
      pages: this.pages,
      watchpoints: this.watchpoints,
      loops: () => this.loops,
      translator: () => this.translator,
      hart: () => this.#hart,
      manyStores: (page) => this.#manyStores(page),
      reached: (watch) => this.#onReached(watch),
      accessLogFull: () => this.logging.flush(),
    });
    this.logging = new Logging(state, (variant) => instantiate(variant, memory, table, calls), {
      now: () => this.now(),
      turn: () => this.turns.number,
      shorten: () => this.clock.shorten(),
      delays: { take: (batch) => this.delays.take(batch), watches: (hart, now) => this.delays.watches(hart, now) },
    });
    this.core = this.logging.core;
    this.translator = new Translator({
      state,
      core: this.core,
      table,
      decode: createDecoder(extensions),
      ramOf: (page) => this.pages.ramOf(page),
    });
    // Without compressed instructions a jump can trap, and only the interpreter checks that.
    this.translator.enabled = extensions.has('c');
    this.loops = new LoopProof(this);
    this.stalls = new Stalls(harts);
    this.delays = new DelayedStores(
      { state, clock: this.clock, core: this.core, flush: () => this.logging.flush(), turn: () => this.turns.number },
      harts,
    );
    this.joint = harts === 1 ? undefined : this.#jointProof();
    this.turns = new HartTurns({
      state,
      stalls: this.stalls,
      delays: this.delays,
      clock: this.clock,
      core: this.core,
      work,
      proof: this.joint,
      ended: () => this.slices.ended(),
      beginTurn: (turn) => this.slices.beginTurn(turn),
      takeTurn: (turn) => this.slices.takeTurn(turn),
    });
    this.#memory = new MemorySnapshots(state, this.pages, this.translator);
  }

  #jointProof(): JointProof {
    return new JointProof({
      state: this.state,
      work: this.work,
      loops: this.loops,
      watchpoints: this.watchpoints,
      hart: () => this.#hart,
      now: () => this.now(),
      step: (budget) => this.step(budget),
      codeAt: () => this.codeAt(),
    });
  }

  /** The hart whose turn it is. */
  get #hart(): RunningHart {
    return this.turns.hart;
  }

  /** Where the registers of the next hart will be; the one before it has been made. */
  newState(): HartState {
    const { state } = this;
    const number = this.turns.harts.length;
    if (number > 0) {
      this.#hart.state.park();
      state.clearOwn();
    }
    state.setSmall('tlb', tlbOf(Number(state.get('ramSize')), number));
    state.setSmall('hart', number);
    emptyTlb(state);
    // The state of a single hart is the engine's: it is never parked.
    if (this.#harts === 1) return state;
    const own = new HartState(state.memory);
    own.keepPage = (page) => state.keepPage(page);
    return own;
  }

  /** The registers of all harts, for proofs. */
  get hartWords(): readonly BigUint64Array[] {
    return this.turns.harts.map(({ state }) => state.words);
  }

  now(): number {
    return this.clock.now();
  }

  retired(): bigint {
    return this.#hart.retired();
  }

  codeAt(): number | undefined {
    return this.#hart.codeAt();
  }

  flushTlb(): void {
    this.#hart.flushTlb();
  }

  /** At power-on: counts executions of instructions. `onReached` is called with the number of each watch that `tells`. */
  watchCode(watches: readonly CodeWatch[], onReached: (watch: number) => void): void {
    this.pages.watch(placeCodeWatches(this.state, watches));
    countReached(this.state, watches.length);
    this.#onReached = onReached;
  }

  /** Makes `run` return before the next instruction. */
  stop(): void {
    this.slices.stop();
  }

  /** Runs until guest time `until`, or until something else ends it. */
  run(until: number, how: { live: boolean }): HartStop {
    return this.slices.run(until, how);
  }

  /** For LoopProof and JointProof. */
  step(budget: number): boolean {
    return this.slices.step(budget);
  }

  workDone(): WorkDone {
    return workDone(this.state, this.work);
  }

  /** Where to stop, so that no hart has run beyond a time in nanoseconds. A turn of several harts is not stopped in the middle. */
  momentBefore(time: number): number {
    const turn = this.#harts === 1 ? 1 : TURN * this.instructionTime;
    return Math.floor(time / turn) * turn;
  }

  /** What is to come, instead of what was planned before. */
  follow(schedule: Schedule): void {
    const units = (time: number) => Math.ceil(time / this.instructionTime);
    const inUnits = schedule.map((item) =>
      isDelayedStore(item)
        ? { ...item, at: units(item.at), for: units(item.for) }
        : { ...item, at: units(item.at), for: item.for === 'event' ? item.for : units(item.for) },
    );
    this.delays.plan(inUnits.filter(isDelayedStore));
    this.stalls.plan(inUnits.filter((item) => !isDelayedStore(item)));
  }

  /** A page of code that is stored to and not executed: most likely it was given to something else. */
  #manyStores(page: number): void {
    // The page tables do not say what is executed: they may have been changed since it was fetched.
    if (page === this.state.small('codePage')) {
      this.state.view.setInt32(page + DECODED_STORES, 0, true);
      return;
    }
    this.translator.forget(page);
    this.pages.release(page);
  }

  /** At power-on: every byte of RAM, or these pages. */
  fillMemory(contents: number | Pages): void {
    this.#memory.fill(contents);
  }

  /** Numbers of the pages of RAM that may have been stored to since power-on: at most so many, in ascending order. */
  storedPages(most: number): number[] {
    return this.#memory.storedPages(most);
  }

  /** Gives the memory to the machine that comes next, unless it is so much that the system should have it. Nothing can be done with this one afterwards. */
  release(): void {
    // Hardly any machine that follows has flash memory as well.
    if (this.state.get('flashSize') > 0n || !this.#memory.clear(MOST_PAGES_TO_CLEAR)) return;
    this.translator.clearEntries();
    this.pages.erase();
    clearFixedParts(this.state.bytes);
    for (let hart = 1; hart < this.#harts; hart++) this.#tlb(hart).fill(0);
    this.state.bytes.fill(0, ACCESS_LOG, ACCESS_LOG_END);
    giveBack(this.state.memory);
  }

  #tlb(hart: number): Uint8Array {
    const at = tlbOf(Number(this.state.get('ramSize')), hart);
    return this.state.bytes.subarray(at, at + TLB_BYTES);
  }

  /** Memory; its parts are never changed, so they need no copy. */
  saveMemory(): MemoryState & { readonly pages: { readonly all: Pages } } {
    return this.#memory.save();
  }

  /** The same, as memory-state.ts says, for this machine alone. */
  keepMemory(kept: { readonly decoded: boolean }): MemoryState {
    return this.#memory.keepMoment(kept);
  }

  /** Whether `restore` can go back to it. */
  holdsMemory(memory: MemoryState): boolean {
    return this.#memory.holds(memory);
  }

  save() {
    return {
      clock: this.clock.save(),
      loops: this.loops.save(),
      joint: this.joint?.save(),
      watches: this.watchpoints.save(),
      work: this.work.save(),
      slices: this.slices.save(),
      turns: this.turns.save(),
      stalls: this.stalls.save(),
      delays: this.delays.save(),
      /** Those of the harts after the first one, which lie after RAM. */
      tlbs: Array.from({ length: this.#harts - 1 }, (_, index) => this.#tlb(index + 1).slice()),
    };
  }

  restore(memory: MemoryState, state: ReturnType<Engine['save']>): void {
    // Before memory, which looks into the TLBs for pages to which stores pass unseen.
    for (const [index, tlb] of state.tlbs.entries()) this.#tlb(index + 1).set(tlb);
    this.#memory.restore(memory);
    this.watchpoints.restore(state.watches);
    this.work.restore(state.work);
    this.loops.restore(state.loops);
    if (state.joint !== undefined) this.joint?.restore(state.joint);
    this.slices.restore(state.slices);
    this.turns.restore(state.turns);
    this.stalls.restore(state.stalls);
    this.delays.restore(state.delays);
    this.clock.restore(state.clock);
    this.logging.clear();
  }
}
