/**
 * Plain CSV of a class: a row for each submission, a column for each check; what a TA opens first.
 *
 * A check's cell holds its points: 0 where it was skipped, and nothing where it errored, as in the score's. UTF-8 with a byte
 * order mark, so that spreadsheets show every name.
 */
import type { CheckResult, SubmissionResult } from '../result/result.ts';
import { type Cell, delimited, pointsCell } from './delimited.ts';
import { format } from './format.ts';
import { points } from './words.ts';

export const csv = format({
  describe: 'a CSV of the class, with one column for each check',
  audience: 'record',
  options: {},
  parts: [
    {
      scope: 'class',
      extension: 'csv',
      render: (subjects) => delimited(rows(subjects.map(({ result }) => result)), { delimiter: ',', bom: true, lineEnd: '\r\n' }),
    },
  ],
});

function rows(results: readonly SubmissionResult[]): Cell[][] {
  const checks = [...new Map(results.flatMap((result) => result.checks).map((check) => [check.id, check])).values()];
  const sums = results.flatMap(({ hiddenChecks }) => (hiddenChecks === null ? [] : [hiddenChecks]));
  const hidden = sums.length === 0 ? [] : [`hidden checks (of ${points(sums[0]!.maxScore)})`];
  const withStudents = results.some(({ student }) => student !== null);
  return [
    [
      ...(withStudents ? ['student id', 'student'] : []),
      'submission',
      'outcome',
      'score',
      'max score',
      'failed',
      'skipped',
      'errored',
      'reason',
      ...checks.map(columnTitle),
      ...hidden,
    ],
    ...results.map((result) => [
      ...(withStudents ? [result.student?.id ?? null, result.student?.name ?? null] : []),
      ...row(result, checks, hidden.length > 0),
    ]),
  ];
}

function columnTitle({ id, maxScore, hidden }: CheckResult): string {
  return `${id} (of ${points(maxScore)}${hidden ? ', hidden' : ''})`;
}

function row(result: SubmissionResult, columns: readonly CheckResult[], withHidden: boolean): Cell[] {
  const ids = (outcome: CheckResult['outcome']) =>
    result.checks
      .filter((check) => check.outcome === outcome)
      .map(({ id }) => id)
      .join(' ');
  const byId = new Map(result.checks.map((check) => [check.id, check]));
  return [
    ...[result.name, result.outcome, pointsCell(result.score), pointsCell(result.maxScore)],
    ...[ids('failed'), ids('skipped'), ids('errored'), result.reason],
    ...columns.map(({ id }) => cellOf(byId.get(id))),
    ...(withHidden ? [pointsCell(result.hiddenChecks?.score ?? null)] : []),
  ];
}

function cellOf(check: CheckResult | undefined): Cell {
  return check === undefined || check.outcome === 'errored' ? null : pointsCell(check.score);
}
