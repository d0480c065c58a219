/** Faults on purpose that cannot happen: of drives that the scenario does not have, or a second one of the same request. */
import { suggestion } from '../../vocabulary/did-you-mean.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { faultSchema, resolveFault } from '../faults.ts';
import { asList, asMap, asText, type Loose } from '../loose.ts';
import { writtenAt } from './written-at.ts';

/** Drives that a scenario does not have, and faults of which only one can happen. `scenarios`: as extends.ts merges them. */
export function faultMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const [scenario, { faults, drives }] of scenarios) {
    const path = writtenAt(rubric, scenario, ['faults']);
    const names = Object.keys(asMap(drives));
    // The mistakes of a list that several scenarios inherit are reported once.
    for (const mistake of [...driveMistakes(faults, names, path), ...requestMistakes(faults, names, path)]) {
      found.set(`${mistake.code} ${mistake.path.join('/')}`, mistake);
    }
  }
  return [...found.values()];
}

function driveMistakes(faults: unknown, drives: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  return asList(faults).flatMap((written, index): Mistake[] => {
    const named = asText(asMap(written)['drive']);
    if (named === null ? drives.length > 0 : drives.includes(named)) return [];
    if (named === null) return [{ path: [...path, index], code: 'unknown-drive', message: 'the scenario has no drive' }];
    const message = `the scenario has no drive "${named}"`;
    return [{ path: [...path, index, 'drive'], code: 'unknown-drive', message, remedy: suggestion(named, drives) }];
  });
}

/**
 * Two faults of one request. Before the run nobody can know that the second OUT is also the drive's fifth request; then the first in the
 * list counts.
 */
function requestMistakes(faults: unknown, drives: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  const first = new Map<string, number>();
  return asList(faults).flatMap((written, index): Mistake[] => {
    const parsed = faultSchema.safeParse(written);
    if (!parsed.success) return [];
    const { drive, type, nth } = resolveFault(parsed.data, drives[0] ?? '', 1);
    const key = JSON.stringify([drive, type, nth]);
    const before = first.get(key);
    first.set(key, before ?? index);
    if (before === undefined) return [];
    const message = `item ${before + 1} has a fault for this request already`;
    return [{ path: [...path, index, 'request'], code: 'overlap', message, remedy: 'one request has one fault' }];
  });
}
