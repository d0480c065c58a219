/**
 * Draws schedules: lists of preemptions of harts, and of stores that others see late, decided by a seed.
 *
 * Reference: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with probabilistic guarantees of finding bugs" (ASPLOS 2010). There, threads have
 * random priorities, which change at d - 1 random points of the run, and the thread of the highest priority runs: most mistakes need a very small d. Here a hart whose
 * priority falls is preempted, but only for a while: harts wait for each other in loops, in which a hart with the highest priority would stay for ever.
 *
 * Points are drawn by the place in the code first, and then among the times at which a hart came there: else a loop that runs
 * a thousand times would hide what happens once (Gong, Altınbüken, Fonseca and Maniatis, "Snowboard", SOSP 2021, draw by clusters for this reason).
 *
 * In the run without a schedule the harts mostly do their work one after the other. So more than half of the lists of preemptions begin with one of a few with which they
 * do it at the same time, and the points that matter are drawn from the run under that one: where different harts come to one word shortly after each other (meetings.ts).
 */
import { isDelayedStore, type Preemption, type ScheduleItem } from '../../machine/index.ts';
import type { ScheduleDraw } from '../vocabulary/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';
import { type Candidate, type Candidates, type CandidatesUnder, placesOf, type StoreCandidate } from './candidates.ts';
import { chosenMeetings, type Meeting } from './meetings.ts';

/** In the order of their numbers, the first one is number 1. Empty where there is nothing to draw from. */
export function drawSchedules(
  candidates: Candidates,
  { runs, seed, delaysStores }: Pick<ScheduleDraw, 'runs' | 'seed' | 'delaysStores'>,
  harts: number,
  candidatesUnder: CandidatesUnder,
): Schedule[] {
  const preemptions = candidates.preemptions.length > 0 && new DrawnPreemptions(candidates.preemptions, { harts, seed, candidatesUnder });
  const stores = delaysStores && candidates.stores.length > 0 && new DrawnStores(candidates, harts);
  if (!preemptions && !stores) return [];
  return Array.from({ length: runs }, (_, index) => {
    // Each has numbers of its own, so that it is the same however many are drawn.
    const random = randomFrom(seed, index + 1);
    if (!stores || (preemptions && index % 2 === 0)) return preemptions ? preemptions.draw(random) : [];
    return shifted(stores.draw(random));
  });
}

type Places = readonly (readonly Candidate[])[];

class DrawnPreemptions {
  readonly #places: Places;
  readonly #firsts: readonly Candidate[];
  readonly #meetings: readonly Meeting[];
  readonly #harts: number;

  constructor(
    candidates: readonly Candidate[],
    { harts, seed, candidatesUnder }: { readonly harts: number; readonly seed: number; readonly candidatesUnder: CandidatesUnder },
  ) {
    this.#places = placesOf(candidates);
    this.#firsts = firstOfEach(candidates);
    this.#harts = harts;
    const mix = (index: number) => shifted(mixed(this.#places, randomFrom(seed, FIRST_MIX + index)));
    this.#meetings =
      harts === 1
        ? []
        : chosenMeetings(
            candidatesUnder,
            Array.from({ length: MIXES }, (_, index) => mix(index)),
          );
  }

  draw(random: () => number): Schedule {
    const harts = this.#harts;
    if (this.#meetings.length > 0 && random() < AT_MEETINGS) return atMeeting(at(this.#meetings, random), random);
    const late = harts > 1 && random() < ORDER_CHANGES ? [later(this.#firsts, random)] : [];
    const isMixed = harts > 1 && random() < MIXED;
    return shifted([...late, ...(isMixed ? mixed(this.#places, random) : few(this.#places, random, harts))]);
  }
}

function later(firsts: readonly Candidate[], random: () => number): Preemption {
  const { hart, time } = at(firsts, random);
  return { hart, at: time, for: lengthOf(random, LONGEST) };
}

function few(places: Places, random: () => number, harts: number): Preemption[] {
  return Array.from({ length: 1 + Math.floor(random() * MOST_POINTS) }, () => {
    const { hart, time } = at(at(places, random), random);
    return { hart, at: time, for: harts === 1 || random() < EVENTS ? 'event' : lengthOf(random, LONGEST) };
  });
}

/** Harts are preempted again and again, for short times: then they do their work at the same time, and not one after the other. */
function mixed(places: Places, random: () => number): Preemption[] {
  return Array.from({ length: FEWEST_MIXED + Math.floor(random() * MOST_MIXED) }, () => {
    const { hart, time } = at(at(places, random), random);
    return { hart, at: time, for: lengthOf(random, LONGEST_MIXED) };
  });
}

function atMeeting({ under, places }: Meeting, random: () => number): Schedule {
  const points = Array.from({ length: 1 + Math.floor(random() * MOST_POINTS) }, (): Preemption => {
    const { hart, time } = at(at(places, random), random);
    const longest = random() < 0.5 ? LONGEST_MIXED : LONGEST;
    return { hart, at: time, for: random() < EVENTS ? 'event' : lengthOf(random, longest) };
  });
  return shifted(points, under);
}

/** How many of the lists of preemptions preempt harts where they meet. */
const AT_MEETINGS = 0.6;
/** Lists that are looked at for meetings, and the number of the first one, beyond those of all schedules. */
const [MIXES, FIRST_MIX] = [12, 1 << 20];

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

/** How many of the others begin with a hart that comes later than the others. */
const ORDER_CHANGES = 0.2;
const MOST_POINTS = 3;
/** How many of them preempt harts again and again. */
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

function firstOfEach(candidates: readonly Candidate[]): Candidate[] {
  const firsts = new Map<number, Candidate>();
  for (const candidate of candidates)
    if (candidate.time < (firsts.get(candidate.hart)?.time ?? Number.POSITIVE_INFINITY)) firsts.set(candidate.hart, candidate);
  return [...firsts.values()];
}

/**
 * A hart's own time has gone on by its earlier preemptions when it comes to a later point. The times of `before`, in whose run the points were found, already have the
 * others of that schedule in them.
 */
function shifted(drawn: readonly ScheduleItem[], before: Schedule = []): Schedule {
  const passed = new Map<number, number>();
  return [...before.map((one) => ({ one, isNew: false })), ...drawn.map((one) => ({ one, isNew: true }))]
    .sort((a, b) => a.one.at - b.one.at || a.one.hart - b.one.hart)
    .map(({ one, isNew }) => {
      const more = passed.get(one.hart) ?? 0;
      if (isNew && one.for !== 'event' && !isDelayedStore(one)) passed.set(one.hart, more + one.for);
      return { ...one, at: one.at + more };
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
