/**
 * The report that a student reads in a terminal: one line a check, and under what failed what was seen, what was expected,
 * and the rubric's hint. What a result for students sums up as hidden is one line; an instructor's names it, marked.
 */
import type { CheckResult, HiddenChecks, SubmissionResult } from '../result/result.ts';
import { buildLines, warningLines } from './build-lines.ts';
import { column, detailLines } from './details.ts';
import { stopLines } from './ends.ts';
import { hiddenLabel, hiddenOutcome, unlistedText } from './entries.ts';
import { findingLines } from './findings.ts';
import { indented, type Line, laidOut, sentence } from './lines.ts';
import { pointLines } from './point-lines.ts';
import { aboutText } from './students.ts';
import { type Colors, clean, heading, kernelChoice, mark, paint, score } from './words.ts';

/** The whole report, ending in a line end. `width`: the terminal's columns, at which sentences are wrapped; null: they are not. */
export function terminalReport(result: SubmissionResult, colors: Colors, width: number | null = null): string {
  const total = paint(
    colors,
    result.outcome,
    result.outcome === 'errored' ? `errored (of ${result.maxScore})` : score(result.score, result.maxScore),
  );
  const choice = kernelChoice(result);
  const lines = [
    sentence(clean(result.title), `${colors.bold(heading(result))}   ${total}   `, 2),
    ...(aboutText(result) === '' ? [] : [sentence(colors.dim(aboutText(result)))]),
    ...(choice === null ? [] : [sentence(choice, 'note: ')]),
    ...(result.reason === null ? [] : [sentence(colors.red(clean(result.reason)))]),
    ...buildLines(result, colors).map((line) => indented(line, 2)),
    sentence(''),
    ...checkLines(result, colors),
    ...pointLines(result).map((line) => sentence(line, '   ')),
    ...(result.unlistedChecks === null ? [] : [sentence(unlistedText(result.unlistedChecks), '   ')]),
    ...[...stopLines(result, colors), ...findingLines(result, colors), ...warningLines(result, colors)].map((line) => indented(line, 1)),
  ];
  return `${laidOut(lines, width).join('\n')}\n`;
}

function checkLines({ checks, hiddenChecks, reason, scenarios }: SubmissionResult, colors: Colors): Line[] {
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
      verdictLine(check, ` ${mark(colors, check.outcome)} ${ids[index]}  `, scores[index]!, colors),
      ...(showsDetails(check, reason) ? detailLines(check, scenarios, colors).map((line) => indented(line, 5)) : []),
    ]),
    ...(hiddenChecks === null ? [] : [hiddenLine(hiddenChecks, colors)]),
  ];
}

function verdictLine({ outcome, title, reason, hidden, bonus }: CheckResult, lead: string, points: string, colors: Colors): Line {
  const marked = `${bonus === true ? ' (bonus)' : ''}${hidden ? ' (hidden)' : ''}`;
  if (outcome === 'skipped' || outcome === 'errored') {
    return sentence(`${paint(colors, outcome, `${outcome}${reason === null ? '' : `: ${clean(reason)}`}`)}${marked}`, lead);
  }
  return sentence(`${clean(title)}${marked}`, `${lead}${points}  `);
}

/** What is wrong with the submission as a whole is said once. */
function showsDetails({ outcome, reason }: CheckResult, submissionReason: string | null): boolean {
  return outcome === 'failed' && (submissionReason === null || reason !== submissionReason);
}

function hiddenLine(hidden: HiddenChecks, colors: Colors): Line {
  const text = `${hiddenLabel(hidden.count)} ${score(hidden.score, hidden.maxScore)}`;
  return sentence(text, ` ${mark(colors, hiddenOutcome(hidden))} `);
}
