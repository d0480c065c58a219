/** A small disk with FAT12 (512 bytes a cluster, short names), for tests to read and to break. */
import { DiskWriter, type MadeFiles, treeOf } from './disk-writer.ts';

const SECTOR = 512;
/** First sectors: two tables of two sectors each, the root of four, data. */
const TABLES = [1, 3];
const ROOT = 5;
const DATA = 9;
const CLUSTERS = 330;

export class FatImage extends DiskWriter {
  /** First clusters by path; 0 for the root, and for files that hold nothing. */
  readonly firsts = new Map<string, number>();
  #next = 2;

  constructor(files: MadeFiles) {
    super((DATA + CLUSTERS) * SECTOR);
    this.u16(11, SECTOR)
      .u8(13, 1)
      .u16(14, 1)
      .u8(16, 2)
      .u16(17, 64)
      .u16(19, DATA + CLUSTERS)
      .u8(21, 0xf8)
      .u16(22, 2)
      .u16(510, 0xaa55);
    this.put(0, new Uint8Array([0xeb, 0x3c, 0x90]))
      .put(3, 'MSWIN4.1')
      .u8(38, 0x29)
      .put(43, 'NO NAME    FAT12   ');
    this.next(0, 0xff8).next(1, 0xfff);
    const tree = treeOf(files);
    this.firsts.set('', 0);
    for (const { path, content } of tree) {
      if (path !== '') this.firsts.set(path, this.#chain(content === null ? 1 : Math.ceil(content.length / SECTOR)));
    }
    for (const { path, parent, content } of tree) {
      const below = tree.filter((one) => one.path !== '' && one.parent === path);
      if (content !== null) {
        for (let at = 0; at < content.length; at += SECTOR) this.put(this.clusterAt(path) + at, content.subarray(at, at + SECTOR));
        continue;
      }
      const dots =
        path === ''
          ? []
          : [
              this.#entry('.', { first: this.firsts.get(path)!, size: null }),
              this.#entry('..', { first: this.firsts.get(parent)!, size: null }),
            ];
      const entries = below.map((one) => this.#entry(one.name, { first: this.firsts.get(one.path)!, size: one.content?.length ?? null }));
      for (const [index, entry] of [...dots, ...entries].entries()) this.put(this.entryAt(path, index), entry);
    }
  }

  /** The file's first byte; its clusters lie one after another. */
  clusterAt(path: string): number {
    return (DATA + this.firsts.get(path)! - 2) * SECTOR;
  }

  entryAt(folder: string, index: number): number {
    return (folder === '' ? ROOT * SECTOR : this.clusterAt(folder)) + 32 * index;
  }

  /** Writes what the tables say of a cluster. */
  next(cluster: number, value: number, tables: readonly number[] = TABLES): this {
    for (const table of tables) {
      const at = table * SECTOR + cluster + (cluster >> 1);
      const both = this.get16(at);
      this.u16(at, cluster % 2 === 0 ? (both & 0xf000) | value : (both & 0xf) | (value << 4));
    }
    return this;
  }

  #chain(count: number): number {
    const first = count === 0 ? 0 : this.#next;
    for (let left = count; left > 0; left--) {
      this.next(this.#next, left === 1 ? 0xfff : this.#next + 1);
      this.#next++;
    }
    return first;
  }

  /** `size`: null for a folder. */
  #entry(name: string, { first, size }: { first: number; size: number | null }): Uint8Array {
    const [base, ending = ''] = name.startsWith('.') ? [name] : name.split('.');
    return new DiskWriter(32)
      .put(0, `${base!.padEnd(8)}${ending.padEnd(3)}`.toUpperCase())
      .u8(11, size === null ? 0x10 : 0x20)
      .u16(26, first)
      .u32(28, size ?? 0).bytes;
  }
}
