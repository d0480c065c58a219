/** Verdicts of a scenario that is run for several power cuts (`power: cut-anywhere`): a check passes if it passes after all of them. */
import type { Verdict } from '../checks/kind.ts';
import type { CutSchedule } from '../vocabulary/scenario.ts';
import type { GradedRun } from './grade-run.ts';

type Failure = Extract<Verdict, { outcome: 'failed' }>;
type Errored = Extract<Verdict, { outcome: 'errored' }>;

interface FirstFailure {
  readonly cut: { readonly number: number; readonly text: string };
  readonly verdict: Failure;
  count: number;
}

export class CutVerdicts {
  /** By check. */
  readonly #failures = new Map<string, FirstFailure>();
  readonly #errored = new Map<string, Errored>();
  #tried = 0;

  /** What the run after one cut decides. True if one of its checks fails. */
  add(cut: FirstFailure['cut'], { verdicts }: Pick<GradedRun, 'verdicts'>): boolean {
    this.#tried++;
    let fails = false;
    for (const [id, verdict] of verdicts) {
      if (verdict.outcome === 'errored') this.#errored.set(id, verdict);
      if (verdict.outcome !== 'failed') continue;
      fails = true;
      const known = this.#failures.get(id);
      if (known === undefined) this.#failures.set(id, { cut, verdict, count: 1 });
      else known.count++;
    }
    return fails;
  }

  /** The run that is shown, with the verdicts of all. `shown`: the number of its cut; `left`: cuts that were not tried. */
  over(run: GradedRun, { shown, text, schedule, left }: { shown: number; text: string; schedule: CutSchedule; left: number }): GradedRun {
    const verdicts = new Map([...run.verdicts].map(([id, verdict]) => [id, this.#joined(id, verdict, shown, left)]));
    const tried = this.#tried === 1 ? 'one moment' : `${this.#tried} moments`;
    const replay = schedule.only === null ? `; with \`only: ${shown}\` the scenario tries this one alone` : '';
    const sentence = `the power was cut at ${tried}${left > 0 ? ` (${left} more were not tried)` : ''}. This run is cut ${shown}: ${text}${replay}`;
    return { ...run, verdicts, result: { ...run.result, faults: [sentence, ...run.result.faults] } };
  }

  #joined(id: string, verdict: Verdict, shown: number, left: number): Verdict {
    const errored = this.#errored.get(id);
    if (errored !== undefined) return errored;
    const failure = this.#failures.get(id);
    if (failure === undefined) return verdict;
    const { cut, count } = failure;
    // Of the run that is shown, what explanations add is there as well.
    const own = cut.number === shown && verdict.outcome === 'failed' ? verdict : failure.verdict;
    const cuts = `fails under ${count} of ${this.#tried} power cuts${left > 0 ? ` (${left} more were not tried)` : ''}`;
    const first = { kind: 'text', text: `First under cut ${cut.number}: ${cut.text}.` } as const;
    return { ...own, reason: `${cuts}: ${own.reason}`, details: [first, ...own.details] };
  }
}
