/**
 * The innermost loops of a region. They are worth code of their own, in which the next round is a plain branch and needs no look-up.
 * Reference: natural loops as compilers find them, but without dominators. A loop may also be entered elsewhere than at its head: all its
 * blocks are translated one by one as well, so nothing depends on its being natural.
 */
import { type Block, nextOf, startOfBlock } from './region.ts';

/** Most instructions of a loop that is translated a second time, as a loop. */
const MOST_INSTRUCTIONS = 128;

/** For each block that is the head of an innermost loop, by number: the numbers of the loop's blocks in order, the head first. */
export function innermostLoops(blocks: readonly Block[]): ReadonlyMap<number, readonly number[]> {
  const numbers = new Map(blocks.map((b, n) => [startOfBlock(b), n]));
  const next = blocks.map(({ instructions }) => nextOf(instructions.at(-1)!).flatMap((offset) => numbers.get(offset) ?? []));
  const previous: number[][] = blocks.map(() => []);
  next.forEach((targets, from) => {
    for (const to of targets) previous[to]!.push(from);
  });

  const loops = new Map<number, Set<number>>();
  next.forEach((targets, from) => {
    for (const head of targets) if (head <= from) gather(previous, head, from, loops);
  });
  return new Map([...loops].flatMap(([head, body]) => (isInnermost(head, body, loops, blocks) ? [[head, inOrder(body)]] : [])));
}

/** Adds all blocks on the ways from the head to `from`, which jumps back to the head. */
function gather(previous: readonly number[][], head: number, from: number, loops: Map<number, Set<number>>): void {
  const body = loops.get(head) ?? new Set([head]);
  const waiting = [from];
  for (let block = waiting.pop(); block !== undefined; block = waiting.pop()) {
    if (body.has(block)) continue;
    body.add(block);
    waiting.push(...previous[block]!);
  }
  loops.set(head, body);
}

function isInnermost(head: number, body: ReadonlySet<number>, loops: ReadonlyMap<number, unknown>, blocks: readonly Block[]): boolean {
  const instructions = [...body].reduce((sum, n) => sum + blocks[n]!.instructions.length, 0);
  return instructions <= MOST_INSTRUCTIONS && [...body].every((n) => n === head || (n > head && !loops.has(n)));
}

const inOrder = (body: ReadonlySet<number>): number[] => [...body].sort((a, b) => a - b);
