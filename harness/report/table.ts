/** Several submissions at a glance: a line each with outcome, score and the first check that did not pass; a count below. */
import { printable } from '../evidence/printable.ts';
import { type SubmissionResult, submissionOutcomeSchema } from '../result/result.ts';
import { column } from './details.ts';
import { laidOut, sentence } from './lines.ts';
import { studentsText } from './students.ts';
import { type Colors, clean, count, mark, paint, score } from './words.ts';

/** Characters: one long name must not push all rows off the screen. */
const LONGEST_NAME = 60;

/** The table, ending in a line end. `width`: the terminal's columns, at which the problems are wrapped; null: they are not. */
export function terminalTable(results: readonly SubmissionResult[], colors: Colors, width: number | null = null): string {
  const names = column(
    results.map(({ name }) => printable(name, LONGEST_NAME)),
    'start',
  );
  const owners = column(
    results.map(({ students }) => printable(studentsText(students), LONGEST_NAME)),
    'start',
  );
  const outcomes = column(
    results.map(({ outcome }) => outcome),
    'start',
  );
  const scores = column(
    results.map((result) => score(result.score, result.maxScore)),
    'end',
  );
  const rows = results.map((result, index) => {
    const outcome = paint(colors, result.outcome, outcomes[index]!);
    return sentence(
      firstFailure(result),
      ` ${mark(colors, result.outcome)} ${names[index]}  ${owners[index] === '' ? '' : `${owners[index]}  `}${outcome}  ${scores[index]}  `,
    );
  });
  return `${laidOut([...rows, sentence(''), sentence(summary(results))], width).join('\n')}\n`;
}

export function firstFailure({ reason, checks, hiddenChecks }: SubmissionResult): string {
  if (reason !== null) return clean(reason);
  const first = checks.find(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  if (first === undefined) return hiddenChecks !== null && hiddenChecks.score !== hiddenChecks.maxScore ? '(a hidden check)' : '';
  return clean(first.title === '' ? first.id : `${first.id}: ${first.title}`);
}

export function summary(results: readonly SubmissionResult[]): string {
  const counts = submissionOutcomeSchema.options.map((outcome) => ({
    outcome,
    number: results.filter((result) => result.outcome === outcome).length,
  }));
  const parts = counts.filter(({ number }) => number > 0).map(({ outcome, number }) => `${number} ${outcome}`);
  return `${count(results.length, 'submission')}: ${parts.join(', ')}`;
}
