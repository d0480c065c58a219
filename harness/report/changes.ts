/**
 * What a grading again has changed: who, from which score to which, check by check. Shows a reader only what both results show
 * them: checks that are hidden from students are compared as one.
 */
import type { Audience, CheckResult, HiddenChecks, SubmissionResult } from '../result/result.ts';
import { column } from './details.ts';
import { type Colors, clean, count, score } from './words.ts';

/** What is compared of a result, or of one that was read back. */
export type Compared = Pick<SubmissionResult, 'name' | 'audience' | 'score' | 'maxScore' | 'hiddenChecks'> & {
  checks: readonly Pick<CheckResult, 'id' | 'outcome' | 'score' | 'maxScore' | 'hidden'>[];
};

type Points = { score: number | null; maxScore: number };

/** `outcome`: null for the hidden ones together. */
type CheckState = Points & { outcome: CheckResult['outcome'] | null };

/** One check, or all hidden ones, before and after; null on a side that has none. */
export interface CheckChange {
  id: string;
  before: CheckState | null;
  after: CheckState | null;
}

export interface SubmissionChange {
  name: string;
  before: Points;
  after: Points;
  /** In the order of the new report, then what is gone. */
  checks: CheckChange[];
}

/** null if nothing changed that the audience may see. */
export function changeOf(before: Compared, after: Compared, audience: Audience): SubmissionChange | null {
  const [old, now] = [statesOf(before, audience), statesOf(after, audience)];
  const checks = [...new Set([...now.keys(), ...old.keys()])]
    .map((id): CheckChange => ({ id, before: old.get(id) ?? null, after: now.get(id) ?? null }))
    .filter((change) => JSON.stringify(change.before) !== JSON.stringify(change.after));
  const points = ({ score: given, maxScore }: Compared): Points => ({ score: given, maxScore });
  if (checks.length === 0 && before.score === after.score && before.maxScore === after.maxScore) return null;
  return { name: after.name, before: points(before), after: points(after), checks };
}

const HIDDEN = '(hidden)';

function statesOf({ checks, hiddenChecks }: Compared, audience: Audience): Map<string, CheckState> {
  const shown = checks.filter(({ hidden }) => audience === 'instructor' || !hidden);
  const hidden = checks.filter((check) => !shown.includes(check));
  const sum = hiddenChecks ?? (hidden.length === 0 ? null : summed(hidden));
  return new Map<string, CheckState>([
    ...shown.map(({ id, outcome, score: given, maxScore }) => [id, { outcome, score: given, maxScore }] as const),
    ...(sum === null ? [] : [[HIDDEN, { outcome: null, score: sum.score, maxScore: sum.maxScore }] as const]),
  ]);
}

function summed(checks: Compared['checks']): Omit<HiddenChecks, 'count'> {
  const total = (key: 'score' | 'maxScore') => Math.round(checks.reduce((sum, check) => sum + check[key], 0) * 1e6) / 1e6;
  return { score: checks.some(({ outcome }) => outcome === 'errored') ? null : total('score'), maxScore: total('maxScore') };
}

/** The changed ones, each with its checks; ends in a line end. `compared`: how many submissions there were in all. */
export function terminalChanges(changes: readonly SubmissionChange[], compared: number, colors: Colors): string {
  const names = column(
    changes.map(({ name }) => clean(name)),
    'start',
  );
  const lines = changes.flatMap((change, index) => [
    ` ${sign(change, colors)} ${names[index]}  ${scoreText(change.before)} → ${scoreText(change.after)}`,
    ...checkLines(change.checks),
  ]);
  const summary = `${count(compared, 'submission')} graded again: ${changes.length} changed, ${compared - changes.length} as before`;
  return `${[...lines, ...(lines.length === 0 ? [] : ['']), summary].join('\n')}\n`;
}

/** What is different from the last time that the submission was looked at, for its student; ends in a line end. */
export function terminalProgress(before: SubmissionResult, after: SubmissionResult, colors: Colors): string {
  const change = changeOf(before, after, 'student');
  const others = after.checks.filter(({ id }) => change?.checks.every((one) => one.id !== id) ?? true);
  const still = others.filter((check) => check.outcome !== 'passed' && hasOtherReason(before, check)).map(({ id }) => clean(id));
  if (change === null && still.length === 0) return 'Since the last time: nothing came out differently.\n';
  const points = change === null ? 'the same points' : `${scoreText(change.before)} → ${scoreText(change.after)}`;
  const lines = still.map((id) => `     ${id} did not pass again, but for a different reason`);
  const signed = change === null ? '' : ` ${sign(change, colors)}`;
  return `${[`Since the last time:${signed} ${points}`, ...checkLines(change?.checks ?? []), ...lines].join('\n')}\n`;
}

function hasOtherReason({ checks }: SubmissionResult, { id, reason }: CheckResult): boolean {
  const earlier = checks.find((check) => check.id === id);
  return earlier !== undefined && earlier.reason !== reason;
}

function sign({ before, after }: SubmissionChange, colors: Colors): string {
  const difference = (after.score ?? 0) - (before.score ?? 0);
  if (difference === 0) return '=';
  return difference > 0 ? colors.green('+') : colors.red('-');
}

function checkLines(checks: readonly CheckChange[]): string[] {
  const ids = column(
    checks.map(({ id }) => clean(id)),
    'start',
  );
  return checks.map(({ before, after }, index) => `     ${ids[index]}  ${sideText(before, 'new')} → ${sideText(after, 'gone')}`);
}

function scoreText({ score: given, maxScore }: Points): string {
  return score(given, maxScore);
}

function sideText(side: CheckState | null, absent: string): string {
  return side === null ? absent : `${side.outcome === null ? '' : `${side.outcome} `}${scoreText(side)}`;
}
