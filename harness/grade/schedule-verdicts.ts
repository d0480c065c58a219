/** Verdicts of a scenario that is run under several schedules: a check passes if it passes without a schedule and under all of them. */

import { isDelayedStore } from '../../machine/spec/schedule.ts';
import type { Verdict } from '../checks/kind.ts';
import type { Scenario, ScheduleDraw } from '../vocabulary/scenario.ts';
import { type Schedule, scheduleText, timeText } from '../vocabulary/schedule.ts';
import type { GradedRun } from './grade-run.ts';

type Failure = Extract<Verdict, { outcome: 'failed' }>;
type Errored = Extract<Verdict, { outcome: 'errored' }>;

interface FirstFailure {
  number: number;
  verdict: Failure;
  count: number;
}

export type Scheduled = Scenario & { schedules: ScheduleDraw };

/** A schedule under which a check fails, when nothing more can be left out. `number`: of the one that was drawn. */
export interface ShownSchedule {
  readonly number: number;
  readonly schedule: Schedule;
  /** What happens around its preemptions, in sentences without a full stop; empty if that is not known. */
  readonly story: readonly string[];
}

export class ScheduleVerdicts {
  /** By check. */
  readonly #failures = new Map<string, FirstFailure>();
  readonly #errored = new Map<string, Errored>();
  #tried = 0;

  /** What the run under one schedule decides. Returns the first check that fails. */
  add(number: number, { verdicts }: Pick<GradedRun, 'verdicts'>): string | undefined {
    this.#tried++;
    for (const [id, verdict] of verdicts) if (verdict.outcome === 'errored') this.#errored.set(id, verdict);
    const failed = [...verdicts].flatMap(([id, verdict]) => (verdict.outcome === 'failed' ? [{ id, verdict }] : []));
    for (const { id, verdict } of failed) {
      const known = this.#failures.get(id);
      if (known === undefined) this.#failures.set(id, { number, verdict, count: 1 });
      else {
        known.count++;
        if (number < known.number) Object.assign(known, { number, verdict });
      }
    }
    return failed[0]?.id;
  }

  /** The run that is shown, with the verdicts of all. `shown`: its schedule; null: it has none, since no check fails. `left`: schedules that were not tried. */
  over(run: GradedRun, scenario: Scheduled, { shown, left }: { shown: ShownSchedule | null; left: number }): GradedRun {
    const { seed, only } = scenario.schedules;
    const tried = `${this.#tried} ${this.#tried === 1 ? 'schedule' : 'schedules'}${only === null ? ` of seed ${seed}` : ''}`;
    const rest = left > 0 ? ` (${left} more were not tried)` : '';
    const sentences =
      shown === null
        ? [`the scenario was run under ${tried} as well${rest}; this run is the one without a schedule`]
        : [`the scenario was run under ${tried}${rest}. ${shownText(shown, only)}`, replayText(scenario, shown.schedule)];
    const verdicts = new Map([...run.verdicts].map(([id, verdict]) => [id, this.#joined(id, verdict, shown, left)]));
    const schedules = {
      seed,
      tried: this.#tried,
      left,
      first: this.#first(),
      shown: shown === null ? null : { number: shown.number, schedule: scheduleText(shown.schedule), story: [...shown.story] },
    };
    return { ...run, verdicts, result: { ...run.result, schedules, faults: [...sentences, ...run.result.faults] } };
  }

  /** The number of the first schedule under which a check fails. */
  #first(): number | null {
    const numbers = [...this.#failures.values()].map(({ number }) => number);
    return numbers.length === 0 ? null : Math.min(...numbers);
  }

  #joined(id: string, verdict: Verdict, shown: ShownSchedule | null, left: number): Verdict {
    const errored = this.#errored.get(id);
    if (errored !== undefined) return errored;
    const failure = this.#failures.get(id);
    if (failure === undefined) return verdict;
    // Of the run that is shown, what explanations add is there as well.
    const own = verdict.outcome === 'failed' ? verdict : failure.verdict;
    const schedules = `fails under ${failure.count} of ${this.#tried} schedules${left > 0 ? ` (${left} more were not tried)` : ''}`;
    const story = own === verdict ? (shown?.story ?? []) : [];
    const details = [...story.map((text) => ({ kind: 'text', text }) as const), ...own.details];
    return { ...own, details, reason: `${schedules}: ${own.reason}` };
  }
}

function shownText({ number, schedule }: ShownSchedule, only: Schedule | null): string {
  const which = only === null ? `schedule ${number}, the simplest that fails, without what it does not need` : 'this schedule';
  return `This is the run under ${which}: ${schedule.map(itemText).join(', then ')}`;
}

function itemText(item: Schedule[number]): string {
  if (isDelayedStore(item)) return `others see ${timeText(item.for)} late what hart ${item.hart} stores at ${item.at} ns`;
  return `hart ${item.hart} is preempted at ${item.at} ns ${item.for === 'event' ? 'up to the next event' : `for ${timeText(item.for)}`}`;
}

/** How to see it again. A command line has neither the keys that the rubric types nor the files and drives that it makes. */
function replayText({ machine, keys }: Scenario, schedule: Schedule): string {
  const text = scheduleText(schedule);
  const { bios, initrd, loader, drives, rng, network, fwCfg, flash, cpu, memory, harts, clock, append } = machine;
  const isPlain =
    typeof bios === 'string' &&
    [initrd, rng, network, fwCfg, flash].every((part) => part === null) &&
    loader.length === 0 &&
    drives.length === 0;
  if (!isPlain || keys.length > 0) return `to see it again: with \`schedules: { only: "${text}" }\` the scenario tries this schedule alone`;
  const words = [
    `-nographic -smp ${harts} -m ${memory / 2 ** 20}M -cpu ${cpu}`,
    ...(bios === 'none' ? ['-bios none'] : []),
    ...(clock === 1 ? [] : [`--clock ${clock}ns`]),
    ...(append === '' ? [] : [`-append '${append.replaceAll("'", "'\\''")}'`]),
  ];
  return `to see it again: bootgrade run ${words.join(' ')} -kernel KERNEL --schedule '${text}'`;
}
