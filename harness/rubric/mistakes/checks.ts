/**
 * Mistakes in checks that the schema alone cannot find: names that must exist, ids that must differ, cycles, parts that must fit together.
 * It works on the values as written, valid or not, so that these mistakes are reported together with the schema's.
 */

import type { z } from 'zod';
import { FLASH } from '../../../machine/spec/virt-board.ts';
import { type CheckKindName, checkKindNames, checkKinds, isHandInKind } from '../../checks/index.ts';
import type { CheckKind } from '../../checks/kind.ts';
import { suggestion } from '../../vocabulary/did-you-mean.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { flashName } from '../../vocabulary/scenario.ts';
import { asList, asMap, asText, asTexts, type Loose } from '../loose.ts';
import { driveSizeSchema, MOST_CHECKS } from '../schema.ts';
import { findCycles } from './cycles.ts';
import { cycleMistake, unknownScenario } from './scenarios.ts';

/** `scenarios`: as extends.ts merges them. */
export function referenceMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const written = asList(asMap(rubric)['checks']).slice(0, MOST_CHECKS);
  const checks = written.map((value, index): LooseCheck => looseCheck(asMap(value), index, scenarios));
  const isBuilt = Object.hasOwn(asMap(asMap(rubric)['submission']), 'build');
  return [
    ...idMistakes(checks),
    ...checks.flatMap((check) => checkMistakes(check, checks, scenarios)),
    ...(isBuilt ? [] : checks.flatMap(unbuiltMistakes)),
  ];
}

interface LooseCheck {
  path: PropertyKey[];
  value: Loose;
  id: string | null;
  needs: { text: string; path: PropertyKey[] }[];
  like: string | null;
  /** The name written or implied; null if none is known. */
  scenario: string | null;
}

function looseCheck(value: Loose, index: number, scenarios: ReadonlyMap<string, Loose>): LooseCheck {
  const path = ['checks', index];
  return {
    path,
    value,
    id: asText(value['id']),
    needs: asTexts(value['needs'], [...path, 'needs']),
    like: asText(asMap(value['request'])['like']),
    scenario: handInKindOf(value) !== undefined ? null : (asText(value['in']) ?? [...scenarios.keys()][0] ?? null),
  };
}

/** The kind of a check that is about no run. */
function handInKindOf(value: Loose): CheckKindName | undefined {
  return checkKindNames.find((kind) => isHandInKind(kind) && Object.hasOwn(value, kind));
}

function idMistakes(checks: readonly LooseCheck[]): Mistake[] {
  const first = new Map<string, LooseCheck>();
  const mistakes: Mistake[] = [];
  for (const check of checks) {
    if (check.id === null) continue;
    if (first.has(check.id)) {
      mistakes.push({
        path: [...check.path, 'id'],
        code: 'duplicate-id',
        message: `there is a check "${check.id}" already`,
        remedy: 'ids must differ',
      });
    } else first.set(check.id, check);
  }
  const needs = new Map([...first].map(([id, check]) => [id, check.needs.map((need) => need.text)]));
  const likes = new Map([...first].map(([id, check]) => [id, check.like === null ? [] : [check.like]]));
  for (const cycle of findCycles(needs)) mistakes.push(cycleMistake('needs', cycle, [...first.get(cycle[0]!)!.path, 'needs']));
  for (const cycle of findCycles(likes)) mistakes.push(cycleMistake('like', cycle, [...first.get(cycle[0]!)!.path, 'request', 'like']));
  return mistakes;
}

function checkMistakes(check: LooseCheck, checks: readonly LooseCheck[], scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const mistakes = [
    ...kindCountMistakes(check),
    ...needMistakes(check, checks),
    ...likeMistakes(check, checks),
    ...kindMistakes(check, scenarios),
  ];
  const named = asText(check.value['in']);
  const handIn = handInKindOf(check.value);
  if (named !== null && handIn !== undefined) {
    const message = `"in" does not go with "${handIn}", which is about what was handed in and not about a run`;
    mistakes.push({ path: [...check.path, 'in'], atKey: true, code: 'one-of', message, remedy: 'remove "in"' });
    return mistakes;
  }
  if (named !== null && !scenarios.has(named)) mistakes.push(unknownScenario(named, [...check.path, 'in'], [...scenarios.keys()]));
  return mistakes;
}

function kindCountMistakes({ value, path }: LooseCheck): Mistake[] {
  const given = checkKindNames.filter((kind) => Object.hasOwn(value, kind));
  if (given.length === 1) return [];
  const message = given.length === 0 ? 'the check says nothing about what to look at' : `the check looks at ${given.join(' and ')}`;
  return [
    {
      path: given.length === 0 ? path : [...path, given[1]!],
      atKey: true,
      code: 'one-of',
      message,
      remedy: `give it one of ${checkKindNames.join(', ')}`,
    },
  ];
}

function idsOf(checks: readonly LooseCheck[]): string[] {
  return checks.flatMap((one) => (one.id === null ? [] : [one.id]));
}

function unbuiltMistakes({ path, value }: LooseCheck): Mistake[] {
  if (!Object.hasOwn(value, 'build')) return [];
  const message = 'nothing is built here: `submission` has no `build`';
  return [{ path: [...path, 'build'], atKey: true, code: 'missing-key', message, remedy: 'say in `submission` how a kernel is made' }];
}

function needMistakes({ needs }: LooseCheck, checks: readonly LooseCheck[]): Mistake[] {
  return needs.flatMap(({ text, path }): Mistake[] =>
    checks.some((one) => one.id === text) ? [] : [unknownCheck(text, path, idsOf(checks))],
  );
}

export function unknownCheck(id: string, path: PropertyKey[], ids: readonly string[]): Mistake {
  return { path, code: 'unknown-check', message: `there is no check "${id}"`, remedy: suggestion(id, ids) };
}

function likeMistakes({ like, path, value, scenario }: LooseCheck, checks: readonly LooseCheck[]): Mistake[] {
  if (like === null) return [];
  const at = [...path, 'request', 'like'];
  const other = checks.find((one) => one.id === like);
  if (other === undefined) return [unknownCheck(like, at, idsOf(checks.filter((one) => Object.hasOwn(one.value, 'request'))))];
  if (!Object.hasOwn(other.value, 'request'))
    return [{ path: at, code: 'bad-like', message: `the check "${like}" is not about a request` }];
  if (isHidden(other.value) && !isHidden(value)) {
    const message = `the check "${like}" is hidden: this one would show what it looks at`;
    return [{ path: at, code: 'bad-like', message, remedy: 'hide this check as well, or say here which request is meant' }];
  }
  if (other.scenario === scenario) return [];
  return [{ path: at, code: 'bad-like', message: `the check "${like}" looks at another scenario, ${other.scenario ?? 'unknown'}` }];
}

function isHidden(check: Loose): boolean {
  return check['visibility'] === 'hidden';
}

/** What the check's own kind has to say, where its part is valid by itself. */
function kindMistakes({ value, path, scenario }: LooseCheck, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const points = typeof value['points'] === 'number' ? value['points'] : null;
  const machine = scenario === null ? undefined : scenarios.get(scenario);
  const drives = drivesOf(machine);
  const images = drives && new Map([...drives, ...writableUnits(machine).map((name) => [name, FLASH.size] as const)]);
  return checkKindNames.flatMap((name) => {
    // As in checks/index.ts: a lookup by a union loses that each schema goes with its own function.
    const kind = checkKinds[name] as unknown as CheckKind<z.ZodType>;
    if (kind.mistakes === undefined || !Object.hasOwn(value, name)) return [];
    const parsed = kind.schema.safeParse(value[name]);
    if (!parsed.success) return [];
    return kind.mistakes(parsed.data, { points, drives, images }).map((one) => ({ ...one, path: [...path, name, ...one.path] }));
  });
}

/** Units of flash memory that can be written, by the names that evidence has for them. */
export function writableUnits(machine: Loose | undefined): string[] {
  return asList(machine?.['flash']).flatMap((unit, index) => (asMap(unit)['writable'] === true ? [flashName(index)] : []));
}

function drivesOf(scenario: Loose | undefined): Map<string, number | null> | null {
  if (scenario === undefined) return null;
  const drives = Object.entries(asMap(scenario['drives']));
  return new Map(drives.map(([name, drive]) => [name, driveSizeSchema.safeParse(asMap(drive)['size']).data ?? null]));
}
