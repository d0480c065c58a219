/**
 * Runs a scenario under many schedules. The machine runs once up to the first preemption of each; what comes after it is run for each schedule, so that
 * a schedule costs no more than the instructions after its first preemption. Evidence is that of a run which was switched on for it, except that
 * `work` may count other searches for loops, and that it does not say in which loop the kernel was in the end: it is for verdicts.
 */
import { type AccessConsumer, DelayableStores, type PreemptionPoint, SharedAccesses } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';
import type { Candidate, Candidates } from './candidates.ts';
import type { Host } from './host.ts';
import type { KernelInput } from './power-on.ts';
import { type RunSnapshot, ScenarioRun } from './scenario.ts';

/** Instructions and units of work of runs whose accesses are looked at: each takes as long as some twenty instructions that are not. */
const MOST_LOOKED_AT = 3e6;
/** The same of one run: the points of a longer one are drawn from its beginning. */
const MOST_OF_ONE = 1e9;

interface Kept {
  readonly run: ScenarioRun;
  /** Before anything has run. */
  readonly start: RunSnapshot;
  /** The furthest moment to which the run without preemptions has come. */
  moment: RunSnapshot;
}

export class ScheduledRuns {
  readonly #open: () => ScenarioRun;
  readonly #clock: number;
  #kept: Kept | undefined;
  #looked = 0;

  constructor(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, kernel: KernelInput, host: Host) {
    this.#clock = scenario.machine.clock;
    this.#open = () => new ScenarioRun({ ...scenario, schedule: [] }, images, kernel, host);
  }

  /**
   * Times at which it may matter which hart runs, and those of stores of which it may matter when others see them: in the run without a schedule, until it has cost
   * `most` instructions and units of work.
   */
  candidates(most = MOST_OF_ONE): Candidates {
    const [accesses, delayable] = [new SharedAccesses(), new DelayableStores()];
    this.#log([], most, accesses, delayable);
    return {
      preemptions: accesses.points().map((point) => this.#inTime(point)),
      stores: delayable.points().map((one) => ({ ...this.#inTime(one), until: one.until * this.#clock })),
    };
  }

  /** Those before which a hart may be preempted in the run under a schedule; undefined once the runs that were looked at are long enough together. */
  candidatesUnder(schedule: Schedule): readonly Candidate[] | undefined {
    if (this.#looked >= MOST_LOOKED_AT) return undefined;
    const accesses = new SharedAccesses();
    this.#log(schedule, MOST_OF_ONE, accesses);
    return accesses.points().map((point) => this.#inTime(point));
  }

  #log(schedule: Schedule, most: number, ...consumers: readonly AccessConsumer[]): void {
    const { run, start } = this.#begun(0);
    run.goBack(start, schedule);
    const before = run.spent;
    const all: AccessConsumer & { readonly isFull: boolean } = {
      // Each consumer keeps as much as it has room for, and ignores the rest.
      isFull: false,
      take: (batch) => {
        for (const consumer of consumers) consumer.take(batch);
      },
    };
    run.logFrom(0, all, most);
    this.#looked += run.spent - before;
  }

  #inTime({ hart, time, pc, address }: PreemptionPoint): Candidate {
    return { hart, time: time * this.#clock, pc, address };
  }

  /**
   * What the run under this schedule leaves, and the instructions and units of work from its first preemption on. Quickest where the first
   * preemptions of schedules come later and later.
   */
  under(schedule: Schedule): { readonly evidence: Evidence; readonly spent: number } {
    const { run, moment } = this.#before(Math.min(...schedule.map(({ at }) => at)));
    run.goBack(moment, schedule);
    const before = run.spent;
    const evidence = run.toItsVerdicts();
    return { evidence, spent: evidence.instructions + evidence.work.units - before };
  }

  end(): void {
    this.#kept?.run.release();
    this.#kept = undefined;
  }

  /** The run without preemptions, at the last moment before a time. */
  #before(time: number): Kept {
    const kept = this.#begun(time);
    kept.run.goBack(kept.moment, []);
    // It may be over before: then the schedule changes nothing.
    if (kept.run.toBefore(time)) kept.moment = kept.run.keep();
    return kept;
  }

  #begun(time: number): Kept {
    const known = this.#kept;
    if (known?.run.holds(known.moment) && known.moment.machine.time <= time) return known;
    if (known?.run.holds(known.start)) {
      known.moment = known.start;
      return known;
    }
    this.end();
    const run = this.#open();
    const start = run.keep();
    this.#kept = { run, start, moment: start };
    return this.#kept;
  }
}
