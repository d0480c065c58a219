/**
 * Which instructions have touched memory that belongs to the device, for each request and each part of it. A loop must not be reported again
 * and again, and a driver may store to one buffer from millions of instructions: the number of places that are remembered and of races that
 * are reported is limited.
 */
import type { Touch } from '../rules/event.ts';

/** Most instructions that are reported for one part of a request, for stores and for loads. */
const MOST_REPORTED = 16;
/** Most further ones, of all requests since power-on, that are still counted. */
const MOST_COUNTED = 10_000;

/** For one request: the instructions that were reported, by what they touched. */
export interface Reported {
  readonly load: Map<Touch['part'], Set<bigint>>;
  readonly store: Map<Touch['part'], Set<bigint>>;
}

export class RacePlaces {
  #reported = new Map<number, Reported>();
  #counted = new Set<string>();

  /** `first`: the instruction is new, and is reported; `known`: it has been reported; `left-out`: it is new, but above the limit. */
  add(request: number, access: Touch['access'], part: Touch['part'], pc: bigint): 'first' | 'known' | 'left-out' {
    const reported = this.#reportedOf(request, access, part);
    if (reported.has(pc)) return 'known';
    if (reported.size < MOST_REPORTED) {
      reported.add(pc);
      return 'first';
    }
    if (this.#counted.size === MOST_COUNTED) return 'known';
    const key = `${request} ${access} ${part} ${pc}`;
    if (this.#counted.has(key)) return 'known';
    this.#counted.add(key);
    return 'left-out';
  }

  #reportedOf(request: number, access: Touch['access'], part: Touch['part']): Set<bigint> {
    const known = this.#reported.get(request)?.[access].get(part);
    if (known !== undefined) return known;
    const ofRequest = this.#reported.get(request) ?? { load: new Map(), store: new Map() };
    const reported = new Set<bigint>();
    this.#reported.set(request, ofRequest);
    ofRequest[access].set(part, reported);
    return reported;
  }

  /** The request is over. */
  forget(request: number): void {
    this.#reported.delete(request);
  }

  save() {
    return { reported: this.#reported, counted: this.#counted };
  }

  restore({ reported, counted }: ReturnType<RacePlaces['save']>): void {
    this.#reported = reported;
    this.#counted = counted;
  }
}
