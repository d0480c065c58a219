/**
 * Mistakes in `machine:` and `scenarios:` that the schema alone cannot find: bases that must exist, drives without a size or
 * with two images, a processor that the machine does not have, and `\n` where YAML does not make it an enter key. Like mistakes/checks.ts, it works on the
 * values as written.
 */
import { quoted } from '../../evidence/printable.ts';
import { suggestion } from '../../vocabulary/did-you-mean.ts';
import type { Mistake } from '../../vocabulary/problem.ts';
import { IMAGE_SOURCES, type ImageSource } from '../../vocabulary/scenario.ts';
import { asList, asMap, asText, type Loose } from '../loose.ts';
import { MOST_SCENARIOS } from '../schema.ts';
import { findCycles } from './cycles.ts';
import { writtenAt } from './written-at.ts';

export interface Outside {
  /** Whether the scalar at a path is written without quotation marks. */
  isPlain: (path: readonly PropertyKey[]) => boolean;
  /** What is wrong with a `cpu`; null: nothing. */
  cpuProblem: (cpu: string) => string | null;
}

/** `merged`: as extends.ts merges the scenarios. */
export function scenarioMistakes(rubric: unknown, merged: ReadonlyMap<string, Loose>, { isPlain, cpuProblem }: Outside): Mistake[] {
  const { machine, scenarios } = asMap(rubric);
  const written = asMap(scenarios);
  const names = Object.keys(written).slice(0, MOST_SCENARIOS);
  return [
    ...extendsMistakes(written),
    ...cpuMistakes(asMap(machine)['cpu'], ['machine', 'cpu'], cpuProblem),
    ...names.flatMap((name) => cpuMistakes(asMap(written[name])['cpu'], ['scenarios', name, 'cpu'], cpuProblem)),
    ...names.flatMap((name) => keyMistakes(asMap(written[name])['keys'], ['scenarios', name, 'keys'], isPlain)),
    ...sizeMistakes(asMap(machine), merged),
    ...wholeImageMistakes(rubric, merged),
  ];
}

function extendsMistakes(scenarios: Loose): Mistake[] {
  const names = Object.keys(scenarios);
  const bases = new Map(names.map((name) => [name, asText(asMap(scenarios[name])['extends'])]));
  const unknown = [...bases].flatMap(([name, base]): Mistake[] => {
    if (base === null || bases.has(base)) return [];
    return [unknownScenario(base, ['scenarios', name, 'extends'], names)];
  });
  const edges = new Map([...bases].map(([name, base]) => [name, base === null ? [] : [base]]));
  const cycles = findCycles(edges).map((cycle) => cycleMistake('extends', cycle, ['scenarios', cycle[0]!, 'extends']));
  return [...unknown, ...cycles];
}

export function unknownScenario(name: string, path: PropertyKey[], names: readonly string[]): Mistake {
  return { path, code: 'unknown-scenario', message: `there is no scenario ${quoted(name, 60)}`, remedy: suggestion(name, names) };
}

export function cycleMistake(word: string, cycle: readonly string[], path: PropertyKey[]): Mistake {
  return { path, code: 'cycle', message: `\`${word}\` goes round in a circle: ${[...cycle, cycle[0]].join(' → ')}` };
}

function cpuMistakes(cpu: unknown, path: PropertyKey[], cpuProblem: Outside['cpuProblem']): Mistake[] {
  const message = typeof cpu === 'string' && cpu !== '' ? cpuProblem(cpu) : null;
  return message === null ? [] : [{ path, code: 'unknown-cpu', message }];
}

/** `type: hello\\n` types a backslash and an n, which is hardly ever meant. */
function keyMistakes(keys: unknown, path: PropertyKey[], isPlain: Outside['isPlain']): Mistake[] {
  return asList(keys).flatMap((press, index): Mistake[] => {
    const at = [...path, index, 'type'];
    if (!/\\[nrt0xe]/.test(asText(asMap(press)['type']) ?? '') || !isPlain(at)) return [];
    const message = 'without quotation marks, a backslash is typed as it is';
    return [{ path: at, code: 'unquoted-escape', message, remedy: 'use "…" for enter and other escapes, \'…\' for a backslash' }];
  });
}

/** A drive may get its size from the machine or from a scenario, but must get one. */
function sizeMistakes(machine: Loose, merged: ReadonlyMap<string, Loose>): Mistake[] {
  const machineDrives = asMap(machine['drives']);
  const found = new Map<string, Mistake>();
  for (const [scenario, { drives }] of merged) {
    for (const [name, drive] of Object.entries(asMap(drives))) {
      if (['size', ...WHOLE_IMAGES].some((key) => Object.hasOwn(asMap(drive), key))) continue;
      const path = Object.hasOwn(machineDrives, name) ? ['machine', 'drives', name] : ['scenarios', scenario, 'drives', name];
      found.set(path.join('/'), {
        path,
        code: 'missing-key',
        message: `the drive ${quoted(name, 60)} has no size`,
        remedy:
          'e.g. size: 64M; or image: fs.img for a file of the course, built: fs.img for an image that comes out of the build, submitted: fs.img for one that is handed in',
      });
    }
  }
  return [...found.values()];
}

/** Keys of a drive whose image is a whole file, and why none of the others goes with them. */
const WHY_ALONE: Record<ImageSource | 'image', string> = {
  built: 'an image that comes out of the build has its own size and contents',
  submitted: 'an image that was handed in has its own size and contents',
  image: 'a file has its own size and contents',
};
const WHOLE_IMAGES = [...IMAGE_SOURCES, 'image'] as const;

/** The keys of one drive may stand in several places: what counts is what a scenario gets of them. */
function wholeImageMistakes(rubric: unknown, merged: ReadonlyMap<string, Loose>): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const [scenario, { drives }] of merged) {
    for (const [name, drive] of Object.entries(asMap(drives))) {
      const has = (key: string) => Object.hasOwn(asMap(drive), key);
      const [whole, ...more] = WHOLE_IMAGES.filter(has);
      const others = [...more, ...['size', 'contents'].filter(has)];
      if (whole === undefined || others.length === 0) continue;
      const path = writtenAt(rubric, scenario, ['drives', name, whole]);
      const keys = others.map((key) => `"${key}"`).join(' and ');
      found.set(path.join('/'), {
        path,
        atKey: true,
        code: 'one-of',
        message: `"${whole}" does not go with ${keys}: ${WHY_ALONE[whole]}`,
        remedy: `remove ${keys}, or "${whole}"`,
      });
    }
  }
  return [...found.values()];
}
