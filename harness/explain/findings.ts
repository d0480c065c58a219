/**
 * Where a driver broke the rules of the specification. Each finding has its instruction, and the calls that led to it are looked up in the
 * repeated run. Races for the memory of buffers are seen only in a run that is watched for them. A run is watched if its rubric asks for it.
 * If only the grading asks for everything, the run is repeated and watched, and what this shows does not change the grade.
 */
import { hex } from '../bytes/hex.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { LocatedFinding } from '../evidence/explanation.ts';
import type { FindingEvidence, Severity } from '../evidence/finding.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import type { Host } from '../run/host.ts';
import { ScenarioRun } from '../run/scenario.ts';
import type { KernelCode } from './code.ts';
import type { Replay, ReplayedRun } from './replay.ts';

/** Findings whose calls are looked up; for the others there is only the line of the instruction. */
const MOST_LOCATED = 64;

/** Units of work of a run that is watched only for its explanation, and ended by itself before: watching costs more than the run itself did. */
const MOST_WATCHED = 20e9;

const WEIGHTS: Readonly<Record<Severity, number>> = { must: 0, should: 1, note: 2 };

/** The findings that have an instruction: those of the run itself and, with `watch`, the races that a watched run has. */
export function placedFindings(
  { scenario, images, kernel, host }: ReplayedRun,
  evidence: Evidence,
  { watch }: { watch: boolean },
): FindingEvidence[] {
  if (scenario.races || !watch) return evidence.findings.filter(hasInstruction);
  // What it says of requests is in the evidence of the first run.
  const createMachine: Host['createMachine'] = (options) => host.createMachine({ ...options, requests: 'counts' });
  const work = evidence.stop.reason === 'limit' ? scenario.work : Math.max(scenario.work, MOST_WATCHED);
  const watching = { ...scenario, races: true, work };
  const run = new ScenarioRun(watching, images, kernel, { ...host, createMachine });
  run.to(Number.POSITIVE_INFINITY);
  const watched = run.finishFindings();
  run.release();
  // Cut short, a poll of the status byte looks like a race.
  const { findings } = watched.stop.reason === evidence.stop.reason ? watched : evidence;
  return findings.filter(hasInstruction);
}

function hasInstruction({ pc }: FindingEvidence): boolean {
  return pc !== null;
}

/** Where findings were first seen. */
export class FindingPlaces {
  readonly #replay: Replay;
  readonly #findings: readonly FindingEvidence[];
  readonly #located: readonly FindingEvidence[];
  readonly #stacks = new Map<FindingEvidence, CodeStack>();

  constructor(findings: readonly FindingEvidence[], replay: Replay) {
    this.#replay = replay;
    this.#findings = findings;
    this.#located = [...findings].sort((a, b) => WEIGHTS[a.severity] - WEIGHTS[b.severity]).slice(0, MOST_LOCATED);
  }

  /** Guest times, each just before an instruction that is to be looked at. */
  get times(): number[] {
    return [...new Set(this.#located.map(({ time }) => this.#replay.justBefore(time)))];
  }

  /** To be called when the run has come to one of the times. */
  look(code: KernelCode): void {
    const { machine } = this.#replay;
    const pc = hex(machine.debug.pc());
    for (const finding of this.#located) {
      if (this.#replay.justBefore(finding.time) === machine.now() && finding.pc === pc)
        this.#stacks.set(finding, code.stack(snapshotOf(machine)));
    }
  }

  /** Only with the line of the instruction, if the calls were not looked up. */
  answers(code: KernelCode): LocatedFinding[] {
    return this.#findings.map((finding) => ({ finding, stack: this.#stacks.get(finding) ?? instructionAlone(finding.pc!, code) }));
  }
}

function instructionAlone(pc: string, code: KernelCode): CodeStack {
  return { places: [code.place(BigInt(pc))], leftOut: 0, notes: [] };
}
