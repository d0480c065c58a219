/** Where something that a scenario has, of its own or by `extends` and `machine:`, stands in the rubric. */
import { asMap, asText } from '../loose.ts';

/** The path of the scenario's `keys`, as far up the inheritance as they are written; the scenario's own where they are nowhere. */
export function writtenAt(rubric: unknown, scenario: string, keys: readonly PropertyKey[]): PropertyKey[] {
  const { machine, scenarios } = asMap(rubric);
  const written = asMap(scenarios);
  const seen = new Set<string>();
  for (let at: string | null = scenario; at !== null && Object.hasOwn(written, at) && !seen.has(at); ) {
    if (has(written[at], keys)) return ['scenarios', at, ...keys];
    seen.add(at);
    at = asText(asMap(written[at])['extends']);
  }
  return has(machine, keys) ? ['machine', ...keys] : ['scenarios', scenario, ...keys];
}

function has(value: unknown, [first, ...rest]: readonly PropertyKey[]): boolean {
  return first === undefined || (Object.hasOwn(asMap(value), first) && has(asMap(value)[String(first)], rest));
}
