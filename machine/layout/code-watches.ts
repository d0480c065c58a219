/**
 * Instructions whose executions are counted, each by its physical address: the first ones of functions that a check asks for. In the one
 * memory, for each such instruction (a place) there is its decoded entry and the rules by which it is counted: a rule is a counter, and the
 * return addresses (in ra) that count. exec/decoded-pages.ts puts the places in, exec/tally.ts counts.
 */

import { CODE_WATCHES } from './memory-map.ts';
import { hostOf } from './ram.ts';
import type { HartState } from './state.ts';
import { MOST_REACHED, REACHED } from './tally.ts';

/** What is counted as one: executions of any of these instructions. */
export interface CodeWatch {
  /** Physical addresses; what does not lie in RAM is never executed. */
  readonly at: readonly bigint[];
  /** Where the caller may lie, as virtual addresses from the first to the one after the last; null: anywhere. */
  readonly from: readonly { readonly low: bigint; readonly high: bigint }[] | null;
  /** Whether the machine's owner is told of each execution (`onReached`). */
  readonly tells: boolean;
}

const MOST_PLACES = 1024;
const MOST_RULES = 4096;

/** Fields of a place; its first 8 bytes are the entry as it was decoded. */
export const PLACE = { original: 0, rules: 8, end: 12, teller: 16 } as const;
const PLACE_BYTES = 24;
/** Fields of a rule: a caller counts where `ra - 1 - low` is at most `last`. */
export const RULE = { low: 0, last: 8, counter: 16 } as const;
export const RULE_BYTES = 24;
const RULES = CODE_WATCHES + MOST_PLACES * PLACE_BYTES;
export const CODE_WATCHES_END = RULES + MOST_RULES * RULE_BYTES;

const ANYWHERE = [{ low: 0n, high: 1n << 64n }];

/** How many of the watches have room, from the first one on. */
export function watchesWithRoom(watches: readonly Pick<CodeWatch, 'at' | 'from'>[]): number {
  let [places, rules] = [0, 0];
  const tooMany = watches.findIndex(({ at, from }, index) => {
    places += at.length;
    rules += at.length * (from ?? ANYWHERE).length;
    return index >= MOST_REACHED || places > MOST_PLACES || rules > MOST_RULES;
  });
  return tooMany === -1 ? watches.length : tooMany;
}

/** At power-on, writes them into the memory. Returns the address of each place, by the host address of its instruction. */
export function placeCodeWatches(state: HartState, watches: readonly CodeWatch[]): Map<number, number> {
  const { view } = state;
  if (watchesWithRoom(watches) < watches.length) throw new RangeError('too many instructions are watched');
  const places = new Map<number, number>();
  const hostsOf = ({ at }: CodeWatch) => at.flatMap((one) => hostOf(state, one, 2) ?? []);
  let rule = RULES;
  for (const host of new Set(watches.flatMap(hostsOf))) {
    const place = CODE_WATCHES + places.size * PLACE_BYTES;
    places.set(host, place);
    view.setUint32(place + PLACE.rules, rule, true);
    watches.forEach((watch, index) => {
      const { from, tells } = watch;
      if (!hostsOf(watch).includes(host)) return;
      if (tells) view.setUint32(place + PLACE.teller, index + 1, true);
      for (const { low, high } of from ?? ANYWHERE) {
        view.setBigUint64(rule + RULE.low, BigInt.asUintN(64, low), true);
        view.setBigUint64(rule + RULE.last, BigInt.asUintN(64, high - low - 1n), true);
        view.setUint32(rule + RULE.counter, REACHED + 8 * index, true);
        rule += RULE_BYTES;
      }
    });
    view.setUint32(place + PLACE.end, rule, true);
  }
  return places;
}
