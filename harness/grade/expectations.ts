/** A submission's result against what the rubric's author expects of it. */

import { stoppedBy } from '../evidence/stop.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Expectation } from '../rubric/expectations.ts';

/** What is not as expected, a sentence each; none: all is. Names the checks that the difference comes from. `result`: an instructor's. */
export function unmet({ score, outcomes, stop }: Expectation, result: SubmissionResult): string[] {
  const scores = result.score === score ? [] : [scoreProblem(score, result)];
  const checks = outcomes === null ? (scores.length === 0 ? [] : notPassed(result)) : outcomeProblems(outcomes, result);
  const isAsExpected = outcomes !== null && scores.length > 0 && checks.length === 0 && result.score !== null;
  const stops = [...stop].flatMap(([scenario, reason]) => {
    const found = result.scenarios.find(({ name }) => name === scenario)?.stop;
    if (found !== undefined && stoppedBy(reason, found)) return [];
    return [`${scenario}: expected to stop with ${reason}, got ${found?.reason ?? 'nothing: it was not run'}`];
  });
  return [...scores, ...checks, ...(isAsExpected ? [SAME_OUTCOMES] : []), ...stops];
}

const SAME_OUTCOMES = 'the checks came out as expected: their points in the rubric, or partial points, are different';

function scoreProblem(score: number, { score: found, reason }: SubmissionResult): string {
  return `score: expected ${score}, got ${found ?? 'none, it errored'}${because(reason)}`;
}

/** Where only the score is expected, these are what it comes from. */
function notPassed({ score, checks }: SubmissionResult): string[] {
  if (score === null) return [];
  return checks.filter(({ outcome }) => outcome !== 'passed').map(({ id, outcome, reason }) => `${id}: ${outcome}${because(reason)}`);
}

function outcomeProblems(outcomes: NonNullable<Expectation['outcomes']>, { checks }: SubmissionResult): string[] {
  return checks.flatMap(({ id, outcome, reason }) => {
    const expected = outcomes.get(id) ?? 'passed';
    return outcome === expected ? [] : [`${id}: expected ${expected}, got ${outcome}${because(reason)}`];
  });
}

function because(reason: string | null): string {
  return reason === null ? '' : ` (${reason})`;
}

/** The block of the rubric that says what the submission got, for its author to paste; without a score there is none. */
export function expectationBlock({ submission, stop }: Expectation, { score, checks, scenarios }: SubmissionResult): string[] {
  if (score === null) return [];
  const of = (outcome: 'failed' | 'skipped') => checks.filter((check) => check.outcome === outcome).map(({ id }) => id);
  const lists = (['failed', 'skipped'] as const).flatMap((outcome) => {
    const ids = of(outcome);
    return ids.length === 0 ? [] : [`  ${outcome}: [${ids.join(', ')}]`];
  });
  const stops = scenarios.filter(({ name }) => stop.has(name)).map((scenario) => `${scenario.name}: ${scenario.stop.reason}`);
  // The first scenario is meant where none is named.
  const first = scenarios[0]?.name ?? '';
  const stopText = stop.size === 1 && stop.has(first) ? scenarios[0]!.stop.reason : `{ ${stops.join(', ')} }`;
  return [`${keyText(submission)}:`, `  score: ${score}`, ...(stops.length === 0 ? [] : [`  stop: ${stopText}`]), ...lists];
}

function keyText(name: string): string {
  return /^[A-Za-z][\w./-]*$/.test(name) ? name : JSON.stringify(name);
}
