/**
 * Several harts that all loop (architecture.md, decision 9).
 *
 * If each hart is in a loop that changes nothing, and none of them changes what another one uses, then no order of their turns ends any of these loops.
 * Where no event is scheduled either, the kernel is proved to hang.
 *
 * How: in one round of turns, the loop of each hart is looked for at the beginning of its turn (loop-proof.ts), and all stores of the round are
 * looked at. If none of them has changed anything, that is the proof. What has changed all the same, such as a stack on which the calls of a loop save
 * different registers, is watched for one more round, in which no other hart may load it or store to it. Both rounds are turns like any other, so that
 * what harts do does not depend on whether a proof is tried. A loop with SC proves nothing: a store of another hart, even one that changes nothing, may
 * make it fail.
 *
 * Left out: page tables and code that a hart changes back and forth while another one uses them; and rounds before an event are not skipped.
 */
import { physicalOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import type { WatchedRange } from '../ports.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';
import type { LoopProof } from './loop-proof.ts';
import type { HartStop, RunningHart } from './running-hart.ts';
import type { Watch, Watchpoints } from './watchpoints.ts';

export interface JointPort {
  readonly state: HartState;
  readonly work: WorkMeter;
  readonly loops: LoopProof;
  readonly watchpoints: Watchpoints;
  /** The hart whose turn it is. */
  hart(): RunningHart;
  now(): number;
  step(budget: number): boolean;
  codeAt(): number | undefined;
}

/** Nanoseconds before the first proof is tried, and the longest pause after one that failed. The pauses double. */
const FIRST_PAUSE = 200_000;
const LONGEST_PAUSE = 64_000_000;
/** Most doublewords that may change back and forth. */
const MOST_CHANGED = 128;
const DOUBLEWORD = 8;

export type JointStop = Extract<HartStop, 'hang' | 'trap-loop' | 'waiting-for-input'>;

/** Doublewords that a hart has changed, each with the number of the hart. */
export type Changed = Map<number, number>;

interface Round {
  /** Numbers of the harts that do not wait. */
  readonly harts: readonly number[];
  /** Those that have had their turn, and in the first round whose loop was found. */
  readonly done: number[];
  readonly changed: Changed;
  stop: JointStop;
  /** Nanoseconds of the longest loop. */
  longest: number;
  /** Something happened after which later rounds may be different. */
  isDisturbed: boolean;
}

/** What the first round has found, where a second one has to follow. */
export interface First {
  readonly harts: readonly number[];
  readonly stop: JointStop;
  readonly longest: number;
  readonly changed: Changed;
  readonly owners: ReadonlyMap<WatchedRange, number>;
}

export class JointProof {
  readonly #port: JointPort;
  readonly #ram: BigUint64Array;
  readonly #watch: Watch;
  #pause = FIRST_PAUSE;
  #nextSearch = FIRST_PAUSE;
  #first: First | undefined;
  #round: Round | undefined;
  /** The hart whose turn it is, and what the doublewords held to which it has stored in this turn. */
  #number = 0;
  #before = new Map<number, bigint>();

  constructor(port: JointPort) {
    this.#port = port;
    this.#ram = new BigUint64Array(port.state.memory.buffer);
    this.#watch = port.watchpoints.open(({ ranges }) => {
      if (ranges.some((range) => this.#first?.owners.get(range) !== this.#number)) this.disturbed();
    });
  }

  /** A round of these harts begins. `mayEnd`: nothing is scheduled. */
  beginRound(harts: readonly number[], { mayEnd }: { readonly mayEnd: boolean }): void {
    const { loops } = this.#port;
    if (!mayEnd || harts.length < 2) return this.#forget();
    if (!loops.enabled || this.#port.now() < this.#nextSearch) return;
    this.#round = { harts, done: [], changed: new Map(), stop: 'hang', longest: 0, isDisturbed: false };
    loops.observer = this;
    if (this.#first === undefined) this.#port.work.add(WORK['loop-searches']);
  }

  /** The hart has its turn, to time `until`. In the first round its loop is looked for, which runs it on. Not where it is preempted within its turn. */
  beginTurn(number: number, until: number, { isPreempted }: { readonly isPreempted: boolean }): void {
    const round = this.#round;
    if (round === undefined) return;
    this.#number = number;
    this.#before = new Map();
    this.#port.state.setSmall('unreported', 0);
    this.#port.hart().flushTlb();
    if (!isPreempted && (this.#first === undefined ? this.#finds(round, until) : until - this.#port.now() > this.#first.longest)) {
      round.done.push(number);
    }
    this.#port.state.setSmall('recording', 1);
  }

  #finds(round: Round, until: number): boolean {
    const port = this.#port;
    port.state.setSmall('recording', 1);
    const loop = port.loops.searchTurn(until);
    if (loop === undefined) return false;
    round.longest = Math.max(round.longest, loop.period);
    if (port.hart().trappedSince(port.now() - loop.period)) round.stop = 'trap-loop';
    else if (loop.polledConsole && round.stop === 'hang') round.stop = 'waiting-for-input';
    return port.now() + loop.period < until && !this.#hasStoreConditional(loop.period);
  }

  /** Runs one round of the loop. */
  #hasStoreConditional(period: number): boolean {
    const port = this.#port;
    const { view } = port.state;
    const end = port.now() + period;
    while (port.now() < end) {
      const before = port.now();
      const host = port.codeAt();
      if (host !== undefined && isStoreConditional(view.getUint8(host), view.getUint8(host + 3))) return true;
      port.step(1);
      if (port.now() === before) return true;
    }
    return false;
  }

  endTurn(): void {
    const round = this.#round;
    if (round === undefined) return;
    const { state } = this.#port;
    state.setSmall('recording', 0);
    if (state.small('unreported') !== 0) this.disturbed();
    for (const [index, value] of this.#before) if (this.#ram[index] !== value) this.#changes(round, index);
  }

  /** The round is over: says if the harts are proved to go on like this for ever. */
  endRound(): JointStop | undefined {
    const round = this.#round;
    if (round === undefined) return undefined;
    this.#round = undefined;
    this.#port.loops.observer = undefined;
    const { harts, done, changed, isDisturbed } = round;
    const first = this.#first;
    const isWhole = done.length === harts.length && !isDisturbed && !this.#port.work.over && changed.size <= MOST_CHANGED;
    if (isWhole && first === undefined) {
      if (changed.size === 0) return round.stop;
      this.#watchFor(round);
      return undefined;
    }
    const isSame = harts.length === first?.harts.length && harts.every((number, index) => number === first.harts[index]);
    if (first !== undefined && isWhole && isSame && [...changed].every(([index]) => first.changed.has(index))) return first.stop;
    this.#forget();
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
    this.#nextSearch = this.#port.now() + this.#pause;
    return undefined;
  }

  #watchFor({ harts, stop, longest, changed }: Round): void {
    const owners = new Map(
      [...changed].map(([index, hart]) => [{ address: physicalOf(index * DOUBLEWORD), length: DOUBLEWORD, loads: true }, hart] as const),
    );
    this.#first = { harts, stop, longest, changed, owners };
    this.#watch.add([...owners.keys()]);
  }

  #forget(): void {
    if (this.#first === undefined) return;
    this.#watch.remove([...this.#first.owners.keys()]);
    this.#first = undefined;
  }

  disturbed(): void {
    if (this.#round !== undefined) this.#round.isDisturbed = true;
  }

  /** A store to a doubleword, before it happens. */
  stored(index: number): void {
    const before = this.#before.get(index);
    if (before === undefined) this.#before.set(index, this.#ram[index]!);
    else if (before !== this.#ram[index]) this.#changes(this.#round, index);
  }

  #changes(round: Round | undefined, index: number): void {
    if (round === undefined) return;
    const owner = round.changed.get(index) ?? this.#first?.changed.get(index) ?? this.#number;
    if (owner !== this.#number) round.isDisturbed = true;
    round.changed.set(index, owner);
  }

  /** A run that goes on from a snapshot must try at the same times. */
  save() {
    return { pause: this.#pause, nextSearch: this.#nextSearch, first: this.#first, inRound: this.#round?.harts };
  }

  /** Watchpoints are restored as well, with the same ranges. */
  restore({ pause, nextSearch, first, inRound }: ReturnType<JointProof['save']>): void {
    this.#pause = pause;
    this.#nextSearch = nextSearch;
    this.#first = first;
    // A moment within a round is one of a device's register, with which no round proves anything.
    this.#round = inRound && { harts: inRound, done: [], changed: new Map(), stop: 'hang', longest: 0, isDisturbed: true };
    this.#port.loops.observer = inRound && this;
  }
}

/** By its first and its last byte: opcode AMO, and funct5 of SC (Unprivileged Architecture, "A" Extension). */
function isStoreConditional(first: number, last: number): boolean {
  return (first & 0x7f) === 0x2f && last >>> 3 === 3;
}
