/** Times of a run at which a schedule may make a difference. */
import type { Schedule } from '../vocabulary/schedule.ts';

/** A hart may be preempted at this time, before the instruction at `pc`; or what that stores may be delayed. */
export interface Candidate {
  readonly hart: number;
  /** In nanoseconds. */
  readonly time: number;
  readonly pc: bigint;
  /** Physical, of the word that the instruction accesses. */
  readonly address: bigint;
}

/** A store that may be delayed, and the time at which the hart came to what orders it. */
export interface StoreCandidate extends Candidate {
  readonly until: number;
}

export interface Candidates {
  readonly preemptions: readonly Candidate[];
  readonly stores: readonly StoreCandidate[];
}

/** Those before which a hart may be preempted in the run under a schedule; undefined once no more runs are to be looked at. */
export type CandidatesUnder = (schedule: Schedule) => readonly Candidate[] | undefined;

/** By hart and instruction. */
export function placesOf<Of extends Candidate>(candidates: readonly Of[]): Of[][] {
  const places = new Map<string, Of[]>();
  for (const candidate of candidates) {
    const key = `${candidate.hart} ${candidate.pc}`;
    const known = places.get(key);
    if (known === undefined) places.set(key, [candidate]);
    else known.push(candidate);
  }
  return [...places.values()];
}
