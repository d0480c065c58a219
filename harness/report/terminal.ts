/**
 * The report that a student reads in a terminal: one line a check, and under what failed what was seen, what was expected,
 * and the rubric's hint. What a result for students sums up as hidden is one line; an instructor's names it, marked. Lines are not wrapped.
 */
import { describeStop } from '../evidence/stop.ts';
import type { CheckResult, HiddenChecks, ScenarioResult, SubmissionResult } from '../result/result.ts';
import { column, detailLines, linesOf } from './details.ts';
import { hiddenLabel, hiddenOutcome } from './entries.ts';
import { findingLines } from './findings.ts';
import { type Colors, clean, count, heading, mark, paint, score } from './words.ts';

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
    ...findingLines(result.scenarios, colors),
  ];
  return `${lines.join('\n')}\n`;
}

function checkLines({ checks, hiddenChecks, reason }: SubmissionResult, colors: Colors): string[] {
  const ids = column(
    checks.map(({ id }) => clean(id)),
    'start',
  );
  const scores = column(
    checks.map((check) => score(check.score, check.maxScore)),
    'end',
  );
  return [
    ...checks.flatMap((check, index) => [
      ` ${mark(colors, check.outcome)} ${ids[index]}  ${verdict(check, scores[index]!, colors)}`.trimEnd() + hiddenMark(check),
      ...(showsDetails(check, reason) ? detailLines(check, colors).map((line) => `     ${line}`) : []),
    ]),
    ...(hiddenChecks === null ? [] : [hiddenLine(hiddenChecks, colors)]),
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

function hiddenLine(hidden: HiddenChecks, colors: Colors): string {
  return ` ${mark(colors, hiddenOutcome(hidden))} ${hiddenLabel(hidden.count)} ${score(hidden.score, hidden.maxScore)}`;
}

function hiddenMark({ hidden }: CheckResult | ScenarioResult): string {
  return hidden ? ' (hidden)' : '';
}

function scenarioLines(scenarios: readonly ScenarioResult[], colors: Colors): string[] {
  const booted = scenarios.filter(({ stop }) => stop.reason !== 'not-bootable');
  return booted.flatMap((one) => {
    const { name, stop, why, instructions, requests } = one;
    const scenario = booted.length === 1 ? '' : `${clean(name)}${hiddenMark(one)}: `;
    const facts = [`${scenario}machine stopped: ${describeStop(stop)}`, count(instructions, 'instruction'), count(requests, 'request')];
    return [colors.dim(` ${facts.join(' · ')}`), ...why.flatMap((detail) => linesOf(detail, colors)).map((line) => `   ${line}`)];
  });
}
