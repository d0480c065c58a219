/** The blocks of a file of ext4 that has extents instead of pointers. Reference: "Extent Tree" in Documentation/filesystems/ext4 of Linux. */
import { type Block, type Disk, FileSystemError } from './disk.ts';
import type { Visit } from './pointers.ts';

const MAGIC = 0xf30a;
const ENTRY = 12;
const MOST_LEVELS = 5;
/** A length above it means that the blocks hold nothing yet. */
const LONGEST = 32768;

/** `root`: the 60 bytes in the inode. */
export function walkExtents(disk: Disk, root: Block, read: (block: number) => Block, visit: Visit): void {
  node({ disk, read, visit }, root, MOST_LEVELS + 1);
}

interface Walk {
  readonly disk: Disk;
  readonly read: (block: number) => Block;
  readonly visit: Visit;
}

/** `above`: the depth of the node above, which must be one more. */
function node(walk: Walk, bytes: Block, above: number): void {
  const [count, depth] = [bytes.u16(2), bytes.u16(6)];
  if (bytes.u16(0) !== MAGIC || ENTRY * (count + 1) > bytes.bytes.length)
    throw new FileSystemError('its tree of extents has a node that is none');
  if (depth >= above) throw new FileSystemError('its tree of extents has a node of a wrong depth');
  for (let index = 1; index <= count; index++) {
    walk.disk.step();
    const entry = bytes.part(index * ENTRY, ENTRY);
    if (depth === 0) leaf(walk, entry);
    else below(walk, entry, depth);
  }
}

function below({ disk, read, visit }: Walk, entry: Block, depth: number): void {
  const block = entry.u32(4) + entry.u16(8) * 2 ** 32;
  if (visit({ block, index: entry.u32(0), holds: 'pointers' })) node({ disk, read, visit }, read(block), depth);
}

function leaf({ disk, visit }: Walk, entry: Block): void {
  const length = entry.u16(4);
  const isRoom = length > LONGEST;
  const start = entry.u32(8) + entry.u16(6) * 2 ** 32;
  for (let offset = 0; offset < (isRoom ? length - LONGEST : length); offset++) {
    disk.step();
    visit({ block: start + offset, index: entry.u32(0) + offset, holds: isRoom ? 'room' : 'data' });
  }
}
