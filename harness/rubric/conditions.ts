/** `needs` of a scenario: which checks of earlier scenarios must have passed for it to be run at all. */
import { suggestion } from '../vocabulary/did-you-mean.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { asList, asMap, asText, asTexts, type Loose } from './loose.ts';
import type { ScenarioInput } from './schema.ts';
import type { Check, Conditions } from './types.ts';

/** `scenarios`: in their order. */
export function resolveConditions(
  written: Readonly<Record<string, ScenarioInput>>,
  scenarios: readonly Pick<Scenario, 'name' | 'diskFrom'>[],
  checks: readonly Check[],
): Conditions {
  const conditions: Record<string, readonly string[]> = {};
  for (const { name: scenario, diskFrom } of scenarios) {
    const needs = written[scenario]?.needs ?? [];
    const own = 'scenario' in needs ? countedChecks(needs.scenario, checks) : needs;
    // Where there was no run, there is no disk to go on with.
    const all = [...own, ...(diskFrom === null ? [] : (conditions[diskFrom] ?? []))];
    if (all.length > 0) conditions[scenario] = [...new Set(all)];
  }
  return conditions;
}

function countedChecks(scenario: string, checks: readonly Check[]): string[] {
  return checks.filter((check) => check.scenario === scenario && check.points > 0).map(({ id }) => id);
}

/** Names that do not exist, and checks that nobody can know when the scenario's turn comes. `scenarios`: as extends.ts merges them. */
export function conditionMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const { scenarios: written, checks } = asMap(rubric);
  const names = [...scenarios.keys()];
  const known = new Map(
    asList(checks)
      .map(asMap)
      .map((check) => [asText(check['id']) ?? '', check]),
  );
  return names.flatMap((scenario, index): Mistake[] => {
    const needs = asMap(asMap(written)[scenario])['needs'];
    const path = ['scenarios', scenario, 'needs'];
    const earlier = names.slice(0, index);
    const whole = asText(asMap(needs)['scenario']);
    if (whole !== null) return earlier.includes(whole) ? [] : [notEarlier(whole, [...path, 'scenario'], names)];
    return asTexts(needs, path).flatMap((one): Mistake[] => {
      if (!known.has(one.text)) {
        const remedy = suggestion(one.text, [...known.keys()]);
        return [{ path: one.path, code: 'unknown-check', message: `there is no check "${one.text}"`, remedy }];
      }
      const late = scenariosOf(one.text, known, names[0] ?? '').find((other) => scenarios.has(other) && !earlier.includes(other));
      if (late === undefined) return [];
      const message = `the check "${one.text}" is not decided before this scenario: it needs the scenario ${late}`;
      return [{ path: one.path, code: 'cycle', message, remedy: 'scenarios are run in their order: write this one later' }];
    });
  });
}

function notEarlier(name: string, path: PropertyKey[], names: readonly string[]): Mistake {
  if (!names.includes(name))
    return { path, code: 'unknown-scenario', message: `there is no scenario "${name}"`, remedy: suggestion(name, names) };
  const message = `the scenario "${name}" is not run before this one`;
  return { path, code: 'cycle', message, remedy: 'scenarios are run in their order: write this one later' };
}

/** Scenarios that decide the check: its own, and those of the checks that it needs in turn. */
function scenariosOf(id: string, checks: ReadonlyMap<string, Loose>, first: string): string[] {
  const seen = new Set([id]);
  for (const one of seen) for (const need of asTexts(checks.get(one)?.['needs'], [])) seen.add(need.text);
  return [...seen].flatMap((one) => {
    const check = checks.get(one);
    return check === undefined || Object.hasOwn(check, 'file') ? [] : [asText(check['in']) ?? first];
  });
}
