/** What a class's results say together: how scores are spread, and which checks fail most. */
import type { CheckResult, SubmissionResult } from '../../result/result.ts';
import { checkLabel, hasScore } from '../entries.ts';

export interface Bucket {
  /** E.g. `40–49 %`. */
  readonly label: string;
  readonly count: number;
}

const BUCKETS = 10;

/** Scores as parts of the maximum, in tenths; full marks on their own. */
export function distribution(results: readonly SubmissionResult[]): Bucket[] {
  const counts = new Array<number>(BUCKETS + 1).fill(0);
  for (const { score, maxScore } of results.filter(hasScore)) {
    const part = maxScore === 0 ? 1 : Math.min(1, score / maxScore);
    counts[Math.floor(part * BUCKETS)]!++;
  }
  return counts.map((count, index) => ({ label: index === BUCKETS ? '100 %' : `${index * 10}–${index * 10 + 9} %`, count }));
}

/** Half of the scores are at most this; null if there is none. */
export function median(results: readonly SubmissionResult[]): number | null {
  const scores = results
    .filter(hasScore)
    .map(({ score }) => score)
    .sort((a, b) => a - b);
  const middle = scores.length >> 1;
  if (scores.length === 0) return null;
  return scores.length % 2 === 1 ? scores[middle]! : (scores[middle - 1]! + scores[middle]!) / 2;
}

/** null if there is no score. */
export function mean(results: readonly SubmissionResult[]): number | null {
  const scores = results.filter(hasScore).map(({ score }) => score);
  return scores.length === 0 ? null : scores.reduce((sum, one) => sum + one, 0) / scores.length;
}

export interface CheckCount {
  readonly id: string;
  readonly label: string;
  readonly failed: number;
  readonly skipped: number;
  readonly errored: number;
}

/** Checks that did not pass everywhere, those that failed most first; in the rubric's order where equal. */
export function checkCounts(results: readonly SubmissionResult[]): CheckCount[] {
  const byId = new Map<string, CheckResult[]>();
  for (const check of results.flatMap(({ checks }) => checks)) byId.set(check.id, [...(byId.get(check.id) ?? []), check]);
  return [...byId.values()]
    .map((all) => {
      const number = (outcome: CheckResult['outcome']) => all.filter((check) => check.outcome === outcome).length;
      const first = all[0]!;
      return { id: first.id, label: checkLabel(first), failed: number('failed'), skipped: number('skipped'), errored: number('errored') };
    })
    .filter(({ failed, skipped, errored }) => failed + skipped + errored > 0)
    .sort((a, b) => b.failed - a.failed || b.skipped + b.errored - a.skipped - a.errored);
}
