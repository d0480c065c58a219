/** When each hand-in came, how late it was, and which of a student's attempts are graded. Nothing is deducted: that is the course's to decide. */
import type { HandInFacts } from '../result/result.ts';
import type { HandIn, Origin } from '../submission/hand-in.ts';
import { attemptName } from '../submission/platforms/read-export.ts';
import { daysOf, secondsAfter } from '../vocabulary/moment.ts';
import type { AttemptPolicy } from '../vocabulary/submission.ts';

export interface AttemptRules {
  readonly policy: AttemptPolicy;
  /** null: there is none. */
  readonly deadline: string | null;
}

/** A hand-in that is to be graded. */
export interface Chosen {
  readonly handIn: HandIn;
  readonly facts: HandInFacts | null;
}

type Times = Pick<HandInFacts, 'time' | 'commit' | 'deadline' | 'late' | 'secondsLate' | 'daysLate'>;

function timesOf({ time, markedLate, commit }: Origin, deadline: string | null): Times {
  const seconds = deadline === null || time === null ? null : secondsAfter(deadline, time);
  const late = seconds === null ? markedLate : seconds > 0;
  return { time, commit, deadline, late, secondsLate: seconds, daysLate: seconds === null ? null : daysOf(seconds) };
}

/** What is graded of the hand-ins, in their order. */
export function chooseAttempts(handIns: readonly HandIn[], rules: AttemptRules): Chosen[] {
  const groups = new Map<string, HandIn[]>();
  for (const handIn of handIns) {
    const name = groupOf(handIn);
    groups.set(name, [...(groups.get(name) ?? []), handIn]);
  }
  return [...groups].flatMap(([name, attempts]) =>
    attempts.length === 1
      ? attempts.map((handIn) => ({ handIn: withName(handIn, name), facts: factsOf(handIn, rules) }))
      : chosen(name, attempts, rules),
  );
}

function groupOf({ submission: { name }, origin }: HandIn): string {
  const number = origin?.number ?? null;
  const suffix = number === null ? '' : attemptName('', number);
  return name.slice(0, name.length - suffix.length);
}

function withName(handIn: HandIn, name: string): HandIn {
  return { ...handIn, submission: { ...handIn.submission, name } };
}

function factsOf({ origin }: HandIn, { deadline }: AttemptRules): HandInFacts | null {
  if (origin === null) return null;
  const { time, markedLate, commit, attempt } = origin;
  if ([time, markedLate, commit, attempt].every((fact) => fact === null)) return null;
  return { ...timesOf(origin, deadline), attempt: origin.attempt, attempts: null };
}

function chosen(name: string, attempts: readonly HandIn[], { policy, deadline }: AttemptRules): Chosen[] {
  const times = attempts.map(({ origin }) => timesOf(origin!, deadline));
  const all = times.map(({ time, late }) => ({ time, late }));
  const counts = lastInTime(times) + 1;
  const graded = attempts.map((handIn, index): Chosen => {
    const number = index + 1;
    const facts = { policy, name, number, counts: policy === 'best' ? null : counts, all };
    return { handIn, facts: { ...times[index]!, attempt: handIn.origin!.attempt ?? number, attempts: facts } };
  });
  if (policy !== 'last') return graded;
  const { handIn, facts } = graded[counts - 1]!;
  return [{ handIn: withName(handIn, name), facts }];
}

/** The last that is not known to be late; else the last. */
function lastInTime(times: readonly Times[]): number {
  const inTime = times.findLastIndex(({ late }) => late !== true);
  return inTime < 0 ? times.length - 1 : inTime;
}
