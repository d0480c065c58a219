/**
 * What reading one kernel's file may cost. The file is a student's, up to 256 MiB, and every table in it may refer to every other, as
 * often as it likes. So each read, and each step of a search, is counted; and so is what is kept in memory. Both are counted in what the
 * file says, never in seconds: the same file is explained in the same way on any computer.
 */

export type DwarfProblem = 'truncated' | 'malformed' | 'unsupported' | 'too large';

/** What is wrong with debug information. It never leaves `harness/explain`: lines are then left out, with a note. */
export class DwarfError extends Error {
  readonly problem: DwarfProblem;

  constructor(problem: DwarfProblem, where: string) {
    super(`${where}: ${problem}`);
    this.problem = problem;
  }
}

/** Reads and steps. A unit takes 1 to 25 ns; the kernel of the sample class that has most debug information takes one million. */
const MOST_WORK = 40_000_000;
/** Units for a DwarfError that is thrown and caught. */
const FAILURE = 500;
/** Bytes, as far as they are known before. */
const MOST_KEPT = 64 * 1024 * 1024;

/** About the bytes of memory that these take, their own lists and texts not counted. */
export const KEPT = { row: 24, range: 120, entry: 240, attribute: 100, name: 80, unit: 400, symbol: 160 } as const;

export class Budget {
  readonly #allowed: number;
  #work: number;
  #kept: number;

  constructor(work = MOST_WORK, kept = MOST_KEPT) {
    this.#allowed = work;
    this.#work = work;
    this.#kept = kept;
  }

  /** Allows as much work as at first. What is kept in memory still counts. */
  renew(): void {
    this.#work = this.#allowed;
  }

  /** Work that is left; below 0 where it is used up. */
  get left(): number {
    return this.#work;
  }

  /** Throws DwarfError when the work is used up. */
  spend(work = 1): void {
    this.#work -= work;
    if (this.#work < 0) throw new DwarfError('too large', 'debug information');
  }

  /** Something could not be read. What says so costs more than most reads. */
  fail(): void {
    this.#work -= FAILURE;
  }

  /** Throws DwarfError when the memory is used up; nothing is read any more then. */
  keep(bytes: number): void {
    this.#kept -= bytes;
    if (this.#kept >= 0) return;
    this.#work = -1;
    throw new DwarfError('too large', 'debug information');
  }
}
