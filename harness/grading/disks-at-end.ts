/**
 * What the drives of scenarios begin with that go on where another one has ended (`disk-from`). Runs come in the rubric's order; of each
 * one that is gone on with, the images are kept.
 */
import type { Evidence, Stop } from '../evidence/evidence.ts';
import { sectorFromHex } from '../evidence/sector-bytes.ts';
import { describeStop, isOurFault } from '../evidence/stop.ts';
import { type PowerCut, powerCuts } from '../run/power-cuts.ts';
import { WriteLog } from '../run/write-log.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';

/** Images by drive. */
type Drives = ReadonlyMap<string, InitialImage>;

/** What a scenario's drives hold before it; `stop`: why it cannot begin, and then they hold what the rubric says. */
export interface Beginning {
  readonly drives: Drives;
  readonly stop: Stop | null;
  /** It is run for each of these, one after the other, instead of once. */
  readonly cuts?: Iterable<PowerCut>;
}

export class DisksAtEnd {
  /** How many scenarios still want the disks of one. */
  readonly #wanted = new Map<string, number>();
  readonly #left = new Map<string, Drives | Stop>();
  /** Scenarios whose power may be cut anywhere, and what they wrote. */
  readonly #cut: ReadonlySet<string | null>;
  readonly #logs = new Map<string, { readonly log: WriteLog; readonly before: Drives }>();

  constructor(scenarios: readonly Scenario[]) {
    this.#cut = new Set(scenarios.flatMap(({ diskFrom, cuts }) => (cuts === null ? [] : [diskFrom])));
    for (const { diskFrom } of scenarios) if (diskFrom !== null) this.#wanted.set(diskFrom, (this.#wanted.get(diskFrom) ?? 0) + 1);
  }

  /** `described`: the images that the rubric, or the submission, gives the scenario's drives. */
  before({ diskFrom, cuts }: Scenario, described: Drives): Beginning {
    if (diskFrom === null) return { drives: described, stop: null };
    const left = this.#left.get(diskFrom);
    // Where what the other one needs did not pass, this one is left out as well (rubric/conditions.ts).
    if (left === undefined) throw new Error(`scenario ${diskFrom} was not run`);
    const more = this.#wanted.get(diskFrom)! - 1;
    this.#wanted.set(diskFrom, more);
    const written = this.#logs.get(diskFrom);
    if (more === 0) {
      this.#left.delete(diskFrom);
      this.#logs.delete(diskFrom);
    }
    if (cuts !== null && written !== undefined && !('reason' in left)) {
      return { drives: described, stop: null, cuts: besides(described, powerCuts(written.log, written.before, cuts)) };
    }
    return 'reason' in left ? { drives: described, stop: left } : { drives: new Map([...described, ...left]), stop: null };
  }

  /** A log of what the scenario writes, where its power may be cut anywhere; undefined: nobody needs one. */
  logFor({ name }: Scenario): WriteLog | undefined {
    return this.#cut.has(name) ? new WriteLog() : undefined;
  }

  /** A scenario has been run. `drives`: what they held before it. */
  after(scenario: Scenario, drives: Drives, evidence: Evidence, log?: WriteLog): void {
    if (!this.#wanted.has(scenario.name)) return;
    const problem = whyNotThere(scenario, evidence) ?? (log === undefined ? null : whyNotCut(scenario, log));
    const named = new Set(scenario.machine.drives.map(({ name }) => name));
    const before = new Map([...drives].filter(([name]) => named.has(name)));
    if (log !== undefined) this.#logs.set(scenario.name, { log, before });
    this.#left.set(
      scenario.name,
      problem ??
        new Map(
          evidence.images.flatMap((image) => {
            const held = before.get(image.drive);
            return held === undefined ? [] : [[image.drive, atEnd(held, image)] as const];
          }),
        ),
    );
  }
}

/** With what the scenario has besides drives: flash memory begins as the rubric says. */
function* besides(described: Drives, cuts: Iterable<PowerCut>): Generator<PowerCut> {
  for (const cut of cuts) yield { ...cut, drives: new Map([...described, ...cut.drives]) };
}

/** Where a submission is graded again, its own image is not there, and no check looks at it (regrade.ts). */
function atEnd(before: InitialImage, { size, changed }: Evidence['images'][number]): InitialImage {
  if (before.size !== size) return before;
  const sectors = Object.keys(changed)
    .map(Number)
    .sort((a, b) => a - b)
    .map((sector) => ({ sector, bytes: sectorFromHex(changed[String(sector)]!) }));
  return sectors.length === 0 ? before : before.with(sectors);
}

function whyNotCut({ name }: Scenario, { entries }: WriteLog): Stop | null {
  if (entries.some(({ kind }) => kind === 'write')) return null;
  return { reason: 'no-disk', message: `the scenario ${name}, in which the power is cut, wrote nothing` };
}

/** Why the scenario has not got as far as the rubric has it; null: it has. */
function whyNotThere({ name, until, faults }: Scenario, { stop }: Evidence): Stop | null {
  if (isOurFault(stop) || stop.reason === 'not-bootable') return stop;
  const ended = `the scenario ${name}, whose disk this one takes`;
  if (stop.reason === 'no-disk') return { reason: 'no-disk', message: `${ended}, was not run: ${describeStop(stop)}` };
  const cut = faults.find(({ fault }) => fault.kind === 'power-cut');
  const wanted = cut !== undefined ? 'power-cut' : until === null ? null : 'until';
  if (wanted === null || stop.reason === wanted) return null;
  const before = wanted === 'until' ? 'what ends it' : 'its power cut';
  return { reason: 'no-disk', message: `${ended}, ended before ${before}: ${describeStop(stop)}` };
}
