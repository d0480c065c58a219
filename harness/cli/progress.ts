/** How far a grading is: drawn over on a terminal; elsewhere a line for each submission of a class that is too large to print reports of. */
import { Tally } from '../batch/tally.ts';
import { clean, score } from '../report/words.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Environment } from './environment.ts';

/** Characters of the names that are shown. */
const LONGEST = 77;

interface Draw {
  (text: string): void;
  clear(): void;
}

async function drawOn(environment: Environment): Promise<Draw> {
  const { createLogUpdate } = await import('log-update');
  // The library asks a stream for no more than this: the width each time, since it counts the lines that it has to erase.
  const terminal = {
    isTTY: true,
    rows: 24,
    write: environment.err,
    get columns() {
      return environment.columns || 80;
    },
  };
  return createLogUpdate(terminal as unknown as NodeJS.WriteStream, { showCursor: true });
}

export class ProgressDisplay {
  readonly #tally: Tally;
  readonly #environment: Environment;
  readonly #lines: boolean;
  readonly #began = performance.now();
  readonly #running = new Map<string, string>();
  readonly #draw: Draw | undefined;

  private constructor(total: number, { lines }: { lines: boolean }, environment: Environment, draw: Draw | undefined) {
    this.#tally = new Tally(total);
    this.#environment = environment;
    this.#lines = lines && !environment.progress && environment.quiet !== true;
    this.#draw = draw;
  }

  /** `lines`: a line for each submission if there is no terminal. */
  static async begin(total: number, shown: { lines: boolean }, environment: Environment): Promise<ProgressDisplay> {
    return new ProgressDisplay(total, shown, environment, environment.progress ? await drawOn(environment) : undefined);
  }

  /** Graded before, by the batch that is being resumed. */
  before(outcome: SubmissionResult['outcome']): void {
    this.#tally.addEarlier(outcome);
  }

  /** `detail`: the scenario, where that is known. */
  started(name: string, detail = ''): void {
    this.#running.set(name, detail === '' ? clean(name) : `${clean(name)}: ${clean(detail)}`);
    this.#show();
  }

  /** It is put off, and will be started once more. */
  postponed(name: string): void {
    this.#running.delete(name);
    this.#show();
  }

  ended({ name, outcome, score: given, maxScore }: SubmissionResult): void {
    this.#running.delete(name);
    this.#tally.add(outcome);
    if (this.#lines) {
      this.#environment.err(`[${this.#tally.ended}/${this.#tally.total}] ${clean(name)}: ${outcome} ${score(given, maxScore)}\n`);
    }
    this.#show();
  }

  /** Takes what is drawn away, so that something else may be printed; it comes back with the next change. */
  clear(): void {
    this.#draw?.clear();
  }

  #show(): void {
    const running = [...this.#running.values()].join(', ').slice(0, LONGEST);
    this.#draw?.(` ${this.#tally.line((performance.now() - this.#began) / 1000)}\n ${running}`);
  }
}
