/** Mistakes in `disk-from`: a scenario begins with the disks of one that is run before it, has the same drives, and is not secret. */
import { quoted } from '../../evidence/printable.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { IMAGE_SOURCES } from '../../vocabulary/scenario.ts';
import { asMap, asText, type Loose } from '../loose.ts';
import { driveSizeSchema } from '../schema.ts';
import { findCycles } from './cycles.ts';
import { cycleMistake, unknownScenario } from './scenarios.ts';
import { writtenAt } from './written-at.ts';

/** `scenarios`: as extends.ts merges them. */
export function diskFromMistakes(rubric: unknown, scenarios: ReadonlyMap<string, Loose>): Mistake[] {
  const names = [...scenarios.keys()];
  const origins = new Map(names.map((name) => [name, asText(scenarios.get(name)!['disk-from'])]));
  const edges = new Map([...origins].map(([name, origin]) => [name, origin === null ? [] : [origin]]));
  const cycles = findCycles(edges);
  const inCycle = new Set(cycles.flat());
  const found = new Map<string, Mistake>();
  for (const [name, origin] of origins) {
    if (origin === null || inCycle.has(name)) continue;
    const path = writtenAt(rubric, name, ['disk-from']);
    const one = scenarios.has(origin) ? mistakeOf(rubric, { name, origin, path, names }, scenarios) : unknownScenario(origin, path, names);
    if (one !== null) found.set(one.path.join('/'), one);
  }
  return [...cycles.map((cycle) => cycleMistake('disk-from', cycle, writtenAt(rubric, cycle[0]!, ['disk-from']))), ...found.values()];
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

/** What decides how large a drive's image is. */
function kindOf(drive: unknown): string {
  const { size, ...rest } = asMap(drive);
  return JSON.stringify([driveSizeSchema.safeParse(size).data ?? null, ...IMAGE_SOURCES.map((key) => rest[key] ?? null)]);
}
