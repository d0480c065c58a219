/**
 * Plain CSV of a class: a row for each student, or each submission whose student is not known, and a column for each check; what a TA opens
 * first.
 *
 * A check's cell holds its points: 0 where it was skipped, and nothing where it errored, as in the score's. Students of the roster who handed in
 * nothing come last, with the outcome `missing` and no score: what that is worth is the course's to say. UTF-8 with a byte
 * order mark, so that spreadsheets show every name.
 */
import type { GroupScore } from '../result/points.ts';
import type { CheckResult, HandInFacts, Student, SubmissionResult } from '../result/result.ts';
import { attemptNumber, shownAttempts } from './attempts.ts';
import { type Cell, delimited, pointsCell } from './delimited.ts';
import { format } from './format.ts';
import { ownersOf } from './students.ts';
import { points } from './words.ts';

export const csv = format({
  describe: 'a CSV of the class, with one column for each check',
  audience: 'record',
  options: {},
  parts: [
    {
      scope: 'class',
      extension: 'csv',
      render: (subjects, _, missing) =>
        delimited(rows(shownAttempts(subjects.map(({ result }) => result)), missing), { delimiter: ',', bom: true, lineEnd: '\r\n' }),
    },
  ],
});

function rows(results: readonly SubmissionResult[], missing: readonly Student[]): Cell[][] {
  const checks = [...new Map(results.flatMap((result) => result.checks).map((check) => [check.id, check])).values()];
  const sums = results.flatMap(({ hiddenChecks }) => (hiddenChecks === null ? [] : [hiddenChecks]));
  const hidden = sums.length === 0 ? [] : [`hidden checks (of ${points(sums[0]!.maxScore)})`];
  const withTimes = results.some(({ handIn }) => handIn !== null);
  const withStudents = missing.length > 0 || results.some(({ students }) => students.length > 0);
  const kept = keptColumns([...results.flatMap(({ students }) => students), ...missing]);
  const cells = (student: Student | null): Cell[] => kept.map((column) => student?.columns[column] ?? null);
  const withPoints = results.some(({ points: parts }) => parts !== undefined);
  const groups = [...new Map(results.flatMap((result) => result.points?.groups ?? []).map((group) => [group.id, group])).values()];
  const pointTitles = withPoints ? [...POINTS, ...groups.map(groupTitle)] : [];
  const own = [...OWN, ...(withTimes ? TIMES : []), ...pointTitles, ...checks.map(columnTitle), ...hidden];
  const empty: Cell[] = Array(OWN.length - 2 + (withTimes ? TIMES.length : 0) + pointTitles.length + checks.length + hidden.length).fill(
    null,
  );
  return [
    [...(withStudents ? WHO : []), ...kept.map((column) => titleBeside(column, [...WHO, ...own])), ...own],
    ...results.flatMap((result) =>
      ownersOf(result).map((student) => [
        ...(withStudents ? [student?.id ?? null, student?.name ?? null, ...cells(student)] : []),
        ...row(result, checks, { withTimes, groups: withPoints ? groups : null, withHidden: hidden.length > 0 }),
      ]),
    ),
    ...missing.map((student) => [student.id, student.name, ...cells(student), null, 'missing', ...empty]),
  ];
}

const WHO = ['student id', 'student'];
const OWN = ['submission', 'outcome', 'score', 'max score', 'failed', 'skipped', 'errored', 'reason'];
const TIMES = ['handed in', 'late', 'seconds late', 'days late', 'attempt'];

/** Before anything is deducted for lateness, and what is. */
const POINTS = ['earned', 'bonus', 'deducted for lateness'];

function groupTitle({ id, maxScore }: GroupScore): string {
  return `group ${id} (of ${points(maxScore)})`;
}

function pointCells({ points: parts }: SubmissionResult, groups: readonly GroupScore[]): Cell[] {
  const scores = new Map((parts?.groups ?? []).map(({ id, score }) => [id, score]));
  const earned = parts?.earned ?? null;
  return [
    pointsCell(earned),
    pointsCell(parts?.bonus ?? null),
    pointsCell(earned === null ? null : (parts?.late?.deducted ?? 0)),
    ...groups.map(({ id }) => pointsCell(scores.get(id) ?? null)),
  ];
}

/** Of the roster, in its order. */
function keptColumns(students: readonly Student[]): string[] {
  return [...new Set(students.flatMap(({ columns }) => Object.keys(columns)))];
}

/** A column of the roster's that is called as one of ours would be taken for it. */
function titleBeside(column: string, own: readonly string[]): string {
  return own.includes(column) ? `${column} (roster)` : column;
}

function times(facts: HandInFacts | null): Cell[] {
  if (facts === null) return TIMES.map(() => null);
  const { time, late, secondsLate, daysLate } = facts;
  return [time, late === null ? null : late ? 'yes' : 'no', secondsLate, daysLate, attemptNumber(facts)];
}

/** Columns that not every class has. */
interface Extras {
  readonly withTimes: boolean;
  /** null: no score is anything but the sum of the checks. */
  readonly groups: readonly GroupScore[] | null;
  readonly withHidden: boolean;
}

function columnTitle({ id, maxScore, hidden }: CheckResult): string {
  return `${id} (of ${points(maxScore)}${hidden ? ', hidden' : ''})`;
}

function row(result: SubmissionResult, columns: readonly CheckResult[], { withTimes, groups, withHidden }: Extras): Cell[] {
  const ids = (outcome: CheckResult['outcome']) =>
    result.checks
      .filter((check) => check.outcome === outcome)
      .map(({ id }) => id)
      .join(' ');
  const byId = new Map(result.checks.map((check) => [check.id, check]));
  return [
    ...[result.name, result.outcome, pointsCell(result.score), pointsCell(result.maxScore)],
    ...[ids('failed'), ids('skipped'), ids('errored'), result.reason],
    ...(withTimes ? times(result.handIn) : []),
    ...(groups === null ? [] : pointCells(result, groups)),
    ...columns.map(({ id }) => cellOf(byId.get(id))),
    ...(withHidden ? [pointsCell(result.hiddenChecks?.score ?? null)] : []),
  ];
}

function cellOf(check: CheckResult | undefined): Cell {
  return check === undefined || check.outcome === 'errored' ? null : pointsCell(check.score);
}
