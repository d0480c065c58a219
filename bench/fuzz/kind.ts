/** What a kind of fuzzing is: how an input is made up, and what must hold for every input, whatever it is. */
import type { Random } from '../../machine/testkit/random.ts';

export interface Kind {
  /** What is made up or changed, in a few words for the help. */
  readonly describe: string;
  /** What one case may take; the parent process ends a case that takes more. */
  readonly bound?: Partial<Bound>;
  /** The input of a case: a file's bytes, and nothing that they do not decide. Drawn from `random` alone, so that it can be repeated. */
  make(random: Random): Uint8Array | Promise<Uint8Array>;
  /** Throws if something does not hold; a Violation says what. `scratch`: an existing folder for files, empty or with an earlier case's. */
  check(input: Uint8Array, scratch: string): void | Promise<void>;
}

export type Kinds = Readonly<Record<string, Kind>>;

export interface Bound {
  /** Of processor time. */
  readonly seconds: number;
  /** Of the worker's resident set: what Node itself takes, and the guest's memory, are in it. */
  readonly mebibytes: number;
}

export const USUAL_BOUND: Bound = { seconds: 10, mebibytes: 600 };

/** Something that must hold does not: the message says what. Any other error that a case throws is a bug as well. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Throws a Violation that says `what`, unless `holds`. */
export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what);
}
