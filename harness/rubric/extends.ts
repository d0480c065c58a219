/** `extends`, and `machine:` under it: maps merge, lists and scalars replace. */
import { asMap, asText, type Loose } from './loose.ts';
import { MOST_SCENARIOS } from './schema.ts';

/** Keys of a scenario that are about the scenario itself: a base does not pass them on. */
const OWN_KEYS = ['extends', 'needs'];

/**
 * Every scenario with all that it inherits, in the rubric's order. A cycle or an unknown base ends the inheritance (the
 * loader reports both). Lists stay the very objects that were written, so that their place in the file is known.
 */
export function mergedScenarios(rubric: unknown): Map<string, Loose> {
  const { machine, scenarios } = asMap(rubric);
  const written = asMap(scenarios);
  const merged = new Map<string, Loose>();
  for (const name of Object.keys(written).slice(0, MOST_SCENARIOS)) {
    const parts: Loose[] = [];
    const seen = new Set<string>();
    for (let at: string | null = name; at !== null && Object.hasOwn(written, at) && !seen.has(at); ) {
      seen.add(at);
      const scenario = asMap(written[at]);
      parts.unshift(scenario);
      at = asText(scenario['extends']);
    }
    const result = [asMap(machine), ...parts].reduce(merge, {});
    for (const key of OWN_KEYS) delete result[key];
    merged.set(name, result);
  }
  return merged;
}

function merge(base: Loose, over: Loose): Loose {
  const result: Loose = { ...base };
  for (const [key, value] of Object.entries(over)) {
    result[key] = isMap(value) && isMap(base[key]) ? merge(asMap(base[key]), asMap(value)) : value;
  }
  return result;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
