/**
 * What students may see of a result. A result for students is made only here, by leaving parts out: a report that is made from it
 * cannot show what is not in it.
 */
import type { Evidence } from '../evidence/evidence.ts';
import type { CheckResult, HiddenChecks, ScenarioResult, Student, SubmissionResult } from '../result/result.ts';
import { isHidden, type Rubric, unlistedOf } from '../rubric/types.ts';
import { sumPoints } from './points.ts';
import { maxOf } from './score.ts';

function isVisible({ hidden }: { readonly hidden: boolean }): boolean {
  return !hidden;
}

/**
 * A roster may hold what a student is not to read of themselves, and gets into reports that others see: notes, e-mail addresses. What a platform
 * calls a student is no secret, and its own file for import finds the student by it.
 */
function withoutColumns(students: readonly Student[]): Student[] {
  return students.map((student) => ({ ...student, columns: {} }));
}

/** What is wrong with the course's own code is nothing that a student could mend. */
function withoutFindingsOfCourse(scenario: ScenarioResult): ScenarioResult {
  return { ...scenario, findings: scenario.findings.filter(({ ofCourse }) => ofCourse !== true) };
}

/** `reason`: why the submission as a whole failed or errored, without what is hidden. */
export function forStudents(result: SubmissionResult, reason: string | null): SubmissionResult {
  const scenarios = result.scenarios.filter(isVisible).map(withoutFindingsOfCourse);
  const names = scenarios.map(({ name }) => name);
  const { files: all = [], points, random, ...rest } = result;
  const files = all.filter(isVisible);
  return {
    ...rest,
    audience: 'student',
    reason,
    checks: result.checks.filter(isVisible),
    hiddenChecks: summaryOf(result.checks.filter(({ hidden }) => hidden)),
    scenarios,
    ...(points === undefined ? {} : { points: { ...points, groups: points.groups.filter(isVisible) } }),
    ...(files.length === 0 ? {} : { files }),
    ...(random === undefined ? {} : { random: { ...random, values: random.values.filter(isVisible) } }),
    images: Object.fromEntries(Object.entries(result.images).filter(([image]) => names.includes(image.slice(0, image.lastIndexOf('/'))))),
  };
}

/** The same of a result that was made for instructors, whose reason may name what is hidden. */
export function studentVersion(result: SubmissionResult): SubmissionResult {
  const { audience, checks, outcome, reason } = result;
  if (audience === 'student') return result;
  const told = reason === null || checks.some((check) => !check.hidden && check.reason === reason);
  return forStudents(
    { ...result, students: withoutColumns(result.students) },
    told ? reason : outcome === 'errored' ? 'the grader is at fault in a run' : 'the kernel cannot be booted in a run',
  );
}

/** Count and points of checks that are not shown one by one. */
export function summaryOf(hidden: readonly CheckResult[]): HiddenChecks | null {
  if (hidden.length === 0) return null;
  const errored = hidden.some(({ outcome }) => outcome === 'errored');
  return {
    count: hidden.length,
    score: errored ? null : sumPoints(hidden.map(({ score }) => score)),
    maxScore: sumPoints(hidden.map(maxOf)),
  };
}

/** Evidence of a visible scenario: explanations and facts tell what checks asked, the hidden ones included. The report has those that are shown. */
export function evidenceForStudents({ facts: _, ...evidence }: Evidence): Evidence {
  return { ...evidence, explanations: null };
}

/**
 * The rubric whose whole report students may see: without hidden checks, and without the runs that only those look at. A visible check
 * no longer needs a hidden one: what that says cannot be known here.
 */
export function visibleRubric(rubric: Rubric): Rubric {
  const checks = rubric.checks.filter((check) => !isHidden(check, rubric));
  const ids = new Set(checks.map(({ id }) => id));
  const groups = new Set(checks.map(({ group }) => group));
  return {
    ...rubric,
    conditions: Object.fromEntries(
      Object.entries(rubric.conditions).map(([scenario, needs]) => [scenario, needs.filter((id) => ids.has(id))]),
    ),
    groups: rubric.groups.filter(({ id }) => groups.has(id)),
    scenarios: rubric.scenarios.filter(({ hidden }) => !hidden),
    unlisted: unlistedOf(rubric),
    checks: checks.map((check) => ({ ...check, needs: check.needs.filter((id) => ids.has(id)) })),
  };
}
