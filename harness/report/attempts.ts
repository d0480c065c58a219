/** Of several attempts of a student (`submission.attempts` of the rubric): which have a row in a table of the class, and which one counts in gradebooks. */
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { HandInFacts } from '../result/result.ts';
import { count } from './words.ts';

interface Attempt {
  readonly score: number | null;
  readonly maxScore: number;
  readonly handIn: HandInFacts | null;
}

/** `all` shows all of them, `best` the best. */
export function shownAttempts<Result extends Attempt>(results: readonly Result[]): Result[] {
  return chosen(results, (attempts) => (attempts[0]!.handIn?.attempts?.policy === 'all' ? attempts : [attemptThatCounts(attempts)]));
}

/** One for each student. */
export function countedAttempts<Result extends Attempt>(results: readonly Result[]): Result[] {
  return chosen(results, (attempts) => [attemptThatCounts(attempts)]);
}

function chosen<Result extends Attempt>(
  results: readonly Result[],
  choose: (attempts: readonly Attempt[]) => readonly Attempt[],
): Result[] {
  const byName = new Map<string, Result[]>();
  for (const result of results) {
    const name = result.handIn?.attempts?.name;
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), result]);
  }
  const kept = new Set([...byName.values()].flatMap(choose));
  return results.filter((result) => result.handIn?.attempts == null || kept.has(result));
}

function attemptThatCounts(attempts: readonly Attempt[]): Attempt {
  const number = attempts[0]!.handIn?.attempts?.counts;
  const named = attempts.find(({ handIn }) => handIn?.attempts?.number === number);
  return named ?? best(attempts);
}

/** The first of those with the most points. One that errored may be better than all that have points, unless those are all there are. */
function best(attempts: readonly Attempt[]): Attempt {
  const most = attempts.reduce((a, b) => ((b.score ?? -1) > (a.score ?? -1) ? b : a));
  const errored = attempts.find(({ score }) => score === null);
  return errored === undefined || most.score === most.maxScore ? most : errored;
}

/** `handed in 2026-12-02T00:10:00+08:00, 1 day late (660 s), attempt 2 of 3`; empty if nothing is known. */
export function handInText(facts: HandInFacts | null): string {
  if (facts === null) return '';
  const { time, commit, late, secondsLate, daysLate } = facts;
  const attempt = attemptNumber(facts);
  const parts = [
    time === null ? '' : `handed in ${time}`,
    commit === null ? '' : `commit ${commit.slice(0, 12)}`,
    lateText(late, secondsLate, daysLate),
    attempt === null ? '' : `attempt ${attempt}`,
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** `2 of 3` where the export has all of them, `2` where it says so of the last; null: it says nothing. */
export function attemptNumber({ attempt, attempts }: Pick<HandInFacts, 'attempt' | 'attempts'>): string | number | null {
  return attempts === null ? attempt : `${attempts.number} of ${attempts.all.length}`;
}

function lateText(late: boolean | null, seconds: number | null, days: number | null): string {
  if (late === null) return '';
  if (!late) return 'in time';
  return seconds === null || days === null ? 'late' : `${count(days, 'day')} late (${groupedDigits(seconds)} s)`;
}
