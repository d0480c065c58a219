/** A small disk with the file system of rCore-Tutorial, as its easy-fs/src/layout.rs lays it out, for tests to read and to break. */
import { DiskWriter, type MadeFiles, treeOf } from './disk-writer.ts';

const BLOCK = 512;
/** First blocks: bitmap of inodes, inodes (64 of them), bitmap of data, data. */
const INODE_BITMAP = 1;
const INODES = 2;
export const EASY_FS_BITMAP = 18;
export const EASY_FS_DATA = 19;
const DATA_BLOCKS = 400;

export class EasyFsImage extends DiskWriter {
  readonly ids: ReadonlyMap<string, number>;
  #next = EASY_FS_DATA;

  constructor(files: MadeFiles) {
    super((EASY_FS_DATA + DATA_BLOCKS) * BLOCK);
    const tree = treeOf(files);
    this.ids = new Map(tree.map(({ path }, index) => [path, index]));
    this.u32(0, 0x3b800001, EASY_FS_DATA + DATA_BLOCKS, 1, 16, 1, DATA_BLOCKS);
    for (const { path, content } of tree) {
      const below = tree.filter((one) => one.path !== '' && one.parent === path);
      const entries = new DiskWriter(below.length * 32);
      for (const [index, one] of below.entries()) entries.put(index * 32, one.name).u32(index * 32 + 28, this.ids.get(one.path)!);
      this.#inode(path, { type: content === null ? 1 : 0, content: content ?? entries.bytes });
    }
    for (let block = EASY_FS_DATA; block < this.#next; block++) this.bit(EASY_FS_BITMAP * BLOCK, block - EASY_FS_DATA, 1);
  }

  inodeAt(path: string): number {
    return INODES * BLOCK + this.ids.get(path)! * 128;
  }

  blockOf(path: string): number {
    return this.get32(this.inodeAt(path) + 4);
  }

  #inode(path: string, { type, content }: { type: number; content: Uint8Array }): void {
    this.bit(INODE_BITMAP * BLOCK, this.ids.get(path)!, 1);
    const at = this.inodeAt(path);
    this.u32(at, content.length).u8(at + 124, type);
    for (let index = 0; index * BLOCK < content.length; index++) {
      this.put(this.#pointer(at + 4, index) * BLOCK, content.subarray(index * BLOCK, (index + 1) * BLOCK));
    }
  }

  #pointer(pointers: number, index: number): number {
    if (index < 28) return this.#made(pointers + 4 * index);
    if (index < 28 + 128) return this.#made(this.#made(pointers + 4 * 28) * BLOCK + 4 * (index - 28));
    const beyond = index - 28 - 128;
    const double = this.#made(pointers + 4 * 29) * BLOCK;
    return this.#made(this.#made(double + 4 * Math.floor(beyond / 128)) * BLOCK + 4 * (beyond % 128));
  }

  #made(at: number): number {
    if (this.get32(at) === 0) this.u32(at, this.#next++);
    return this.get32(at);
  }
}
