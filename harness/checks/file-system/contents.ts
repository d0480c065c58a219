/** The bytes of a file, out of where its blocks lie; what no block holds is zeroes. */
import { FileSystemError } from './disk.ts';
import type { FileNode } from './volume.ts';

/** Bytes of one file that are read. */
const MOST_CONTENTS = 128 * 2 ** 20;

/** Where the file's blocks lie, 0 for a hole. `fill` gets it to fill in: one number for each block that the size has room for. */
export function blockMap({ size }: FileNode, blockSize: number, fill: (map: Uint32Array) => void): Uint32Array {
  if (size > MOST_CONTENTS)
    throw new FileSystemError(`the file has ${size} bytes, and only ${MOST_CONTENTS / 2 ** 20} MiB of one are read`);
  const map = new Uint32Array(Math.ceil(size / blockSize));
  fill(map);
  return map;
}

/** In pieces of a block. */
export function* piecesOf(
  { size }: FileNode,
  blockSize: number,
  map: Uint32Array,
  read: (block: number) => Uint8Array,
): Generator<Uint8Array> {
  for (let index = 0; index < map.length; index++) {
    const length = Math.min(blockSize, size - index * blockSize);
    const block = map[index]!;
    yield block === 0 ? new Uint8Array(length) : read(block).subarray(0, length);
  }
}
