/** A part of a class, for one of several computers: `2/8` is the second of eight. It has every eighth submission, in the order of the class. */

/** `index` from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Shards of one class. */
export const MOST_SHARDS = 10_000;

/** undefined if the text is not a shard. */
export function parseShard(text: string): Shard | undefined {
  const [, first, second] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  const [index, count] = [Number(first), Number(second)];
  return index >= 1 && index <= count && count <= MOST_SHARDS ? { index, count } : undefined;
}

export function shardOf<Item>(items: readonly Item[], { index, count }: Shard): Item[] {
  return items.filter((_, position) => position % count === index - 1);
}

/** The class's order again, from what each shard has, in the order of the shards. */
export function interleave<Item>(shards: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(0, ...shards.map(({ length }) => length));
  return Array.from({ length: longest }, (_, round) => shards.flatMap((items) => (round < items.length ? [items[round]!] : []))).flat();
}

/** For file names: `2-of-8`. */
export function shardName({ index, count }: Shard): string {
  return `${index}-of-${count}`;
}
