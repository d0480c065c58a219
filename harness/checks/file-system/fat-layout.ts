/** Where things lie in FAT12, FAT16 and FAT32, and what its files hold. Reference: as in fat.ts. */
import { blockMap, piecesOf } from './contents.ts';
import { type Block, type Disk, FileSystemError } from './disk.ts';
import { type FatEntry, fatEntries } from './fat-entries.ts';
import type { Entry, FileNode, Volume } from './volume.ts';

/** Most clusters, and one more, of FAT12 and of FAT16. */
const FAT12_END = 4085;
const FAT16_END = 65525;
/** The first cluster has this number. */
export const FIRST_CLUSTER = 2;

export class Fat implements Omit<Volume, 'examine'> {
  readonly disk: Disk;
  /** Bytes of a cluster. */
  readonly blockSize: number;
  readonly root: FileNode;
  readonly bits: 12 | 16 | 32;
  /** Number after the last cluster. */
  readonly end: number;
  /** Copies of the table, in bytes. */
  readonly tables: readonly { readonly at: number; readonly length: number }[];
  readonly boot: Block;
  readonly sector: number;
  readonly #rootAt: number;
  readonly #rootLength: number;
  readonly #dataAt: number;
  #table: Block | null = null;

  constructor(disk: Disk) {
    this.disk = disk;
    if (disk.size < 512) throw new FileSystemError('there is no FAT on the disk: it is too small');
    const boot = disk.read(0, 512);
    this.boot = boot;
    if (boot.u16(510) !== 0xaa55) throw new FileSystemError('there is no FAT on the disk: the first sector does not end with 55 aa');
    this.sector = boot.u16(11);
    const perCluster = boot.u8(13);
    const isSensible = [512, 1024, 2048, 4096].includes(this.sector) && perCluster > 0 && (perCluster & (perCluster - 1)) === 0;
    if (!isSensible) throw new FileSystemError('there is no FAT on the disk: the first sector names no size of sectors and clusters');
    const [reserved, copies, rootEntries, short] = [boot.u16(14), boot.u8(16), boot.u16(17), boot.u16(22)];
    const total = boot.u16(19) || boot.u32(32);
    const length = short || boot.u32(36);
    this.blockSize = this.sector * perCluster;
    this.tables = Array.from({ length: copies }, (_, index) => ({
      at: (reserved + index * length) * this.sector,
      length: length * this.sector,
    }));
    this.#rootAt = (reserved + copies * length) * this.sector;
    this.#rootLength = Math.ceil((rootEntries * 32) / this.sector) * this.sector;
    this.#dataAt = this.#rootAt + this.#rootLength;
    const clusters = Math.floor((total * this.sector - this.#dataAt) / this.blockSize);
    this.end = FIRST_CLUSTER + clusters;
    this.bits = short === 0 ? 32 : clusters < FAT12_END ? 12 : clusters < FAT16_END ? 16 : 32;
    if (copies === 0 || reserved === 0 || clusters < 1 || (this.end * this.bits) / 8 > length * this.sector)
      throw new FileSystemError('the sizes and numbers in the first sector do not go together');
    if (total * this.sector > disk.size)
      throw new FileSystemError(
        `the first sector says that the file system has ${total} sectors, but the disk has ${Math.floor(disk.size / this.sector)}`,
      );
    this.root = { id: this.bits === 32 ? boot.u32(44) : 0, type: 'folder', size: 0, mode: null, links: null };
  }

  /** What the table says of a cluster: the next one, 0 where it is free, or a number that `isLast` or `isBad` knows. */
  next(cluster: number): number {
    this.#table ??= this.disk.read(this.tables[0]!.at, this.tables[0]!.length);
    return entryOf(this.#table, this.bits, cluster);
  }

  isLast(entry: number): boolean {
    return entry >= 2 ** (this.bits === 32 ? 28 : this.bits) - 8;
  }

  isBad(entry: number): boolean {
    return entry === 2 ** (this.bits === 32 ? 28 : this.bits) - 9;
  }

  isCluster(number: number): boolean {
    return number >= FIRST_CLUSTER && number < this.end;
  }

  cluster(cluster: number): Uint8Array {
    return this.disk.read(this.#dataAt + (cluster - FIRST_CLUSTER) * this.blockSize, this.blockSize).bytes;
  }

  /** Throws a FileSystemError where the chain leads out of the clusters, or never ends. */
  *chain(first: number): Iterable<number> {
    let count = 0;
    for (let cluster = first; !this.isLast(cluster); cluster = this.next(cluster)) {
      this.disk.step();
      if (!this.isCluster(cluster))
        throw new FileSystemError(
          `its chain leads to cluster ${cluster}, but clusters have the numbers ${FIRST_CLUSTER} to ${this.end - 1}`,
        );
      if (++count > this.end) throw new FileSystemError(`its chain of clusters never ends`);
      yield cluster;
    }
  }

  /** The pieces of a folder, as far as they can be read. */
  *pieces(folder: FileNode): Iterable<Uint8Array> {
    if (folder.id === 0) yield this.disk.read(this.#rootAt, this.#rootLength).bytes;
    else for (const cluster of this.chain(folder.id)) yield this.cluster(cluster);
  }

  /** With `.` and `..`. */
  *all(folder: FileNode): Iterable<FatEntry> {
    for (const entry of fatEntries(this.pieces(folder), { isWide: this.bits === 32 })) {
      this.disk.step();
      yield entry;
    }
  }

  *entries(folder: FileNode): Iterable<Entry> {
    for (const entry of this.all(folder)) {
      if (entry.name !== '.' && entry.name !== '..') yield { name: entry.name, open: () => nodeOf(entry) };
    }
  }

  contents(file: FileNode): Iterable<Uint8Array> {
    if (file.type === 'folder') return this.pieces(file);
    const map = blockMap(file, this.blockSize, (blocks) => {
      let index = 0;
      for (const cluster of file.id === 0 ? [] : this.chain(file.id)) {
        if (index === blocks.length) return;
        blocks[index++] = cluster;
      }
      if (index < blocks.length)
        throw new FileSystemError(
          `the file has ${file.size} bytes by its size, but its chain ends after ${index} of ${blocks.length} clusters`,
        );
    });
    return piecesOf(file, this.blockSize, map, (cluster) => this.cluster(cluster));
  }

  isSameName(one: string, other: string): boolean {
    return one.toLowerCase() === other.toLowerCase();
  }
}

export function nodeOf({ first, size, isFolder }: FatEntry): FileNode {
  return { id: first, type: isFolder ? 'folder' : 'file', size, mode: null, links: null };
}

function entryOf(table: Block, bits: 12 | 16 | 32, cluster: number): number {
  switch (bits) {
    case 12: {
      const both = table.u16(cluster + (cluster >> 1));
      return cluster % 2 === 0 ? both & 0xfff : both >> 4;
    }
    case 16:
      return table.u16(2 * cluster);
    case 32:
      return table.u32(4 * cluster) & 0x0fff_ffff;
  }
}
