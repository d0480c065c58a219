/**
 * Races for the memory of buffers. A run is watched for them if its rubric asks for it. If only the grading asks for everything, the run is
 * repeated and watched, and what this shows does not change the grade. The place where each race began is then looked up like any other.
 */
import { hex } from '../bytes/hex.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CodeStack, RaceExplanation } from '../evidence/explanation.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import { runScenario } from '../run/scenario.ts';
import type { KernelCode } from './code.ts';
import type { Replay, ReplayedRun } from './replay.ts';

/** Races whose calls are looked up; for the others there is only the line of the instruction. */
const MOST_LOCATED = 64;

/** The findings that are races; null if the run was not watched for them to its end. */
export function findRaces(
  { scenario, images, kernel, host }: ReplayedRun,
  evidence: Evidence,
  { watch }: { watch: boolean },
): FindingEvidence[] | null {
  if (scenario.races) return evidence.findings.filter(isRace);
  if (!watch) return null;
  const watched = runScenario({ ...scenario, races: true }, images, kernel, host);
  // Cut short, a poll of the status byte looks like a race.
  return watched.stop.reason !== evidence.stop.reason ? null : watched.findings.filter(isRace);
}

/** Only for these the instruction is known. */
function isRace({ pc }: FindingEvidence): boolean {
  return pc !== null;
}

/** Where races began. */
export class RacePlaces {
  readonly #races: readonly FindingEvidence[];
  readonly #stacks = new Map<FindingEvidence, CodeStack>();

  constructor(races: readonly FindingEvidence[]) {
    this.#races = races;
  }

  /** Guest times, each just before an instruction that is to be looked at. */
  get times(): number[] {
    return [...new Set(this.#races.slice(0, MOST_LOCATED).map(({ time }) => time - 1))];
  }

  /** To be called when the run has come to one of the times. */
  look({ machine }: Replay, code: KernelCode): void {
    const pc = hex(machine.debug.pc());
    for (const race of this.#races) {
      if (race.time - 1 === machine.now() && race.pc === pc) this.#stacks.set(race, code.stack(snapshotOf(machine)));
    }
  }

  /** Only with the line of the instruction, if the calls were not looked up. */
  answers(code: KernelCode): RaceExplanation[] {
    return this.#races.map((finding) => ({ finding, stack: this.#stacks.get(finding) ?? instructionAlone(finding.pc!, code) }));
  }
}

function instructionAlone(pc: string, code: KernelCode): CodeStack {
  return { places: [code.place(BigInt(pc))], leftOut: 0, notes: [] };
}
