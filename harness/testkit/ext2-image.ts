/** A small disk with ext2 in its first form (revision 0, blocks of 1024 bytes, one group), for tests to read and to break. */
import { DiskWriter, type MadeFiles, treeOf } from './disk-writer.ts';

const BLOCK = 1024;
const BLOCKS = 400;
const INODES = 64;
/** Blocks, after the superblock's and the descriptor's. */
export const EXT2_BLOCK_BITMAP = 3;
export const EXT2_INODE_BITMAP = 4;
const TABLE = 5;
const FIRST_DATA = TABLE + (INODES * 128) / BLOCK;
const FIRST_INODE = 11;

const FOLDER = 0o40755;
const FILE = 0o100644;

export class Ext2Image extends DiskWriter {
  readonly ids: ReadonlyMap<string, number>;
  #next = FIRST_DATA;

  constructor(files: MadeFiles) {
    super(BLOCKS * BLOCK);
    const tree = treeOf(files);
    this.ids = new Map(tree.map(({ path }, index) => [path, path === '' ? 2 : FIRST_INODE + index - 1]));
    for (const { path, parent, content } of tree) {
      const below = tree.filter((one) => one.path !== '' && one.parent === path);
      const folders = below.filter((one) => one.content === null).length;
      const entries = [['.', path] as const, ['..', parent] as const, ...below.map((one) => [one.name, one.path] as const)];
      if (content === null) this.#inode(path, { mode: FOLDER, links: 2 + folders, content: this.#folder(entries) });
      else this.#inode(path, { mode: FILE, links: 1, content });
    }
    const used = FIRST_INODE - 1 + tree.length - 1;
    for (let bit = 0; bit < BLOCK * 8; bit++) {
      this.bit(EXT2_BLOCK_BITMAP * BLOCK, bit, bit + 1 < this.#next || bit + 1 >= BLOCKS ? 1 : 0);
      this.bit(EXT2_INODE_BITMAP * BLOCK, bit, bit < used || bit >= INODES ? 1 : 0);
    }
    const free = { blocks: BLOCKS - this.#next, inodes: INODES - used };
    this.u32(BLOCK, INODES, BLOCKS, 0, free.blocks, free.inodes, 1, 0, 0, 8 * BLOCK, 8 * BLOCK, INODES)
      .u16(BLOCK + 56, 0xef53)
      .u16(BLOCK + 58, 1)
      .u16(BLOCK + 60, 1);
    this.u32(2 * BLOCK, EXT2_BLOCK_BITMAP, EXT2_INODE_BITMAP, TABLE)
      .u16(2 * BLOCK + 12, free.blocks)
      .u16(2 * BLOCK + 14, free.inodes)
      .u16(2 * BLOCK + 16, tree.filter(({ content }) => content === null).length);
  }

  inodeAt(path: string): number {
    return TABLE * BLOCK + (this.ids.get(path)! - 1) * 128;
  }

  blockOf(path: string): number {
    return this.get32(this.inodeAt(path) + 40);
  }

  #folder(entries: readonly (readonly [string, string])[]): Uint8Array {
    const made = new DiskWriter(BLOCK);
    let at = 0;
    for (const [index, [name, path]] of entries.entries()) {
      const length = index === entries.length - 1 ? BLOCK - at : 8 + 4 * Math.ceil(name.length / 4);
      made
        .u32(at, this.ids.get(path)!)
        .u16(at + 4, length)
        .u16(at + 6, name.length)
        .put(at + 8, name);
      at += length;
    }
    return made.bytes;
  }

  #inode(path: string, { mode, links, content }: { mode: number; links: number; content: Uint8Array }): void {
    const at = this.inodeAt(path);
    const before = this.#next;
    for (let index = 0; index * BLOCK < content.length; index++) {
      this.put(this.#pointer(at + 40, index) * BLOCK, content.subarray(index * BLOCK, (index + 1) * BLOCK));
    }
    this.u16(at, mode)
      .u32(at + 4, content.length)
      .u16(at + 26, links)
      .u32(at + 28, (this.#next - before) * 2);
  }

  #pointer(pointers: number, index: number): number {
    if (index < 12) return this.#made(pointers + 4 * index);
    return this.#made(this.#made(pointers + 4 * 12) * BLOCK + 4 * (index - 12));
  }

  #made(at: number): number {
    if (this.get32(at) === 0) this.u32(at, this.#next++);
    return this.get32(at);
  }
}
