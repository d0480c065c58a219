/**
 * The blocks of a file whose inode has pointers: some to its first blocks, then one to a block of pointers, one to a block of pointers to
 * such blocks, and so on, as Unix has had them since its beginning (xv6, easy-fs, ext2). A pointer that is 0 is a hole.
 */
import type { Block, Disk } from './disk.ts';

/** One block of a file. `index`: its place in the file, or of a block of pointers, the place of the first block below it. */
export interface FileBlock {
  readonly block: number;
  readonly index: number;
  /** `room`: the block is kept for data that was not written yet, and reads as zeroes. */
  readonly holds: 'data' | 'pointers' | 'room';
}

/** Whether to look at what a block of pointers points to; of other blocks, the answer does not matter. */
export type Visit = (block: FileBlock) => boolean;

export interface Pointers {
  readonly disk: Disk;
  readonly read: (block: number) => Block;
  /** Of the inode: pointers to data first. */
  readonly pointers: readonly number[];
  readonly direct: number;
  /** Pointers that a block holds. */
  readonly perBlock: number;
  /** Blocks that the file has room for by its size, where pointers beyond it mean nothing; else Infinity. */
  readonly limit: number;
}

/** Depth first, in the order of the file. A block that points to itself is visited once for each level, of which there are three at most. */
export function walkPointers(all: Pointers, visit: Visit): void {
  const { pointers, direct, perBlock, limit } = all;
  let index = 0;
  for (const [position, pointer] of pointers.entries()) {
    if (index >= limit) return;
    const level = Math.max(0, position - direct + 1);
    below(all, pointer, index, level, visit);
    index += perBlock ** level;
  }
}

function below(all: Pointers, pointer: number, index: number, level: number, visit: Visit): void {
  const { disk, read, perBlock, limit } = all;
  disk.step();
  if (pointer === 0 || index >= limit) return;
  const goesOn = visit({ block: pointer, index, holds: level > 0 ? 'pointers' : 'data' });
  if (level === 0 || !goesOn) return;
  const block = read(pointer);
  for (let at = 0; at < perBlock; at++) below(all, block.u32(4 * at), index + at * perBlock ** (level - 1), level - 1, visit);
}
