/**
 * Where harts meet: they access the same word shortly after each other. In the run without a schedule they may hardly ever meet, so runs under a few schedules are
 * looked at, and those are taken in which they meet most often.
 */
import type { Schedule } from '../vocabulary/schedule.ts';
import { type Candidate, type CandidatesUnder, placesOf } from './candidates.ts';

/** Where harts meet under one schedule, by place in the code. */
export interface Meeting {
  readonly under: Schedule;
  readonly places: readonly (readonly Candidate[])[];
}

/** Schedules that are taken. */
const MOST = 4;
/** Nanoseconds between two accesses that still meet. */
const NEAR = 500;

export function chosenMeetings(candidatesUnder: CandidatesUnder, schedules: readonly Schedule[]): Meeting[] {
  const found = schedules.flatMap((under) => {
    const { count, candidates } = meetingsOf(candidatesUnder(under) ?? [], Math.min(...under.map(({ at }) => at)));
    return candidates.length === 0 ? [] : [{ count, under, places: placesOf(candidates) }];
  });
  return found.sort((a, b) => b.count - a.count).slice(0, MOST);
}

/** From a time on: before that the run is the one without a schedule. */
function meetingsOf(candidates: readonly Candidate[], from: number): { count: number; candidates: Candidate[] } {
  const last = new Map<bigint, Candidate>();
  const met = new Set<Candidate>();
  let count = 0;
  for (const candidate of [...candidates].sort((a, b) => a.time - b.time)) {
    if (candidate.time < from) continue;
    const before = last.get(candidate.address);
    last.set(candidate.address, candidate);
    if (before === undefined || before.hart === candidate.hart || candidate.time - before.time >= NEAR) continue;
    met.add(before).add(candidate);
    count++;
  }
  return { count, candidates: [...met] };
}
