/**
 * Several harts on one engine. They take turns: each runs its share of the same guest nanoseconds, in the order of their numbers. Whose turn
 * it is depends on guest time alone, so that a run is the same on every host and wherever it is stopped on the way.
 *
 * A hart's registers lie at the beginning of the memory while it has its turn, and elsewhere (parked) while it has not. Guest time goes back for
 * the next hart: each has reached a time of its own, and none is further ahead than one turn. Events come when all harts that run have
 * reached them. A hart that was preempted (stalls.ts) has its time pass. A hart that waits takes no turn, and one that runs alone takes one turn that lasts until an event or until it wakes another hart.
 */

import type { HartState } from '../layout/state.ts';
import { emptyTlb, NO_PAGE } from '../layout/tlb.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import type { Core } from './core.ts';
import type { DelayedStores } from './delayed-stores.ts';
import type { GuestClock } from './guest-clock.ts';
import type { JointProof } from './joint-proof.ts';
import type { HartStop, RunningHart } from './running-hart.ts';
import type { Stalls } from './stalls.ts';

/** Nanoseconds. Shorter turns cost more: an exchange of harts takes about as long as a thousand instructions. */
export const TURN = 10_000;
/** A turn in which less time passes is counted as work. */
const SHORT_TURN = TURN / 10;
/** After so many turns, translation looks at where a hart is. No number of harts divides it, so that all of them are looked at. */
const TURNS_TO_SAMPLE = 11;

/** How a turn is taken. */
export interface Turn {
  readonly until: number;
  readonly live: boolean;
  /** All other harts wait. */
  readonly isAlone: boolean;
}

/** Harts that have their turns one after the other, over the same time. */
export interface Round {
  readonly numbers: readonly number[];
  readonly turn: Turn;
}

/** Of a snapshot that was taken within a turn, before a device's register was accessed: what is left of the round. */
export interface Rest extends Round {
  /** Time at which the turn in progress began. */
  readonly began: number;
  readonly hasWoken: boolean;
}

export interface TurnPort {
  /** The memory, with the registers of the hart whose turn it is. */
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly stalls: Pick<Stalls, 'until' | 'changeAfter'>;
  readonly delays: Pick<DelayedStores, 'turnTo'>;
  readonly core: Pick<Core, 'refresh'>;
  readonly work: WorkMeter;
  /** Of several harts. */
  readonly proof: Pick<JointProof, 'beginRound' | 'endRound'> | undefined;
  /** Why the run has to end now, if it has to. */
  ended(): HartStop | undefined;
  /** The hart whose turn it is has it from now on. Called before `takeTurn`, but not where a turn goes on from a snapshot. */
  beginTurn(turn: Turn): void;
  /** Runs the hart whose turn it is. */
  takeTurn(turn: Turn): HartStop | undefined;
}

export class HartTurns {
  readonly #port: TurnPort;
  readonly #harts: RunningHart[] = [];
  /** Guest time that each hart has reached. One that waits stays behind. */
  #reached: number[] = [];
  /** The hart whose registers are in the memory. */
  #turn = 0;
  #turns = 0;
  #isRunning = false;
  #began = 0;
  #round: Round | undefined;
  /** Where a run goes on from a snapshot. */
  #rest: Rest | undefined;
  /** A hart that waited may run from now on. */
  #hasWoken = false;

  constructor(port: TurnPort) {
    this.#port = port;
  }

  get hart(): RunningHart {
    return this.#harts[this.#turn]!;
  }

  /** Of the hart whose turn it is. */
  get number(): number {
    return this.#turn;
  }

  get harts(): readonly RunningHart[] {
    return this.#harts;
  }

  /** The next one by number, which has its turn from now on. The caller has parked the others. */
  add(hart: RunningHart): void {
    this.#turn = this.#harts.push(hart) - 1;
    this.#reached.push(0);
  }

  /** Guest time that a hart has reached. */
  reached(hart: RunningHart): number {
    const number = this.#harts.indexOf(hart);
    const isNow = this.#harts.length === 1 || (this.#isRunning && number === this.#turn);
    return isNow ? this.#port.clock.now() : this.#reached[number]!;
  }

  /** Something has changed for a hart that waits and does not have its turn. */
  woken(): void {
    this.#hasWoken = true;
    this.#port.clock.shorten();
  }

  /** A hart goes on from now. */
  started(hart: RunningHart): void {
    const number = this.#harts.indexOf(hart);
    const time = Math.max(this.#port.clock.now(), this.#reached[number]!);
    hart.idled(time - this.#reached[number]!);
    this.#reached[number] = time;
    this.woken();
  }

  get hasWoken(): boolean {
    return this.#hasWoken;
  }

  /** Whether a turn that ends now is one after which translation looks where the hart is. */
  get isSample(): boolean {
    return this.#harts.length > 1 && this.#turns % TURNS_TO_SAMPLE === 0;
  }

  run(until: number, live: boolean): HartStop {
    for (;;) {
      const rest = this.#rest;
      this.#rest = undefined;
      const round = rest === undefined ? this.#nextRound(until, live) : this.#restOf(rest, until, live);
      if (typeof round === 'string') return round;
      this.#round = round;
      for (const [index, number] of round.numbers.entries()) {
        const stop = this.#take(number, round.turn, index === 0 ? rest?.began : undefined);
        if (stop) return stop;
      }
      const stop = this.#port.proof?.endRound();
      if (stop) return stop;
    }
  }

  /** A round, or why there is none. */
  #nextRound(until: number, live: boolean): Round | HartStop {
    const { clock, proof, stalls } = this.#port;
    const time = this.#earliest(until, live);
    if (time === undefined) return 'idle';
    clock.turnTo(time);
    clock.callDue();
    this.#hasWoken = false;
    const numbers = this.#running(time);
    const ended = this.#port.ended() ?? (time >= until ? 'time' : undefined);
    if (ended) return ended;
    const isAlone = numbers.length === 1;
    const end = isAlone ? until : (Math.floor(time / TURN) + 1) * TURN;
    // All harts come to the moment at which one is preempted, or goes on, before any of them goes further.
    const change = stalls.changeAfter(time);
    proof?.beginRound(numbers, { mayEnd: !live && clock.next() === undefined && change === Number.POSITIVE_INFINITY });
    return { numbers, turn: { until: Math.min(end, change), live, isAlone } };
  }

  /** A hart that is alone runs as far as this run goes, which the run of the snapshot may not have. */
  #restOf({ numbers, turn, hasWoken }: Rest, until: number, live: boolean): Round {
    this.#hasWoken = hasWoken;
    const end = turn.isAlone ? Math.min(until, this.#port.stalls.changeAfter(this.#reached[numbers[0]!]!)) : turn.until;
    return { numbers, turn: { ...turn, until: end, live } };
  }

  /** The time from which the harts go on that are behind; undefined if nothing will ever happen. */
  #earliest(until: number, live: boolean): number | undefined {
    const running = this.#reached.filter((_, number) => !this.#harts[number]!.waiting);
    if (running.length > 0) return Math.min(...running);
    const next = this.#port.clock.next();
    if (next === undefined && !live) return undefined;
    return Math.max(Math.min(next ?? until, until), this.#port.clock.now());
  }

  /** Numbers of the harts that run, and wakes those that have something to do now. */
  #running(time: number): number[] {
    this.#harts.forEach((hart, number) => {
      if (!hart.waiting || !hart.wakes()) return;
      hart.idled(Math.max(0, time - this.#reached[number]!));
      this.#reached[number] = Math.max(time, this.#reached[number]!);
    });
    return [...this.#harts.keys()].filter((number) => !this.#harts[number]!.waiting);
  }

  /** `began`: of a turn that goes on. */
  #take(number: number, turn: Turn, began: number | undefined): HartStop | undefined {
    const { clock, stalls } = this.#port;
    const reached = this.#reached[number]!;
    const event = clock.next() ?? Number.POSITIVE_INFINITY;
    if (reached >= turn.until || event <= reached || this.#port.ended()) return undefined;
    if (stalls.until(number) > reached) {
      // Its time passes, for which its registers need not be in the memory.
      const time = Math.min(stalls.until(number), turn.until, event);
      this.#harts[number]!.idled(time - reached);
      this.#reached[number] = time;
      return undefined;
    }
    this.#turnTo(number);
    clock.turnTo(reached);
    this.#isRunning = true;
    this.#began = began ?? reached;
    if (began === undefined) {
      this.#turns++;
      this.#port.beginTurn(turn);
    }
    const stop = this.#port.takeTurn(turn);
    this.#isRunning = false;
    this.#reached[number] = clock.now();
    if (clock.now() - this.#began < SHORT_TURN) this.#port.work.add(WORK['short-turns']);
    return stop;
  }

  /** Between two runs: the hart whose registers are in the memory, and whose time it is, from now on. */
  show(number: number): void {
    this.#turnTo(number);
    this.#port.clock.turnTo(this.#reached[number]!);
  }

  #turnTo(number: number): void {
    if (number === this.#turn) return;
    this.#port.delays.turnTo(() => this.#exchange(number));
  }

  #exchange(number: number): void {
    this.hart.state.park();
    this.#turn = number;
    this.hart.state.unpark();
    const { state, core } = this.#port;
    state.set('codeAddress', NO_PAGE);
    const stale = state.small('staleTlbs');
    if (((stale >> number) & 1) === 1) {
      emptyTlb(state);
      state.setSmall('staleTlbs', stale & ~(1 << number));
    }
    core.refresh();
  }

  save() {
    const reached = [...this.#reached];
    if (this.#isRunning) reached[this.#turn] = this.#port.clock.now();
    return { reached, turn: this.#turn, turns: this.#turns, rest: this.#isRunning ? this.#restNow() : this.#rest };
  }

  #restNow(): Rest {
    const { numbers, turn } = this.#round!;
    return { numbers: numbers.slice(numbers.indexOf(this.#turn)), turn, began: this.#began, hasWoken: this.#hasWoken };
  }

  restore({ reached, turn, turns, rest }: ReturnType<HartTurns['save']>): void {
    this.#reached = [...reached];
    this.#turn = turn;
    this.#turns = turns;
    this.#rest = rest;
  }
}
