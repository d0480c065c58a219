/** A submission's result against what the rubric's author expects of it. */

import type { SubmissionResult } from '../result/result.ts';
import type { Expectation } from '../rubric/expectations.ts';

/** What is not as expected, a sentence each; none: all is. `result`: an instructor's. */
export function unmet({ score, outcomes, stop }: Expectation, result: SubmissionResult): string[] {
  const problems: string[] = [];
  if (result.score !== score) {
    problems.push(
      `score: expected ${score}, got ${result.score ?? 'none, it errored'}${result.reason === null ? '' : ` (${result.reason})`}`,
    );
  }
  for (const check of outcomes === null ? [] : result.checks) {
    const expected = outcomes!.get(check.id) ?? 'passed';
    if (check.outcome !== expected) {
      problems.push(`${check.id}: expected ${expected}, got ${check.outcome}${check.reason === null ? '' : ` (${check.reason})`}`);
    }
  }
  for (const [scenario, reason] of stop) {
    const found = result.scenarios.find(({ name }) => name === scenario)?.stop.reason;
    if (found !== reason) problems.push(`${scenario}: expected to stop with ${reason}, got ${found ?? 'nothing: it was not run'}`);
  }
  return problems;
}
