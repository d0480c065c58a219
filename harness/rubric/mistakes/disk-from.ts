/** Mistakes in `disk-from`: a scenario begins with the disks of one that is run before it, has the same drives, and is not secret. */
import { quoted } from '../../evidence/printable.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { IMAGE_SOURCES } from '../../vocabulary/scenario.ts';
import { asMap, asText, type Loose } from '../loose.ts';
import { DEFAULT_CUTS, driveSizeSchema } from '../schema.ts';
import { findCycles } from './cycles.ts';
import { cycleMistake, unknownScenario } from './scenarios.ts';
import { writtenAt } from './written-at.ts';

/** `scenarios`: as extends.ts merges them. */
export function diskFromMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const names = [...scenarios.keys()];
  const origins = new Map(names.map((name) => [name, originOf(scenarios.get(name)!)]));
  const edges = new Map([...origins].map(([name, origin]) => [name, origin === null ? [] : [origin]]));
  const cycles = findCycles(edges);
  const inCycle = new Set(cycles.flat());
  const found = new Map<string, Mistake>();
  for (const [name, origin] of origins) {
    if (origin === null || inCycle.has(name)) continue;
    const path = pathOf(rubric, name, scenarios.get(name)!);
    const one = scenarios.has(origin) ? mistakeOf(rubric, { name, origin, path, names }, scenarios) : unknownScenario(origin, path, names);
    if (one !== null) found.set(one.path.join('/'), one);
  }
  return [
    ...cycles.map((cycle) => cycleMistake('disk-from', cycle, pathOf(rubric, cycle[0]!, scenarios.get(cycle[0]!)!))),
    ...found.values(),
  ];
}

interface Use {
  readonly name: string;
  readonly origin: string;
  readonly path: PropertyKey[];
  readonly names: readonly string[];
}

function mistakeOf(rubric: unknown, { name, origin, path, names }: Use, scenarios: ReadonlyMap<string, Loose>): Mistake | null {
  const [scenario, other] = [scenarios.get(name)!, scenarios.get(origin)!];
  const called = quoted(origin, 60);
  if (names.indexOf(origin) > names.indexOf(name)) {
    const message = `scenario ${called} is run after this one`;
    return { path, code: 'bad-disk-from', message, remedy: `write ${called} above ${quoted(name, 60)}` };
  }
  if (other['visibility'] === 'hidden' && scenario['visibility'] !== 'hidden') {
    const message = `scenario ${called} is hidden: students could not run this one, which begins with its disk`;
    return { path, code: 'bad-disk-from', message, remedy: 'hide this one as well, or show the other' };
  }
  if (schedule(other) !== null) {
    const message = `scenario ${called} is run for several power cuts, and ends with as many disks`;
    return { path, code: 'bad-disk-from', message };
  }
  const { runs, only } = schedule(scenario) ?? {};
  if (typeof only === 'number' && only > (typeof runs === 'number' ? runs : DEFAULT_CUTS)) {
    const message = `there is no power cut number ${only}`;
    return { path: [...path.slice(0, -1), 'only'], code: 'out-of-range', message, remedy: 'a report names one from 1 to `runs`' };
  }
  const drives = Object.entries(asMap(scenario['drives']));
  if (drives.length === 0) return { path, code: 'unknown-drive', message: 'the scenario has no drive that could hold anything' };
  const others = asMap(other['drives']);
  for (const [drive, setup] of drives) {
    if (!Object.hasOwn(others, drive)) {
      const message = `scenario ${called} has no drive ${quoted(drive, 60)}`;
      return { path, code: 'unknown-drive', message, remedy: 'give both scenarios the same drives, in `machine` for one' };
    }
    if (kindOf(setup) !== kindOf(others[drive])) {
      const message = `the drive ${quoted(drive, 60)} is not the same one in scenario ${called}`;
      return { path, code: 'bad-disk-from', message, remedy: 'give it the same size in both, or the same image' };
    }
    const own = asMap(asMap(asMap(asMap(asMap(rubric)['scenarios'])[name])['drives'])[drive]);
    if (Object.hasOwn(own, 'contents')) {
      const message = `"contents" does not go with "disk-from": the drive holds what it held at the end of scenario ${called}`;
      return { path: ['scenarios', name, 'drives', drive, 'contents'], atKey: true, code: 'one-of', message, remedy: 'remove "contents"' };
    }
  }
  return null;
}

/** The scenario that is named, alone or with a schedule of power cuts. */
function originOf({ 'disk-from': from }: Loose): string | null {
  return asText(from) ?? asText(asMap(from)['scenario']);
}

function schedule({ 'disk-from': from }: Loose): Loose | null {
  return asText(from) === null && Object.hasOwn(asMap(from), 'power') ? asMap(from) : null;
}

function pathOf(rubric: unknown, name: string, scenario: Loose): PropertyKey[] {
  return writtenAt(rubric, name, schedule(scenario) === null ? ['disk-from'] : ['disk-from', 'scenario']);
}

/** What decides how large a drive's image is. */
function kindOf(drive: unknown): string {
  const { size, ...rest } = asMap(drive);
  return JSON.stringify([driveSizeSchema.safeParse(size).data ?? null, ...IMAGE_SOURCES.map((key) => rest[key] ?? null)]);
}
