/**
 * Runs code in slices: up to the next event, preemption, sample or search for a loop, after which TypeScript has its say. A single hart waits and
 * skips loops here as well; of several, HartTurns (hart-turns.ts) says whose turn it is.
 *
 * Reference: docs/architecture.md, "Decisions" 3, 4 and 9.
 */
import type { HartState } from '../layout/state.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import { slotsBeforeStore } from './before-store.ts';
import type { Core } from './core.ts';
import type { DelayedStores } from './delayed-stores.ts';
import { EXIT } from './exit.ts';
import { countGeneratedWork } from './generated-work.ts';
import type { GuestClock } from './guest-clock.ts';
import type { HartTurns, Turn } from './hart-turns.ts';
import type { JointProof } from './joint-proof.ts';
import type { Logging } from './logging.ts';
import type { LoopProof } from './loop-proof.ts';
import type { HartStop, RunningHart } from './running-hart.ts';
import type { Stalls } from './stalls.ts';
import { HOT, type Translator } from './translator.ts';

/** What slices need of the engine, which makes some of it after them. */
export interface SlicePort {
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Pick<Core, 'run'>;
  readonly work: WorkMeter;
  readonly translator: Translator;
  readonly loops: LoopProof;
  /** Of several harts. */
  readonly joint: JointProof | undefined;
  readonly turns: HartTurns;
  readonly stalls: Stalls;
  readonly delays: DelayedStores;
  readonly logging: Logging;
}

export class Slices {
  readonly #port: SlicePort;
  #nextSlice = HOT.firstSlice;
  /** Guest time. */
  #sliceEnd = 0;
  #stopRequested = false;
  #inSlice = false;
  #inExit = false;

  constructor(port: SlicePort) {
    this.#port = port;
  }

  /** The hart whose turn it is. */
  get #hart(): RunningHart {
    return this.#port.turns.hart;
  }

  /** Makes `run` return before the next instruction. */
  stop(): void {
    this.#stopRequested = true;
    this.#port.clock.shorten();
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
    const { turns } = this.#port;
    if (turns.harts.length > 1) return turns.run(until, live);
    const turn = { until, live, isAlone: true };
    for (;;) {
      this.#port.clock.callDue();
      const ended = this.#hart.waiting ? this.#waits(turn) : this.#goOn(turn);
      if (ended) return ended;
    }
  }

  /** Why the run has to end now, whatever the harts do. */
  ended(): HartStop | undefined {
    if (this.#stopRequested) return 'time';
    return this.#port.work.over ? (this.#port.work.end ?? 'time') : undefined;
  }

  #waits({ until, live }: Turn): HartStop | undefined {
    if (this.#hart.trapLoop) return 'trap-loop';
    if (this.#port.clock.now() >= until) return 'time';
    return this.ended() ?? this.#wait(until, live);
  }

  /** Of several harts: the one whose turn it is begins its turn. */
  beginTurn({ until }: Turn): void {
    const { clock, delays } = this.#port;
    const { number } = this.#port.turns;
    const now = clock.now();
    this.#port.joint?.beginTurn(number, until, { isPreempted: this.#nextChange(now) < until || delays.isDue(number, now) });
  }

  /** It runs to the end of its turn or to an event. */
  takeTurn(turn: Turn): HartStop | undefined {
    const stop = this.#runTurn(turn);
    this.#port.joint?.endTurn();
    return stop;
  }

  #runTurn(turn: Turn): HartStop | undefined {
    const { clock, turns } = this.#port;
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
    if (this.#port.clock.now() >= until) return 'time';
    const ended = this.ended();
    if (ended) return ended;
    if (hart.exceptionStorm && !live) return 'exception-storm';
    if (this.#stalled(until)) return undefined;
    hart.takeInterrupts();
    if (hart.interruptStorm && !live) return 'interrupt-storm';
    if (this.#delaysNext()) return undefined;
    const { clock, loops } = this.#port;
    const end = Math.min(until, this.#nextChange(clock.now()));
    clock.grant(isAlone ? loops.untilSearch(end) : end, this.#leftOfSlice());
    if (this.#port.state.small('budget') > 0) this.#runSlice(end);
    return isAlone && loops.due() ? this.#passLoop(end, live) : undefined;
  }

  /** When the schedule has something for the hart whose turn it is. */
  #nextChange(now: number): number {
    const { delays, stalls, turns } = this.#port;
    return Math.min(stalls.next(turns.number), delays.next(turns.number, now));
  }

  /** Whether the next store of the hart is to be delayed. Then it runs for one instruction, so that whatever comes after the store sees what it has to. */
  #delaysNext(): boolean {
    const { clock, delays, state, turns } = this.#port;
    const now = clock.now();
    if (!delays.isDue(turns.number, now)) return false;
    clock.grant(now + 1, this.#leftOfSlice());
    if (state.small('budget') === 0) return false;
    this.#runSlice(now + 1);
    delays.tried(turns.number, now);
    return true;
  }

  /** Whether the hart whose turn it is has been preempted. Then its time passes, up to `until` or to the next event. */
  #stalled(until: number): boolean {
    const { clock, turns } = this.#port;
    const [now, event] = [clock.now(), clock.next()];
    this.#port.stalls.begin(turns.number, now, event);
    const end = this.#port.stalls.until(turns.number);
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
    const { state } = this.#port;
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
    const now = this.#port.clock.now();
    while (now >= this.#sliceEnd && this.#nextSlice < HOT.slice) {
      this.#sliceEnd += this.#nextSlice;
      this.#nextSlice = Math.min(this.#nextSlice * 2, HOT.slice);
    }
    if (now >= this.#sliceEnd) this.#sliceEnd += (Math.floor((now - this.#sliceEnd) / HOT.slice) + 1) * HOT.slice;
    return this.#sliceEnd - now;
  }

  /** `until`: where the run is to stop, which is no reason for the meter to look. */
  #runSlice(until: number): void {
    this.#port.logging.choose();
    const enabled = this.#port.translator.enabled && this.#port.logging.log === undefined;
    this.#port.state.setSmall('translating', enabled ? 1 : 0);
    this.#inSlice = true;
    const code = this.#port.core.run();
    this.#inSlice = false;
    const now = this.#port.clock.now();
    const isStopped =
      code === EXIT.budget && now >= until && now < this.#sliceEnd && now < (this.#port.clock.next() ?? Number.POSITIVE_INFINITY);
    if (!isStopped) countGeneratedWork(this.#port.state, this.#port.work);
    if (enabled && code === EXIT.budget && (now === this.#sliceEnd || this.#port.turns.isSample)) this.#port.translator.sample();
    this.#exit(code);
    this.#port.logging.flush();
  }

  /** Skips whole rounds of a loop that changes nothing, up to the next event. If no event will come, the loop never ends: says so. */
  #passLoop(until: number, live: boolean): HartStop | undefined {
    this.#port.work.add(WORK['loop-searches']);
    const loop = this.#port.loops.search(until);
    // A device that the meter has stopped half-way does not answer: then a loop that waits for it proves nothing.
    if (!loop || this.#port.work.over) return undefined;
    const next = this.#port.clock.next();
    const now = this.#port.clock.now();
    if (next === undefined && !live) {
      if (loop.polledConsole) return 'waiting-for-input';
      return this.#hart.trappedSince(now - loop.period) ? 'trap-loop' : 'hang';
    }
    const event = Math.min(next ?? until, until);
    const rounds = Math.max(0, Math.floor((event - now) / loop.period));
    this.#port.clock.skipTo(now + rounds * loop.period);
    this.#port.loops.skipped(loop, rounds, event);
    this.#hart.idled(rounds * (loop.period - loop.retired));
    return undefined;
  }

  /** WFI: time passes until the next event. If no event will come, nothing can ever happen: says so. */
  #wait(until: number, live: boolean): HartStop | undefined {
    if (this.#hart.wakes()) return undefined;
    const next = this.#port.clock.next();
    if (next === undefined && !live) return 'idle';
    const before = this.#port.clock.now();
    this.#port.clock.skipTo(Math.min(next ?? until, until));
    this.#hart.idled(this.#port.clock.now() - before);
    return undefined;
  }

  /** For LoopProof: runs at most `budget` instructions and no event; true where its breakpoint was reached. */
  step(budget: number): boolean {
    // A WFI does not wait where an interrupt is pending and enabled, even if none is taken: such a loop can be proved like any other.
    if ((this.#hart.waiting && !this.#hart.wakes()) || this.#stopRequested || this.#hart.trapLoop) return false;
    this.#hart.takeInterrupts();
    this.#port.clock.grant(this.#port.clock.now() + budget, budget);
    if (this.#port.state.small('budget') === 0) return false;
    this.#port.logging.choose();
    // Translated code does not look for breakpoints.
    this.#port.state.setSmall('translating', 0);
    const code = this.#port.core.run();
    countGeneratedWork(this.#port.state, this.#port.work);
    this.#port.logging.flush();
    if (code === EXIT.breakpoint) return true;
    this.#exit(code);
    return false;
  }

  save() {
    return { nextSlice: this.#nextSlice, sliceEnd: this.#sliceEnd };
  }

  restore({ nextSlice, sliceEnd }: ReturnType<Slices['save']>): void {
    this.#nextSlice = nextSlice;
    this.#sliceEnd = sliceEnd;
  }
}
