/**
 * The report that a student reads in a terminal: one line a check, and under what failed what was seen, what was expected,
 * and the rubric's hint. Hidden checks are one line without their names, hidden scenarios none. Lines are not wrapped.
 */
import { describeStop } from '../evidence/stop.ts';
import type { CheckResult, ScenarioResult, SubmissionResult } from '../grade/result.ts';
import { column, detailLines } from './details.ts';
import { type Colors, clean, count, heading, mark, paint, score, worst } from './words.ts';

/** The whole report, ending in a line end. */
export function terminalReport(result: SubmissionResult, colors: Colors): string {
  const total = paint(
    colors,
    result.outcome,
    result.outcome === 'errored' ? `errored (of ${result.maxScore})` : score(result.score, result.maxScore),
  );
  const lines = [
    `${colors.bold(heading(result))}   ${total}   ${clean(result.title)}`,
    ...(result.reason === null ? [] : [colors.red(clean(result.reason))]),
    '',
    ...checkLines(result, colors),
    ...scenarioLines(result.scenarios, colors),
  ];
  return `${lines.join('\n')}\n`;
}

function checkLines({ checks, reason }: SubmissionResult, colors: Colors): string[] {
  const visible = checks.filter(({ hidden }) => !hidden);
  const hidden = checks.filter((check) => check.hidden);
  const ids = column(
    visible.map(({ id }) => clean(id)),
    'start',
  );
  const scores = column(
    visible.map((check) => score(check.score, check.maxScore)),
    'end',
  );
  return [
    ...visible.flatMap((check, index) => [
      ` ${mark(colors, check.outcome)} ${ids[index]}  ${verdict(check, scores[index]!, colors)}`.trimEnd(),
      ...(showsDetails(check, reason) ? detailLines(check, colors).map((line) => `     ${line}`) : []),
    ]),
    ...(hidden.length === 0 ? [] : [hiddenLine(hidden, colors)]),
  ];
}

function verdict(check: CheckResult, points: string, colors: Colors): string {
  if (check.outcome === 'skipped' || check.outcome === 'errored') {
    return paint(colors, check.outcome, `${check.outcome}${check.reason === null ? '' : `: ${clean(check.reason)}`}`);
  }
  return `${points}  ${clean(check.title)}`;
}

/** What is wrong with the submission as a whole is said once. */
function showsDetails({ outcome, reason }: CheckResult, submissionReason: string | null): boolean {
  return outcome === 'failed' && (submissionReason === null || reason !== submissionReason);
}

function hiddenLine(checks: readonly CheckResult[], colors: Colors): string {
  const sum = (key: 'score' | 'maxScore') => checks.reduce((total, check) => total + check[key], 0);
  const name = checks.length === 1 ? '(one hidden check)' : `(${checks.length} hidden checks)`;
  return ` ${mark(colors, worst(checks))} ${name} ${score(sum('score'), sum('maxScore'))}`;
}

function scenarioLines(scenarios: readonly ScenarioResult[], colors: Colors): string[] {
  const visible = scenarios.filter(({ hidden, stop }) => !hidden && stop.reason !== 'not-bootable');
  return visible.map(({ name, stop, instructions, requests }) => {
    const scenario = visible.length === 1 ? '' : `${clean(name)}: `;
    const facts = [`${scenario}machine stopped: ${describeStop(stop)}`, count(instructions, 'instruction'), count(requests, 'request')];
    return colors.dim(` ${facts.join(' · ')}`);
  });
}
