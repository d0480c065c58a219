/** The rubric of which students have the whole report: without hidden checks, and without the runs that only those look at. */
import { isHidden, type Rubric } from '../rubric/types.ts';

/** A visible check no longer needs a hidden one: what that says cannot be known here. */
export function visibleRubric(rubric: Rubric): Rubric {
  const checks = rubric.checks.filter((check) => !isHidden(check, rubric));
  const ids = new Set(checks.map(({ id }) => id));
  return {
    ...rubric,
    scenarios: rubric.scenarios.filter(({ hidden }) => !hidden),
    checks: checks.map((check) => ({ ...check, needs: check.needs.filter((id) => ids.has(id)) })),
  };
}
