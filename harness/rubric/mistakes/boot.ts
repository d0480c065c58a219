/** Machines on which no kernel could boot, by what the rubric gives them: a firmware that is not for RISC-V, an initrd larger than RAM. */
import type { Mistake } from '../../vocabulary/problem.ts';
import type { MachineSetup } from '../../vocabulary/scenario.ts';
import type { Rubric } from '../types.ts';
import { writtenAt } from './written-at.ts';

/** `key`: which of the rubric's keys is at fault; `index`: of an item of a list. */
export type MachineProblem = (
  machine: MachineSetup,
) => { readonly key: 'bios' | 'initrd' | 'loader' | 'flash' | 'memory'; readonly index?: number; readonly message: string } | null;

/** `rubric` is what was written, `loaded` what it means. */
export function unbootable(rubric: unknown, { scenarios }: Rubric, problemOf: MachineProblem): Mistake[] {
  const found = new Map<string, Mistake>();
  for (const { name, machine } of scenarios) {
    const problem = problemOf(machine);
    if (problem === null) continue;
    const path = [...writtenAt(rubric, name, [problem.key]), ...(problem.index === undefined ? [] : [problem.index])];
    found.set(path.join('/'), { path, code: 'unbootable', message: `no kernel can boot on this machine: ${problem.message}` });
  }
  return [...found.values()];
}
