/** A run that is repeated to explain it: watched on the way to its end, and then taken back to the places that are looked at more closely. */
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { LoopEvidence } from '../evidence/loop.ts';
import { panicOffset } from '../evidence/panic.ts';
import { savedSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import { DriverWatch } from './drivers.ts';
import { explainException, followException } from './exception.ts';
import { FindingPlaces } from './findings.ts';
import { addOrigins } from './followed-stores.ts';
import { explainInterrupts, explainStorm } from './interrupts.ts';
import { lastInterrupt } from './last-interrupt.ts';
import { explainLoop, loopAlone, loopBegins, overwrittenLoop } from './loop.ts';
import type { Plan } from './plan.ts';
import { explainProbe } from './probe.ts';
import { type Budget, Replay, type ReplayedRun } from './replay.ts';
import { StoreWatch, WINDOW } from './stores.ts';
import { explainUnset } from './unset.ts';
import { TRACED_FAR } from './value-origins.ts';
import { explainWrapped } from './wrapped-buffer.ts';

/** What is put together part by part. */
type Unfinished<Whole> = { -readonly [Part in keyof Whole]: Whole[Part] };

/** The note on a place that lies too far into the run. */
const TOO_FAR = 'the run was too long to be repeated up to here';

/** A place that the repeated run did not reach. */
const NOWHERE: CodeStack = { places: [], leftOut: 0, notes: [TOO_FAR] };

interface Stop {
  /** Guest time in nanoseconds. */
  readonly time: number;
  readonly act: () => unknown;
}

export class RepeatedRun {
  readonly #run: ReplayedRun;
  readonly #evidence: Evidence;
  readonly #plan: Plan;
  readonly #code: KernelCode;
  readonly #replay: Replay;
  readonly #watch: StoreWatch;
  readonly #drivers: DriverWatch | undefined;
  readonly #findings: FindingPlaces;
  readonly #found: Unfinished<Explanations>;
  readonly #stores: Record<string, Explanations['stores'][string]> = {};
  readonly #prints: Record<string, CodeStack> = {};
  #panicked: number | undefined;

  constructor(run: ReplayedRun, { evidence, plan, budget }: { evidence: Evidence; plan: Plan; budget: Budget }, code: KernelCode) {
    this.#run = run;
    this.#evidence = evidence;
    this.#plan = plan;
    this.#code = code;
    this.#found = {
      stores: this.#stores,
      prints: this.#prints,
      panic: null,
      exception: null,
      entry: null,
      loop: null,
      interrupts: null,
      drivers: [],
      interrupted: null,
      end: plan.end === null ? null : code.stack(plan.end),
      findings: [],
    };
    this.#replay = new Replay(run, budget, {
      // A run that ends in a storm costs too much to go that way again.
      backTo: plan.storm === undefined ? backTo(evidence, plan) : [plan.storm.time],
      printed: (before, machine) => this.#printed(before, machine),
    });
    this.#drivers = plan.watchesDrivers ? new DriverWatch(this.#replay, evidence, code) : undefined;
    this.#watch = new StoreWatch(this.#replay, plan.stores);
    this.#findings = new FindingPlaces(plan.findings, this.#replay);
  }

  explanations(): Unfinished<Explanations> {
    const isReached = this.#stops().every(({ time, act }) => {
      const isThere = this.#replay.runTo(time);
      if (isThere) act();
      return isThere;
    });
    const wasWatched = this.#drivers !== undefined && isReached && this.#replay.runTo(this.#evidence.time);
    this.#lookBack();
    if (wasWatched) this.#found.drivers = this.#drivers.answers(this.#code);
    this.#lookFurtherBack();
    this.#replay.release();
    return this.#found;
  }

  #printed(before: number, machine: Parameters<typeof snapshotOf>[0]): void {
    if (before === this.#plan.panicAt) {
      this.#found.panic = this.#code.stack(snapshotOf(machine));
      this.#panicked ??= machine.now();
    }
    if (this.#plan.printed.has(before)) this.#prints[before] = this.#code.stack(snapshotOf(machine));
  }

  /** Where to stop on the way, in the order of time. */
  #stops(): Stop[] {
    const { panicAt, printed, exception, refused } = this.#plan;
    const watch = this.#watch;
    const stops: Stop[] = watch.times.flatMap((time) => [
      { time: time - WINDOW, act: () => watch.renew() },
      { time, act: () => Object.assign(this.#stores, watch.answers(time, this.#code)) },
    ]);
    for (const time of this.#drivers?.times ?? []) stops.push({ time, act: () => this.#drivers!.look() });
    if (panicAt !== null || printed.size > 0) stops.push({ time: this.#evidence.time, act: () => undefined });
    if (exception !== null) {
      const before = Math.max(0, this.#replay.justBefore(exception.time));
      stops.push({ time: before, act: () => (this.#found.exception = explainException(this.#replay, exception, this.#code)) });
    }
    if (refused !== undefined) {
      const look = () => (this.#found.refusedCall = this.#code.stack(snapshotOf(this.#replay.machine)));
      stops.push({ time: this.#replay.justBefore(refused.time), act: look });
    }
    for (const time of this.#findings.times) stops.push({ time, act: () => this.#findings.look(this.#code) });
    return stops.sort((a, b) => a.time - b.time);
  }

  /** What is looked at before the machine is stepped through, which it does not survive. What comes last is the least if the budget is used up. */
  #lookBack(): void {
    const [evidence, plan, code, replay, found] = [this.#evidence, this.#plan, this.#code, this.#replay, this.#found];
    const { panicAt, exception, loop, storm, interrupts } = plan;
    if (panicAt !== null) found.panic ??= NOWHERE;
    if (exception && found.exception) found.exception = followException(replay, exception, { explained: found.exception, evidence }, code);
    found.findings = this.#findings.answers(code);
    if (panicAt !== null && exception === null) {
      found.interrupted = lastInterrupt(replay, { time: evidence.time, unreturned: 0 }, { evidence, code });
    }
    if (this.#panicked !== undefined && plan.looksForProbe) {
      const probe = explainProbe(replay, this.#panicked, evidence, code);
      if (probe !== null) found.probe = probe;
    }
    if (loop !== null) found.loop = loopOf(replay, loop, code, evidence);
    if (interrupts === null) return;
    if (storm !== undefined) found.interrupts = explainStorm(replay, storm, interrupts, code);
    else found.interrupts = explainInterrupts(replay, evidence, { found: interrupts, loop: found.loop }, code);
  }

  #lookFurtherBack(): void {
    const { wraps, looksForUnset } = this.#plan;
    if (wraps !== null) {
      const wrapped = explainWrapped(this.#replay, wraps, this.#code);
      if (wrapped !== null) this.#found.wrapped = wrapped;
    }
    if (looksForUnset) {
      const unset = explainUnset(this.#replay, this.#run, this.#evidence, this.#code);
      if (unset !== null) this.#found.unset = unset;
    }
    addOrigins(this.#stores, this.#watch.answered, this.#replay, this.#code);
  }
}

/** How far before a question's time a store is likely to be followed back: most are made just before the request. */
const BEFORE = 2 * TRACED_FAR;

/** Guest times to which a repeated run likely goes back: before each place that is followed back, and to where the last loop may begin. */
function backTo(evidence: Evidence, { stores }: Plan): number[] {
  const { exception, loop, time } = evidence;
  const end = exception?.time ?? (panicOffset(evidence) === null ? undefined : time);
  const followed = [...stores.map(({ before }) => before), ...(end === undefined ? [] : [end])];
  return [...followed.map((time) => time - BEFORE), ...(loop === null ? [] : [loop.lastEffect])].filter((time) => time > 0);
}

function loopOf(replay: Replay, loop: LoopEvidence, code: KernelCode, evidence: Evidence): Explanations['loop'] {
  const overwritten = overwrittenLoop(replay, loop, code, evidence);
  if (overwritten !== null) return overwritten;
  const begins = loopBegins(replay, loop);
  replay.goBefore(begins);
  if (!replay.runTo(begins)) return { ...loopAlone(loop, code), since: null };
  const found = explainLoop(replay, loop, code, evidence);
  const atEnd = loop.sleeps && found?.since === null ? savedSnapshot(evidence) : null;
  return found === null || atEnd === null ? found : { ...found, stack: code.stack(atEnd) };
}
