/** From the checks' points to the score: what is a bonus, what a group gives at most, and what a late hand-in costs. */
import type { GroupScore, Lateness, ScoreParts } from '../result/points.ts';
import type { CheckResult, HandInFacts } from '../result/result.ts';
import type { Group } from '../rubric/points.ts';
import type { Rubric } from '../rubric/types.ts';
import type { LateRule } from '../vocabulary/submission.ts';
import { roundPoints, sumPoints } from './points.ts';

export interface Score {
  /** null: one of the checks is errored. */
  readonly score: number | null;
  readonly maxScore: number;
  /** null: the score is the sum of the checks' points, and the rubric says nothing else. */
  readonly parts: ScoreParts | null;
}

/** What the check adds to the most that can be reached. */
export function maxOf({ bonus, maxScore }: Pick<CheckResult, 'bonus' | 'maxScore'>): number {
  return bonus === true ? 0 : maxScore;
}

/** `checks`: all of the rubric's. */
export function scoreOf({ groups, checks: rules, submission }: Rubric, checks: readonly CheckResult[], handIn: HandInFacts | null): Score {
  const isErrored = checks.some(({ outcome }) => outcome === 'errored');
  const grouped = groups.map((group) =>
    groupScore(
      group,
      checks.filter((check) => check.group === group.id),
    ),
  );
  const alone = checks.filter(({ group, bonus }) => group === undefined && bonus !== true);
  const bonus = sumPoints(checks.filter((check) => check.bonus === true).map(({ score }) => score));
  const earned = sumPoints([...alone.map(({ score }) => score), ...grouped.map(({ score }) => score ?? 0), bonus]);
  const maxScore = sumPoints([...alone.map(({ maxScore }) => maxScore), ...grouped.map(({ maxScore }) => maxScore)]);
  const late = isErrored ? null : latenessOf(submission.late, handIn, earned);
  const score = isErrored ? null : roundPoints(earned - (late?.deducted ?? 0));
  const isPlain = groups.length === 0 && submission.late === null && rules.every((check) => !check.bonus);
  return { score, maxScore, parts: isPlain ? null : { earned: isErrored ? null : earned, bonus, groups: grouped, late } };
}

function groupScore({ id, title, cap, allOrNothing }: Group, all: readonly CheckResult[]): GroupScore {
  const checks = all.filter(({ bonus }) => bonus !== true);
  const earned = sumPoints(checks.map(({ score }) => score));
  const worth = sumPoints(checks.map(({ maxScore }) => maxScore));
  const given = allOrNothing && checks.some(({ outcome, maxScore }) => maxScore > 0 && outcome !== 'passed') ? 0 : earned;
  const most = cap === null ? worth : Math.min(cap, worth);
  const isErrored = all.some(({ outcome }) => outcome === 'errored');
  return {
    id,
    title,
    hidden: all.every(({ hidden }) => hidden),
    earned,
    score: isErrored ? null : Math.min(given, most),
    maxScore: most,
    cap,
    allOrNothing,
  };
}

/** null: nothing is deducted, be it that nobody knows when it was handed in. */
function latenessOf(rule: LateRule | null, handIn: HandInFacts | null, earned: number): Lateness | null {
  const days = handIn?.daysLate ?? 0;
  if (rule === null || days === 0) return null;
  const percent = Math.min(days * rule.perDay, rule.most);
  return { days, percent, deducted: roundPoints((earned * percent) / 100) };
}

/** Whether nothing is missing: every check with points passed, or its group gives all that it can give. */
export function isComplete(checks: readonly CheckResult[], parts: ScoreParts | null): boolean {
  const full = new Set((parts?.groups ?? []).filter(({ score, maxScore }) => score === maxScore).map(({ id }) => id));
  return checks.every((check) => maxOf(check) === 0 || check.outcome === 'passed' || (check.group !== undefined && full.has(check.group)));
}
