/** A small disk with the file system of xv6-riscv, as its kernel/fs.h lays it out, for tests to read and to break. */
import { DiskWriter, type MadeFiles, treeOf } from './disk-writer.ts';

const BLOCK = 1024;
const BLOCKS = 400;
/** First blocks: log (10 of them), inodes (64 of them), bitmap, data. */
export const XV6_LOG = 2;
const INODES = 12;
export const XV6_BITMAP = 16;
export const XV6_DATA = 17;

export class Xv6Image extends DiskWriter {
  /** Numbers of inodes by path. */
  readonly ids: ReadonlyMap<string, number>;
  readonly #direct: number;
  #next = XV6_DATA;

  /** `direct`: pointers to data in an inode; all others lead to blocks of pointers. */
  constructor(files: MadeFiles, { direct = 12 } = {}) {
    super(BLOCKS * BLOCK);
    this.#direct = direct;
    const tree = treeOf(files);
    this.ids = new Map(tree.map(({ path }, index) => [path, index + 1]));
    this.u32(BLOCK, 0x10203040, BLOCKS, BLOCKS - XV6_DATA, 64, 10, XV6_LOG, INODES, XV6_BITMAP);
    for (const { path, parent, content } of tree) {
      const below = tree.filter((one) => one.path !== '' && one.parent === path);
      const folders = below.filter((one) => one.content === null).length;
      const entries = [...[['.', path] as const, ['..', parent] as const], ...below.map((one) => [one.name, one.path] as const)];
      const isFolder = content === null;
      this.#inode(path, { type: isFolder ? 1 : 2, links: isFolder ? 1 + folders : 1, content: content ?? this.#folder(entries) });
    }
    for (let block = 0; block < this.#next; block++) this.bit(XV6_BITMAP * BLOCK, block, 1);
  }

  inodeAt(path: string): number {
    return INODES * BLOCK + this.ids.get(path)! * 64;
  }

  /** The first block of a file. */
  blockOf(path: string): number {
    return this.get32(this.inodeAt(path) + 12);
  }

  /** Where the folder's entry lies; 0 and 1 are `.` and `..`. */
  entryAt(folder: string, index: number): number {
    return this.blockOf(folder) * BLOCK + index * 16;
  }

  #folder(entries: readonly (readonly [string, string])[]): Uint8Array {
    const made = new DiskWriter(entries.length * 16);
    for (const [index, [name, path]] of entries.entries()) made.u16(index * 16, this.ids.get(path)!).put(index * 16 + 2, name);
    return made.bytes;
  }

  #inode(path: string, { type, links, content }: { type: number; links: number; content: Uint8Array }): void {
    const at = this.inodeAt(path);
    this.u16(at, type)
      .u16(at + 6, links)
      .u32(at + 8, content.length);
    const count = Math.ceil(content.length / BLOCK);
    for (let index = 0; index < count; index++) {
      const piece = content.subarray(index * BLOCK, (index + 1) * BLOCK);
      const block = this.#pointer(at + 12, index);
      this.put(block * BLOCK, piece);
    }
  }

  /** Makes the pointers to block `index` of a file; returns the block. */
  #pointer(pointers: number, index: number): number {
    if (index < this.#direct) return this.#made(pointers + 4 * index);
    const rest = index - this.#direct;
    const single = pointers + 4 * this.#direct;
    if (rest < 256) return this.#made(this.#made(single) * BLOCK + 4 * rest);
    const double = this.#made(single + 4) * BLOCK;
    const beyond = rest - 256;
    return this.#made(this.#made(double + 4 * Math.floor(beyond / 256)) * BLOCK + 4 * (beyond % 256));
  }

  #made(at: number): number {
    if (this.get32(at) === 0) this.u32(at, this.#next++);
    return this.get32(at);
  }
}
