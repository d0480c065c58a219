/**
 * Runs a scenario under many schedules. The machine runs once up to the first preemption of each; what comes after it is run for each schedule, so that
 * a schedule costs no more than the instructions after its first preemption. Evidence is that of a run which was switched on for it, except that
 * `work` may count other searches for loops.
 */
import { DelayableStores, type PreemptionPoint, SharedAccesses } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';
import type { Host } from './host.ts';
import type { KernelInput } from './power-on.ts';
import { type RunSnapshot, ScenarioRun } from './scenario.ts';
import type { Candidate, Candidates } from './schedule-drawing.ts';

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

  constructor(scenario: Scenario, images: ReadonlyMap<string, InitialImage>, kernel: KernelInput, host: Host) {
    this.#clock = scenario.machine.clock;
    this.#open = () => new ScenarioRun({ ...scenario, schedule: [] }, images, kernel, host);
  }

  /** Times at which it may matter which hart runs, and those of stores of which it may matter when others see them. */
  candidates(): Candidates {
    const { run, start } = this.#begun(0);
    run.goBack(start, []);
    const [accesses, delayable] = [new SharedAccesses(), new DelayableStores()];
    run.log({
      take: (batch) => {
        accesses.take(batch);
        delayable.take(batch);
      },
    });
    const inTime = ({ hart, time, pc }: PreemptionPoint): Candidate => ({ hart, time: time * this.#clock, pc });
    return {
      preemptions: accesses.points().map(inTime),
      stores: delayable.points().map((one) => ({ ...inTime(one), until: one.until * this.#clock })),
    };
  }

  /**
   * What the run under this schedule leaves, and the instructions and units of work from its first preemption on. Quickest where the first
   * preemptions of schedules come later and later.
   */
  under(schedule: Schedule): { readonly evidence: Evidence; readonly spent: number } {
    const { run, moment } = this.#before(Math.min(...schedule.map(({ at }) => at)));
    run.goBack(moment, schedule);
    const before = run.spent;
    const evidence = run.toItsEnd();
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
