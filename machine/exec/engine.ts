/**
 * The engine runs code. It owns the one memory, the guest's clock, decoded and translated pages, and the proofs that loops change nothing.
 * It runs harts (hart/hart.ts), of which there is one, or several that take turns (hart-turns.ts).
 *
 * Reference: docs/architecture.md, "Decisions" 3, 4 and 9.
 */

import { createDecoder } from '../isa/decoder.ts';
import { type Extension, extensionBits } from '../isa/instruction.ts';
import { ACCESS_LOG, ACCESS_LOG_END } from '../layout/access-log.ts';
import { type CodeWatch, placeCodeWatches } from '../layout/code-watches.ts';
import { clearFixedParts, DECODED_STORES, HartState, TLB_BYTES, tlbOf } from '../layout/state.ts';
import { countReached } from '../layout/tally.ts';
import { emptyTlb } from '../layout/tlb.ts';
import type { Preemption } from '../spec/preemption.ts';
import { WORK, type WorkDone, type WorkMeter } from '../work-meter.ts';
import { type AccessConsumer, AccessLog } from './access-log.ts';
import { slotsBeforeStore } from './before-store.ts';
import { createCalls } from './calls.ts';
import { type Core, type CoreVariant, instantiate } from './core.ts';
import { DecodedPages } from './decoded-pages.ts';
import { EXIT } from './exit.ts';
import { countGeneratedWork, workDone } from './generated-work.ts';
import { GuestClock } from './guest-clock.ts';
import { HartTurns, TURN, type Turn } from './hart-turns.ts';
import { JointProof } from './joint-proof.ts';
import { LoopProof } from './loop-proof.ts';
import { giveBack, takeMemory } from './memory-pool.ts';
import { MemorySnapshots, type MemoryState, type Pages } from './memory-state.ts';
import type { HartBus, HartStop, RunningHart } from './running-hart.ts';
import { Stalls } from './stalls.ts';
import { HOT, Translator } from './translator.ts';
import { Watchpoints } from './watchpoints.ts';

export interface EngineOptions {
  readonly ramBytes: number;
  /** Nanoseconds that each instruction takes; without it 1. */
  readonly instructionTime?: number;
  /** How many harts there will be: 1 to 8. */
  readonly harts: number;
  readonly extensions: ReadonlySet<Extension>;
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
  readonly #joint: JointProof | undefined;
  readonly watchpoints: Watchpoints;
  readonly work: WorkMeter;
  readonly #memory: MemorySnapshots;
  readonly turns: HartTurns;
  readonly #stalls: Stalls;
  readonly #harts: number;
  #nextSlice = HOT.firstSlice;
  /** Guest time. */
  #sliceEnd = 0;
  #stopRequested = false;
  #inSlice = false;
  #onReached: (watch: number) => void = () => {};
  #inExit = false;
  readonly #coreOf: (variant: CoreVariant) => Core;
  /** What is logged now. */
  accessLog: AccessLog | undefined;

  /** Nanoseconds that each instruction takes. */
  readonly instructionTime: number;

  constructor({ ramBytes, harts, instructionTime = 1, extensions, bus, work }: EngineOptions) {
    const memory = takeMemory(ramBytes, harts);
    const state = new HartState(memory);
    this.state = state;
    this.work = work;
    state.set('ramSize', BigInt(ramBytes));
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
      accessLogFull: () => this.accessLog?.flush(),
    });
    this.#coreOf = (variant) => instantiate(variant, memory, table, calls);
    this.core = this.#coreOf('ordinary');
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
    this.#stalls = new Stalls(harts);
    this.#joint = harts === 1 ? undefined : this.#jointProof();
    this.turns = new HartTurns({
      state,
      stalls: this.#stalls,
      clock: this.clock,
      core: this.core,
      work,
      proof: this.#joint,
      ended: () => this.#ended(),
      takeTurn: (turn) => this.#takeTurn(turn),
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
    return this.#harts === 1 ? state : new HartState(state.memory);
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
    this.#stopRequested = true;
    this.clock.shorten();
  }

  workDone(): WorkDone {
    return workDone(this.state, this.work);
  }

  /** Where to stop, so that no hart has run beyond a time in nanoseconds. A turn of several harts is not stopped in the middle. */
  momentBefore(time: number): number {
    const turn = this.#harts === 1 ? 1 : TURN * this.instructionTime;
    return Math.floor(time / turn) * turn;
  }

  /** Preemptions that are to come, instead of those that were planned before; their times are in nanoseconds. */
  preempt(preemptions: readonly Preemption[]): void {
    const units = (time: number) => Math.ceil(time / this.instructionTime);
    this.#stalls.plan(
      preemptions.map(({ hart, at, for: length }) => ({ hart, at: units(at), for: length === 'event' ? length : units(length) })),
    );
  }

  /**
   * From now on, between two runs: every access is logged (access-log.ts), or with undefined none is. All who call generated code go on to use the
   * same object, whose functions are replaced.
   */
  logAccesses(consumer: AccessConsumer | undefined): void {
    if ((consumer !== undefined) !== (this.accessLog !== undefined))
      Object.assign(this.core, this.#coreOf(consumer ? 'logging' : 'ordinary'));
    this.accessLog = consumer && new AccessLog(this.state, consumer);
  }

  /** Whether an instruction of the hart is being done, in generated code or by TypeScript. */
  get inInstruction(): boolean {
    return this.#inSlice || this.#inExit;
  }

  #exit(code: number): void {
    this.#inExit = true;
    this.#hart.exit(code);
    this.#inExit = false;
  }

  /** Runs until guest time `until`, or until something else ends it. */
  run(until: number, { live }: { live: boolean }): HartStop {
    this.#stopRequested = false;
    if (this.#harts > 1) return this.turns.run(until, live);
    const turn = { until, live, isAlone: true };
    for (;;) {
      this.clock.callDue();
      const ended = this.#hart.waiting ? this.#waits(turn) : this.#goOn(turn);
      if (ended) return ended;
    }
  }

  /** Why the run has to end now, whatever the harts do. */
  #ended(): HartStop | undefined {
    if (this.#stopRequested) return 'time';
    return this.work.over ? (this.work.end ?? 'time') : undefined;
  }

  #waits({ until, live }: Turn): HartStop | undefined {
    if (this.#hart.trapLoop) return 'trap-loop';
    if (this.clock.now() >= until) return 'time';
    return this.#ended() ?? this.#wait(until, live);
  }

  /** Of several harts: runs the one whose turn it is, to the end of the turn or to an event. */
  #takeTurn(turn: Turn): HartStop | undefined {
    const { number } = this.turns;
    this.#joint?.beginTurn(number, turn.until, { isPreempted: this.#stalls.next(number) < turn.until });
    const stop = this.#runTurn(turn);
    this.#joint?.endTurn();
    return stop;
  }

  #runTurn(turn: Turn): HartStop | undefined {
    const { clock, turns } = this;
    for (;;) {
      const now = clock.now();
      if (now >= turn.until || (clock.next() ?? Number.POSITIVE_INFINITY) <= now || (turn.isAlone && turns.hasWoken)) return undefined;
      if (this.#hart.waiting && !this.#hart.wakes()) return undefined;
      const ended = this.#goOn(turn);
      if (ended) return ended === 'time' ? undefined : ended;
    }
  }

  /** Runs the hart whose turn it is, which does not wait, to the next moment at which something is to be done. */
  #goOn({ until, live, isAlone }: Turn): HartStop | undefined {
    const hart = this.#hart;
    if (hart.trapLoop) return 'trap-loop';
    if (this.clock.now() >= until) return 'time';
    const ended = this.#ended();
    if (ended) return ended;
    if (hart.exceptionStorm && !live) return 'exception-storm';
    if (this.#stalled(until)) return undefined;
    hart.takeInterrupts();
    if (hart.interruptStorm && !live) return 'interrupt-storm';
    const end = Math.min(until, this.#stalls.next(this.turns.number));
    this.clock.grant(isAlone ? this.loops.untilSearch(end) : end, this.#leftOfSlice());
    if (this.state.small('budget') > 0) this.#runSlice(end);
    return isAlone && this.loops.due() ? this.#passLoop(end, live) : undefined;
  }

  /** Whether the hart whose turn it is has been preempted. Then its time passes, up to `until` or to the next event. */
  #stalled(until: number): boolean {
    const { clock, turns } = this;
    const [now, event] = [clock.now(), clock.next()];
    this.#stalls.begin(turns.number, now, event);
    const end = this.#stalls.until(turns.number);
    if (end <= now) return false;
    clock.skipTo(Math.min(end, until, event ?? end));
    this.#hart.idled(clock.now() - now);
    return true;
  }

  /**
   * In the middle of a store to a device: calls `look` with the slots as they were before the instruction, so that a machine which is saved
   * there begins with it. Does nothing where that cannot be told: in a search for a loop, and for an instruction that has no entry of its own.
   */
  beforeInstruction(look: () => void): void {
    const { state } = this;
    const before = this.#inSlice && !this.#hart.exceptionStorm && !this.#hart.interruptStorm && slotsBeforeStore(state);
    if (!before) return;
    const now = before.map(([slot]) => [slot, state.get(slot)] as const);
    for (const [slot, value] of before) state.set(slot, value);
    look();
    for (const [slot, value] of now) state.set(slot, value);
  }

  /**
   * Instructions to the next sample. Samples are taken at fixed times; otherwise code that often exits to TypeScript would never be sampled,
   * and the meter would look at the work of generated code at times that depend on where the run was stopped before.
   */
  #leftOfSlice(): number {
    const now = this.clock.now();
    while (now >= this.#sliceEnd && this.#nextSlice < HOT.slice) {
      this.#sliceEnd += this.#nextSlice;
      this.#nextSlice = Math.min(this.#nextSlice * 2, HOT.slice);
    }
    if (now >= this.#sliceEnd) this.#sliceEnd += (Math.floor((now - this.#sliceEnd) / HOT.slice) + 1) * HOT.slice;
    return this.#sliceEnd - now;
  }

  /** `until`: where the run is to stop, which is no reason for the meter to look. */
  #runSlice(until: number): void {
    const enabled = this.translator.enabled && this.accessLog === undefined;
    this.state.setSmall('translating', enabled ? 1 : 0);
    this.#inSlice = true;
    const code = this.core.run();
    this.#inSlice = false;
    const now = this.clock.now();
    const isStopped = code === EXIT.budget && now >= until && now < this.#sliceEnd && now < (this.clock.next() ?? Number.POSITIVE_INFINITY);
    if (!isStopped) countGeneratedWork(this.state, this.work);
    if (enabled && code === EXIT.budget && (now === this.#sliceEnd || this.turns.isSample)) this.translator.sample();
    this.#exit(code);
    this.accessLog?.flush();
  }

  /** Skips whole rounds of a loop that changes nothing, up to the next event. If no event will come, the loop never ends: says so. */
  #passLoop(until: number, live: boolean): HartStop | undefined {
    this.work.add(WORK['loop-searches']);
    const loop = this.loops.search(until);
    // A device that the meter has stopped half-way does not answer: then a loop that waits for it proves nothing.
    if (!loop || this.work.over) return undefined;
    const next = this.clock.next();
    const now = this.clock.now();
    if (next === undefined && !live) {
      if (loop.polledConsole) return 'waiting-for-input';
      return this.#hart.trappedSince(now - loop.period) ? 'trap-loop' : 'hang';
    }
    const event = Math.min(next ?? until, until);
    const rounds = Math.max(0, Math.floor((event - now) / loop.period));
    this.clock.skipTo(now + rounds * loop.period);
    this.loops.skipped(loop, rounds, event);
    this.#hart.idled(rounds * (loop.period - loop.retired));
    return undefined;
  }

  /** WFI: time passes until the next event. If no event will come, nothing can ever happen: says so. */
  #wait(until: number, live: boolean): HartStop | undefined {
    if (this.#hart.wakes()) return undefined;
    const next = this.clock.next();
    if (next === undefined && !live) return 'idle';
    const before = this.clock.now();
    this.clock.skipTo(Math.min(next ?? until, until));
    this.#hart.idled(this.clock.now() - before);
    return undefined;
  }

  /** For LoopProof: runs at most `budget` instructions and no event; true where its breakpoint was reached. */
  step(budget: number): boolean {
    // A WFI does not wait where an interrupt is pending and enabled, even if none is taken: such a loop can be proved like any other.
    if ((this.#hart.waiting && !this.#hart.wakes()) || this.#stopRequested || this.#hart.trapLoop) return false;
    this.#hart.takeInterrupts();
    this.clock.grant(this.clock.now() + budget, budget);
    if (this.state.small('budget') === 0) return false;
    // Translated code does not look for breakpoints.
    this.state.setSmall('translating', 0);
    const code = this.core.run();
    countGeneratedWork(this.state, this.work);
    this.accessLog?.flush();
    if (code === EXIT.breakpoint) return true;
    this.#exit(code);
    return false;
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
    if (!this.#memory.clear(MOST_PAGES_TO_CLEAR)) return;
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
      joint: this.#joint?.save(),
      watches: this.watchpoints.save(),
      work: this.work.save(),
      nextSlice: this.#nextSlice,
      sliceEnd: this.#sliceEnd,
      turns: this.turns.save(),
      stalls: this.#stalls.save(),
      /** Those of the harts after the first one, which lie after RAM. */
      tlbs: Array.from({ length: this.#harts - 1 }, (_, index) => this.#tlb(index + 1).slice()),
    };
  }

  restore(memory: MemoryState, state: ReturnType<Engine['save']>): void {
    this.#memory.restore(memory);
    this.watchpoints.restore(state.watches);
    this.work.restore(state.work);
    this.loops.restore(state.loops);
    if (state.joint !== undefined) this.#joint?.restore(state.joint);
    this.#nextSlice = state.nextSlice;
    this.#sliceEnd = state.sliceEnd;
    this.turns.restore(state.turns);
    this.#stalls.restore(state.stalls);
    for (const [index, tlb] of state.tlbs.entries()) this.#tlb(index + 1).set(tlb);
    this.clock.restore(state.clock);
    this.accessLog?.clear();
  }
}
