/** A scenario under many schedules: runs it without one, then under each, and makes the simplest under which a check fails as small as it can be. */
import { isDelayedStore } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { type GradedRun, gradeRun } from '../grade/grade-run.ts';
import { type Scheduled, ScheduleVerdicts } from '../grade/schedule-verdicts.ts';
import type { Rubric } from '../rubric/types.ts';
import { drawSchedules } from '../run/schedule-drawing.ts';
import type { ScheduledRuns } from '../run/schedules.ts';
import { shortest } from '../run/shorter-schedules.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Schedule } from '../vocabulary/schedule.ts';

/** Runs in which the kernel came to a limit, after which no more are tried: each may take the host seconds. */
const MOST_AT_LIMIT = 3;
/** Instructions and units of work that all runs of a scenario under schedules may take together, after which no more are tried; the same for making one smaller. */
const MOST_WORK = 20e9;
const MOST_WORK_TO_SHORTEN = 5e9;
/** Runs to make a schedule smaller. */
const MOST_TO_SHORTEN = 200;

export function isScheduled(scenario: Scenario): scenario is Scheduled {
  return scenario.schedules !== null;
}

interface Numbered {
  readonly number: number;
  readonly schedule: Schedule;
}

interface Parts {
  readonly rubric: Rubric;
  readonly scenario: Scheduled;
  readonly images: ReadonlyMap<string, InitialImage>;
  /** Without a schedule. */
  readonly plain: Evidence;
  readonly open: () => ScheduledRuns;
  /** Called before each run. */
  readonly enter: () => void;
  /** Runs it from power-on under the scenario's schedule. */
  readonly run: (scenario: Scenario) => Evidence;
  /** What happens around the preemptions of the scenario's schedule. */
  readonly story: (scenario: Scenario) => readonly string[];
  /** The run that is shown, explained and in its file. */
  readonly written: (scenario: Scenario, evidence: Evidence) => GradedRun;
}

export function runSchedules(parts: Parts): GradedRun {
  const { rubric, scenario, images, plain, written } = parts;
  const graded = gradeRun(rubric, scenario, { evidence: plain, images });
  const fails = graded.trouble !== null || [...graded.verdicts.values()].some(({ outcome }) => outcome === 'failed');
  const { only } = scenario.schedules;
  // What is wrong in any order needs no schedule to be seen.
  if (fails && only === null) return written(scenario, plain);
  const runs = parts.open();
  try {
    const tried = new TriedSchedules(parts, runs);
    tried.all(only === null ? drawn(runs, scenario) : [only]);
    const shown = only === null ? tried.shown() : { number: 1, schedule: only };
    runs.end();
    if (shown === null) return tried.verdicts.over(written(scenario, plain), scenario, { shown, left: tried.left });
    const under = { ...scenario, schedule: shown.schedule };
    const told = { ...shown, story: parts.story(under) };
    return tried.verdicts.over(written(under, parts.run(under)), scenario, { shown: told, left: tried.left });
  } finally {
    runs.end();
  }
}

function drawn(runs: ScheduledRuns, { schedules, machine }: Scheduled): Schedule[] {
  return drawSchedules(runs.candidates(), schedules, machine.harts, (under) => runs.candidatesUnder(under));
}

class TriedSchedules {
  readonly #parts: Parts;
  readonly #runs: ScheduledRuns;
  readonly verdicts = new ScheduleVerdicts();
  /** How many were not tried. */
  left = 0;
  #simplest: (Numbered & { readonly check: string | undefined }) | null = null;

  constructor(parts: Parts, runs: ScheduledRuns) {
    this.#parts = parts;
    this.#runs = runs;
  }

  /** In the order of their first preemptions, which is quickest. */
  all(schedules: readonly Schedule[]): void {
    const numbered = schedules.map((schedule, index) => ({ number: index + 1, schedule }));
    numbered.sort((a, b) => startOf(a.schedule) - startOf(b.schedule));
    this.left = numbered.length;
    let [work, atLimit] = [0, 0];
    for (const one of numbered) {
      if (work >= MOST_WORK || atLimit === MOST_AT_LIMIT) return;
      const { evidence, graded, spent } = this.#run(one.schedule);
      this.left--;
      work += spent;
      if (evidence.stop.reason === 'limit') atLimit++;
      const check = this.verdicts.add(one.number, graded);
      if (check === undefined && graded.trouble === null) continue;
      if (this.#simplest === null || isSimpler(one, this.#simplest)) this.#simplest = { ...one, check };
      // Of a fault of the grader's there is nothing to learn.
      if (graded.trouble !== null) return;
    }
  }

  /** The simplest that fails, as small as it can be; null if none does. */
  shown(): Numbered | null {
    if (this.#simplest === null) return null;
    const { number, schedule, check } = this.#simplest;
    if (check === undefined) return { number, schedule };
    let [work, left] = [0, MOST_TO_SHORTEN];
    const fails = (tried: Schedule): boolean | undefined => {
      if (work >= MOST_WORK_TO_SHORTEN || left-- === 0) return undefined;
      const { graded, spent } = this.#run(tried);
      work += spent;
      return graded.verdicts.get(check)?.outcome === 'failed';
    };
    return { number, schedule: shortest(schedule, this.#parts.scenario.machine.harts, fails) };
  }

  #run(schedule: Schedule): { evidence: Evidence; graded: GradedRun; spent: number } {
    const { rubric, scenario, images, enter } = this.#parts;
    enter();
    const { evidence, spent } = this.#runs.under(schedule);
    return { evidence, spent, graded: gradeRun(rubric, { ...scenario, schedule }, { evidence, images }) };
  }
}

/** One without delayed stores is simpler than one with them, then one of fewer parts, and of as many the first one. */
function isSimpler(one: Numbered, other: Numbered): boolean {
  const delays = ({ schedule }: Numbered) => Number(schedule.some(isDelayedStore));
  const more = delays(one) - delays(other) || one.schedule.length - other.schedule.length;
  return more < 0 || (more === 0 && one.number < other.number);
}

function startOf(schedule: Schedule): number {
  return Math.min(...schedule.map(({ at }) => at));
}
