/** How far a batch is: counts by outcome, and what is left of its time. */
import { type SubmissionResult, submissionOutcomeSchema } from '../result/result.ts';

type Outcome = SubmissionResult['outcome'];

const WIDTH = 24;

export class Tally {
  readonly total: number;
  readonly #counts = new Map<Outcome, number>();
  /** Graded now, and not before by a batch that this one goes on with. */
  #now = 0;

  constructor(total: number) {
    this.total = total;
  }

  add(outcome: Outcome): void {
    this.addEarlier(outcome);
    this.#now++;
  }

  /** Graded before, by the batch that this one goes on with: it says nothing about how long the others take. */
  addEarlier(outcome: Outcome): void {
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  get ended(): number {
    return [...this.#counts.values()].reduce((sum, one) => sum + one, 0);
  }

  /** E.g. `90 passed, 28 failed`; empty before the first. */
  counts(): string {
    const parts = submissionOutcomeSchema.options.flatMap((outcome) =>
      this.#counts.has(outcome) ? [`${this.#counts.get(outcome)} ${outcome}`] : [],
    );
    return parts.join(', ');
  }

  /** `seconds`: since grading began. E.g. `[====----] 120/300 · 90 passed, 30 failed · about 1 min left`. */
  line(seconds: number): string {
    const full = this.total === 0 ? WIDTH : Math.floor((WIDTH * this.ended) / this.total);
    const left = this.total - this.ended;
    const parts = [
      `[${'='.repeat(full)}${'-'.repeat(WIDTH - full)}] ${this.ended}/${this.total}`,
      this.counts(),
      this.#now === 0 || left === 0 ? '' : `about ${duration((seconds / this.#now) * left)} left`,
    ];
    return parts.filter((part) => part !== '').join(' · ');
  }
}

function duration(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
