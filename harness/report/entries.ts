/** A result as a list of entries: what every format that lists checks shows, including what students see of hidden ones. */
import picocolors from 'picocolors';
import type { CheckResult, HiddenChecks, Outcome, SubmissionResult, UnlistedChecks } from '../result/result.ts';
import { detailLines } from './details.ts';
import { plain } from './lines.ts';
import { clean, count, points } from './words.ts';

export const PLAIN = picocolors.createColors(false);

export interface Entry {
  /** The check's; `hidden-checks` for the sum of those that are not shown. */
  readonly id: string;
  /** On one line, safe to show. */
  readonly label: string;
  readonly outcome: Outcome;
  readonly score: number;
  readonly maxScore: number;
  /** Its points count on top of what the lab is worth. */
  readonly bonus: boolean;
  /** Shown to instructors only. */
  readonly hidden: boolean;
  /** Why it did not pass, one sentence that is safe to show. */
  readonly reason: string | null;
  /** The whole explanation, safe to show; empty when it passed. */
  readonly lines: readonly string[];
  /** null for the sum of hidden checks. */
  readonly check: CheckResult | null;
}

export function entriesOf(result: SubmissionResult): Entry[] {
  const { checks, hiddenChecks } = result;
  return [...checks.map((check) => entryOf(check, result)), ...(hiddenChecks === null ? [] : [hiddenEntry(hiddenChecks)])];
}

/** What is wrong with the submission as a whole is explained once, and not under each check. */
function entryOf(check: CheckResult, { reason: submissionReason, scenarios }: SubmissionResult): Entry {
  const { id, outcome, score, maxScore, bonus = false, hidden, reason } = check;
  const told = outcome === 'passed' || (submissionReason !== null && reason === submissionReason);
  return {
    id,
    outcome,
    score,
    maxScore,
    bonus,
    hidden,
    check,
    label: checkLabel(check),
    reason: reason === null ? null : clean(reason),
    lines: told ? [] : detailLines(check, scenarios, PLAIN).map(plain),
  };
}

export function checkLabel({ id, title, hidden, bonus }: CheckResult): string {
  return clean(`${title === '' ? id : `${id}: ${title}`}${bonus === true ? ' (bonus)' : ''}${hidden ? ' (hidden)' : ''}`);
}

function hiddenEntry({ count: number, score, maxScore }: HiddenChecks): Entry {
  const outcome = hiddenOutcome({ count: number, score, maxScore });
  const base = { id: 'hidden-checks', label: hiddenLabel(number), bonus: false, hidden: false, check: null, lines: [] };
  return { ...base, outcome, score: score ?? 0, maxScore, reason: outcome === 'passed' ? null : 'not all of the hidden checks passed' };
}

export function hiddenOutcome({ score, maxScore }: HiddenChecks): 'passed' | 'failed' | 'errored' {
  return score === null ? 'errored' : score < maxScore ? 'failed' : 'passed';
}

export function hiddenLabel(number: number): string {
  return number === 1 ? '(one hidden check)' : `(${number} hidden checks)`;
}

/** The line about hidden checks that were not run; safe to show. */
export function unlistedText({ count: number, maxScore }: UnlistedChecks): string {
  return `${count(number, 'hidden check')}, worth ${points(maxScore)} points, ${number === 1 ? 'is' : 'are'} not run here.`;
}

/** Why the submission as a whole did not pass, if that names nothing hidden. Safe to show. */
export function visibleReason({ audience, checks, reason }: SubmissionResult): string | null {
  const told = audience === 'student' || checks.some((check) => !check.hidden && check.reason === reason);
  return reason === null || !told ? null : clean(reason);
}

/** The whole score, in words if there is none. */
export function hasScore(result: SubmissionResult): result is SubmissionResult & { score: number } {
  return result.score !== null;
}
