/**
 * Which instructions have touched memory of the device's, for each request and part of it: a loop must not be told for ever, and a
 * driver may store to one buffer from millions of instructions. What is remembered is bounded, and so is what is told.
 */
import type { Touch } from '../rules/event.ts';

/** Instructions that are told of one part of a request, for stores and for loads. */
const MOST_TOLD = 16;
/** Further ones, of all requests since power-on, that are counted. */
const MOST_COUNTED = 10_000;

/** Of one request: the instructions that were told, by what they touched. */
export interface Told {
  readonly load: Map<Touch['part'], Set<bigint>>;
  readonly store: Map<Touch['part'], Set<bigint>>;
}

export class RacePlaces {
  #told = new Map<number, Told>();
  #counted = new Set<string>();

  /** `first`: the instruction was not there yet; `known`: it was; `left-out`: it was not, and is not told any more. */
  add(request: number, access: Touch['access'], part: Touch['part'], pc: bigint): 'first' | 'known' | 'left-out' {
    const told = this.#toldOf(request, access, part);
    if (told.has(pc)) return 'known';
    if (told.size < MOST_TOLD) {
      told.add(pc);
      return 'first';
    }
    if (this.#counted.size === MOST_COUNTED) return 'known';
    const key = `${request} ${access} ${part} ${pc}`;
    if (this.#counted.has(key)) return 'known';
    this.#counted.add(key);
    return 'left-out';
  }

  #toldOf(request: number, access: Touch['access'], part: Touch['part']): Set<bigint> {
    const known = this.#told.get(request)?.[access].get(part);
    if (known !== undefined) return known;
    const ofRequest = this.#told.get(request) ?? { load: new Map(), store: new Map() };
    const told = new Set<bigint>();
    this.#told.set(request, ofRequest);
    ofRequest[access].set(part, told);
    return told;
  }

  /** The request is over. */
  forget(request: number): void {
    this.#told.delete(request);
  }

  save() {
    return { told: this.#told, counted: this.#counted };
  }

  restore({ told, counted }: ReturnType<RacePlaces['save']>): void {
    this.#told = told;
    this.#counted = counted;
  }
}
