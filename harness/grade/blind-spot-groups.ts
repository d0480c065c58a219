/** Blind spots that belong together, under the pattern by which a rubric's author may accept them. */
import type { BlindSpot } from './blind-spots.ts';

export interface BlindSpotGroup {
  /** A mutation's name, or what several begin with and `*`; it fits no mutation that a check notices. */
  readonly pattern: string;
  readonly spots: readonly BlindSpot[];
}

/** In the order of their first ones. `noticed`: the names of the mutations that a check notices. */
export function blindSpotGroups(spots: readonly BlindSpot[], noticed: readonly string[]): BlindSpotGroup[] {
  return groupsBelow('', spots, noticed);
}

function groupsBelow(prefix: string, spots: readonly BlindSpot[], noticed: readonly string[]): BlindSpotGroup[] {
  const [only] = spots;
  if (spots.length === 1 && only !== undefined) return [{ pattern: only.name, spots }];
  // Nothing but a * would accept all that anybody ever thinks of.
  if (noticed.length === 0 && prefix !== '') return [{ pattern: `${prefix}*`, spots }];
  const byStep = new Map<string, BlindSpot[]>();
  for (const spot of spots) {
    const step = stepOf(spot.name, prefix);
    byStep.set(step, [...(byStep.get(step) ?? []), spot]);
  }
  return [...byStep].flatMap(([step, below]) =>
    groupsBelow(
      step,
      below,
      noticed.filter((name) => name.startsWith(step)),
    ),
  );
}

/** The name up to the next `/` or `=` after the prefix: the next part of `write/blk/request-1/type=IN`. */
function stepOf(name: string, prefix: string): string {
  const end = name.slice(prefix.length).search(/[/=]/);
  return end === -1 ? name : name.slice(0, prefix.length + end + 1);
}
