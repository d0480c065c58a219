/** A run of fuzzing: blocks of cases on worker processes; what fails is tried once more alone, and kept. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Case, caseAt, commandOf, type Plan } from './plan.ts';
import { supervise } from './supervise.ts';
import type { Failure } from './work.ts';

export interface FuzzOptions {
  readonly plan: Plan;
  /** Numbers of the cases: from the first to the one after the last. */
  readonly from: number;
  readonly to: number;
  /** Worker processes at a time. */
  readonly jobs: number;
  /** The worker's file, and the project's folder. */
  readonly worker: string;
  readonly root: string;
  /** An existing folder for the cases' files, and one for inputs that fail, which is made when there is one. */
  readonly scratch: string;
  readonly keep: string;
  /** Ends the run; the case that is tried then does not count. */
  readonly signal: AbortSignal;
}

export interface Finding {
  readonly one: Case;
  readonly what: string;
  /** Whether it was seen once more when the case was tried alone. */
  readonly again: boolean;
  /** What to type to try the case again. */
  readonly command: string;
  /** The input; null if making it is what fails. */
  readonly file: string | null;
}

export interface Progress {
  tried(cases: number): void;
  found(finding: Finding): void;
}

export interface Summary {
  readonly cases: number;
  readonly findings: readonly Finding[];
  /** Findings that were like one of the others, and not looked at closer. */
  readonly more: number;
}

/** Cases of one process: few enough that what they leave behind stays small. */
const BLOCK = 1000;
/** How many findings with the same words are looked at. */
const ALIKE = 3;

export async function fuzz(options: FuzzOptions, progress: Progress): Promise<Summary> {
  const run = new Run(options, progress);
  await Promise.all(Array.from({ length: options.jobs }, (_, lane) => run.lane(lane)));
  return run.summary();
}

class Run {
  readonly #options: FuzzOptions;
  readonly #progress: Progress;
  readonly #findings: Finding[] = [];
  readonly #alike = new Map<string, number>();
  #next: number;
  #tried = 0;
  #more = 0;

  constructor(options: FuzzOptions, progress: Progress) {
    this.#options = options;
    this.#progress = progress;
    this.#next = options.from;
  }

  summary(): Summary {
    return { cases: this.#tried, findings: this.#findings, more: this.#more };
  }

  /** Takes blocks while there are some. */
  async lane(number: number): Promise<void> {
    const { plan, worker, root, signal } = this.#options;
    const scratch = join(this.#options.scratch, String(number));
    mkdirSync(scratch, { recursive: true });
    while (this.#next < this.#options.to && !signal.aborted) {
      let from = this.#next;
      const to = Math.min(from + BLOCK, this.#options.to);
      this.#next = to;
      while (from < to && !signal.aborted) {
        const { next, failures } = await supervise(worker, { plan, from, to, scratch }, root, signal);
        this.#tried += next - from;
        this.#progress.tried(next - from);
        from = next;
        for (const failure of failures) await this.#look(failure, scratch);
      }
    }
  }

  /** Tries the case once more, alone. A case that took too much, but does not do so alone, is not a finding. */
  async #look(failure: Failure, scratch: string): Promise<void> {
    const { plan, worker, root, keep, signal } = this.#options;
    const one = caseAt(plan, failure.number);
    const signature = `${one.kind}: ${signatureOf(failure.what)}`;
    const alike = (this.#alike.get(signature) ?? 0) + 1;
    this.#alike.set(signature, alike);
    if (alike > ALIKE || signal.aborted) {
      this.#more++;
      return;
    }
    mkdirSync(keep, { recursive: true });
    const file = join(keep, nameOf(plan, one));
    const job = { plan, from: failure.number, to: failure.number + 1, scratch, keep: file };
    const { failures } = await supervise(worker, job, root, signal);
    const again = failures.length > 0;
    if (failure.exceeded && !again && !signal.aborted) return;
    const what = again ? failures[0]!.what : failure.what;
    const command = commandOf(plan.seed, one);
    const finding = { one, what, again, command, file: existsSync(file) ? file : null };
    writeFileSync(`${file}.txt`, `${command}\n${what}\n`);
    this.#findings.push(finding);
    this.#progress.found(finding);
  }
}

/** Numbers and names differ from case to case; the first lines say what kind of thing it is. */
function signatureOf(what: string): string {
  return what
    .split('\n', 2)
    .join(' ')
    .replaceAll(/["'].*?["']|[0-9a-f]*\d[0-9a-f]*/g, '#');
}

function nameOf({ seed }: Plan, one: Case): string {
  return 'file' in one ? `${one.kind}-${one.file.replaceAll(/[^\w.-]/g, '_')}` : `${one.kind}-${seed}-${one.index}`;
}
