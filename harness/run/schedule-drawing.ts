/**
 * Draws schedules: lists of preemptions of harts, and of stores that others see late, decided by a seed.
 *
 * Reference: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding bugs" (ASPLOS 2010). There, threads have
 * random priorities, which change at d - 1 random points of the run, and the thread of the highest priority runs: most mistakes need a very small d. Here a hart whose
 * priority falls is preempted, but only for a while: harts wait for each other in loops, in which a hart with the highest priority would stay for ever.
 *
 * Points are drawn by the place in the code first, and then among the times at which a hart came there: else a loop that runs
 * a thousand times would hide what happens once (Gong, Altınbüken, Fonseca and Maniatis, "Snowboard", SOSP 2021, draw by clusters for this reason).
 */
import { isDelayedStore, type Preemption, type ScheduleItem } from '../../machine/index.ts';
import type { ScheduleDraw } from '../vocabulary/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';

/** A hart may be preempted at this time, before the instruction at `pc`; or what that stores may be delayed. */
export interface Candidate {
  readonly hart: number;
  /** In nanoseconds. */
  readonly time: number;
  readonly pc: bigint;
}

/** A store that may be delayed, and the time at which the hart came to what orders it. */
export interface StoreCandidate extends Candidate {
  readonly until: number;
}

export interface Candidates {
  readonly preemptions: readonly Candidate[];
  readonly stores: readonly StoreCandidate[];
}

/** In the order of their numbers, the first one is number 1. Empty where there is nothing to draw from. */
export function drawSchedules(
  candidates: Candidates,
  { runs, seed, delaysStores }: Pick<ScheduleDraw, 'runs' | 'seed' | 'delaysStores'>,
  harts: number,
): Schedule[] {
  const preemptions = candidates.preemptions.length > 0 && new DrawnPreemptions(candidates.preemptions, harts);
  const stores = delaysStores && candidates.stores.length > 0 && new DrawnStores(candidates, harts);
  if (!preemptions && !stores) return [];
  return Array.from({ length: runs }, (_, index) => {
    // Each has numbers of its own, so that it is the same however many are drawn.
    const random = randomFrom(seed, index + 1);
    if (!stores || (preemptions && index % 2 === 0)) return shifted(preemptions ? preemptions.draw(random) : []);
    return shifted(stores.draw(random));
  });
}

class DrawnPreemptions {
  readonly #places: readonly (readonly Candidate[])[];
  readonly #firsts: readonly Candidate[];
  readonly #harts: number;

  constructor(candidates: readonly Candidate[], harts: number) {
    this.#places = placesOf(candidates);
    this.#firsts = firstOfEach(candidates);
    this.#harts = harts;
  }

  draw(random: () => number): Preemption[] {
    const harts = this.#harts;
    const drawn: Preemption[] = [];
    if (harts > 1 && random() < ORDER_CHANGES) {
      const { hart, time } = at(this.#firsts, random);
      drawn.push({ hart, at: time, for: lengthOf(random, LONGEST) });
    }
    const isMixed = harts > 1 && random() < MIXED;
    const count = isMixed ? FEWEST_MIXED + Math.floor(random() * MOST_MIXED) : 1 + Math.floor(random() * MOST_POINTS);
    for (let point = 0; point < count; point++) {
      const { hart, time } = at(at(this.#places, random), random);
      const isEvent = harts === 1 || (!isMixed && random() < EVENTS);
      drawn.push({ hart, at: time, for: isEvent ? 'event' : lengthOf(random, isMixed ? LONGEST_MIXED : LONGEST) });
    }
    return drawn;
  }
}

/** A delayed store makes a difference where others look before the hart comes to what orders it: so the hart is mostly preempted between them. */
class DrawnStores {
  readonly #places: readonly (readonly StoreCandidate[])[];
  /** Of each hart, in the order of time. */
  readonly #points: readonly (readonly Candidate[])[];

  constructor({ preemptions, stores }: Candidates, harts: number) {
    this.#places = placesOf(stores);
    this.#points = Array.from({ length: harts }, (_, hart) =>
      harts === 1 ? [] : preemptions.filter((one) => one.hart === hart).sort((a, b) => a.time - b.time),
    );
  }

  draw(random: () => number): ScheduleItem[] {
    const count = 1 + Math.floor(random() * MOST_POINTS);
    return Array.from({ length: count }, () => at(at(this.#places, random), random)).flatMap((store) => {
      const { hart, time } = store;
      const length = lengthOf(random, LONGEST);
      const soon = this.#soonAfter(store);
      const delayed = { delays: 'store', hart, at: time, for: length } as const;
      if (soon.length === 0 || random() >= PREEMPTED) return [delayed];
      return [delayed, { hart, at: at(soon, random).time, for: Math.ceil(length / 2) }];
    });
  }

  #soonAfter({ hart, time, until }: StoreCandidate): readonly Candidate[] {
    const points = this.#points[hart]!;
    const first = points.findIndex((one) => one.time > time);
    return first < 0 ? [] : points.slice(first, first + SOON).filter((one) => one.time <= until);
  }
}

/** After which part of the delayed stores of several harts one is preempted, and before which of its next accesses, up to what orders the store. */
const PREEMPTED = 0.7;
const SOON = 3;

/** How many of the schedules begin with a hart that comes later than the others. */
const ORDER_CHANGES = 0.2;
const MOST_POINTS = 3;
/** How many of the schedules of several harts preempt them again and again, for short times: then harts do their work at the same time, and not one after the other. */
const MIXED = 0.4;
const [FEWEST_MIXED, MOST_MIXED] = [4, 40];
const LONGEST_MIXED = 5_000;
/** How many preemptions of several harts last until the next event. */
const EVENTS = 0.1;
/** Of a preemption, in nanoseconds: from a few instructions of the other hart up to whatever it wanted to do. */
const [SHORTEST, LONGEST] = [200, 1_000_000];

function lengthOf(random: () => number, longest: number): number {
  return Math.round(SHORTEST * (longest / SHORTEST) ** random());
}

function placesOf<Of extends Candidate>(candidates: readonly Of[]): Of[][] {
  const places = new Map<string, Of[]>();
  for (const candidate of candidates) {
    const key = `${candidate.hart} ${candidate.pc}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, [candidate]);
    else known.push(candidate);
  }
  return [...places.values()];
}

function firstOfEach(candidates: readonly Candidate[]): Candidate[] {
  const firsts = new Map<number, Candidate>();
  for (const candidate of candidates)
    if (candidate.time < (firsts.get(candidate.hart)?.time ?? Number.POSITIVE_INFINITY)) firsts.set(candidate.hart, candidate);
  return [...firsts.values()];
}

/** The hart's own time has gone on by its earlier preemptions when it comes to a later point. */
export function shifted(drawn: readonly ScheduleItem[]): Schedule {
  const passed = new Map<number, number>();
  return [...drawn]
    .sort((a, b) => a.at - b.at || a.hart - b.hart)
    .map((one) => {
      const before = passed.get(one.hart) ?? 0;
      if (one.for !== 'event' && !isDelayedStore(one)) passed.set(one.hart, before + one.for);
      return { ...one, at: one.at + before };
    });
}

function at<Of>(list: readonly Of[], random: () => number): Of {
  return list[Math.floor(random() * list.length)]!;
}

/** Numbers from 0 to below 1: a counter with odd steps, whose bits are mixed. */
function randomFrom(seed: number, stream: number): () => number {
  let state = Math.imul(stream, 0x85ebca6b) ^ seed;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}
