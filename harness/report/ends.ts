/**
 * Why each run ended, and the broken rules of each run, where several runs have the same: it is said once, with the names of all of them.
 */
import { describeStop } from '../evidence/stop.ts';
import type { ScenarioResult, SubmissionResult } from '../result/result.ts';
import { linesOf } from './details.ts';
import { indented, type Line, plain, sentence } from './lines.ts';
import { type Colors, clean, count } from './words.ts';

/** The part of a result that is shown here. */
type RunsAndBuild = Pick<SubmissionResult, 'scenarios' | 'build' | 'random'>;

/** Why the machine stopped, where the kernel was then, and how much it had done: for the scenarios in which one was booted. */
export function stopLines(result: RunsAndBuild, colors: Colors): Line[] {
  const { scenarios } = result;
  const booted = scenarios.filter(({ stop }) => stop.reason !== 'not-bootable');
  const explained = booted.map((scenario) => ({
    scenario,
    facts: factsOf(scenario),
    lines: scenario.why.flatMap((detail) => linesOf(detail, colors)),
  }));
  // How much a kernel had done may differ where the reason of its end is the same.
  const groups = grouped(explained, ({ scenario, facts, lines }) => [
    describeStop(scenario.stop),
    ...(lines.length > 0 ? lines.map(plain) : [facts]),
  ]);
  const lines = groups.flatMap((group) => [
    ...grouped(group, ({ facts }) => [facts]).map((same) => {
      const where = whereOf(
        same.map(({ scenario }) => scenario),
        booted.length,
      );
      return sentence(colors.dim(`${where}${same[0]!.facts}`), '', 2);
    }),
    ...group[0]!.lines.map((line) => indented(line, 2)),
  ]);
  return [...lines, ...noteLines(result).map((line) => sentence(line))];
}

function factsOf({ stop, instructions, requests }: ScenarioResult): string {
  return [`machine stopped: ${describeStop(stop)}`, count(instructions, 'instruction'), count(requests, 'request')].join(' · ');
}

/** Those of which the texts are the same, in the order of the first of each. */
export function grouped<T>(all: readonly T[], textsOf: (one: T) => readonly string[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = textsOf(one).join('\n');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()];
}

/** What stands before a sentence about these scenarios: nothing where there is only one. `total`: how many there are. */
export function whereOf(scenarios: readonly Pick<ScenarioResult, 'name' | 'hidden'>[], total: number): string {
  if (total === 1) return '';
  const names = scenarios.map(({ name, hidden }) => `${clean(name)}${hidden ? ' (hidden)' : ''}`);
  return names.length === 1 ? `${names[0]}: ` : `in scenarios ${names.slice(0, -1).join(', ')} and ${names.at(-1)}: `;
}

/** What is said once, however many runs there were. */
export function noteLines(result: RunsAndBuild): string[] {
  return [...remedyLines(result), ...randomLines(result)];
}

/** Values that nobody else has, and how to get the same ones for another kernel. */
function randomLines({ random }: RunsAndBuild): string[] {
  if (random === undefined || random.values.length === 0) return [];
  const values = random.values.map(({ name, value }) => `${clean(name)}=${clean(value)}`).join(',');
  return [`note: these runs had values of their own. With the same ones again: bootgrade check --values ${values}`];
}

/** How to build the kernel so that the next report names source lines. */
function remedyLines({ scenarios, build }: RunsAndBuild): string[] {
  const remedy = scenarios.find((one) => one.remedy !== undefined)?.remedy;
  const tried = build?.noLines ?? null;
  return remedy === undefined ? [] : [`note: ${clean(remedy)}${tried === null ? '' : ` For lines ${clean(tried)}.`}`];
}
