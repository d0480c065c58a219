/**
 * Where things lie in ext2, ext3 and ext4: superblock, descriptors of groups, bitmaps, tables of inodes. Reference: "ext4 Data Structures and
 * Algorithms" in the documentation of Linux (Documentation/filesystems/ext4), chapters "Super Block", "Block Group Descriptors", "Inode Table".
 *
 * Left out: what newer features change in the layout (META_BG, BIGALLOC, SPARSE_SUPER2, inline data, encryption), which is refused; checksums, and
 * the journal: what is only in it is not seen, as with e2fsck -n.
 */
import { type Block, type Disk, FileSystemError, LastBlock } from './disk.ts';

const SUPERBLOCK_AT = 1024;
const MAGIC = 0xef53;

/** Incompatible features that are understood: FILETYPE, RECOVER, EXTENTS, 64BIT, FLEX_BG, CSUM_SEED. */
const KNOWN = 0x2 | 0x4 | 0x40 | 0x80 | 0x200 | 0x2000;
const FILETYPE = 0x2;
const WIDE = 0x80;
/** Features that an old kernel may only read. */
const SPARSE_SUPER = 0x1;
const BIGALLOC = 0x200;
/** GDT_CSUM and METADATA_CSUM: flags of groups mean something. */
const CHECKSUMS = 0x10 | 0x400;
/** Features that no kernel needs to know. */
const SPARSE_SUPER2 = 0x200;
const ORPHAN_FILE = 0x1000;

const INODES_UNUSED = 1;
const BLOCKS_UNUSED = 2;

export interface Group {
  readonly blockBitmap: number;
  readonly inodeBitmap: number;
  readonly inodeTable: number;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  readonly folders: number;
  /** Whether the bitmaps were never written: only the tables of the group are in use. */
  readonly hasNoBlockBitmap: boolean;
  /** Inodes at the beginning of the group's table that may be in use. */
  readonly knownInodes: number;
}

export class Ext2Layout {
  readonly disk: Disk;
  readonly blockSize: number;
  readonly blocks: number;
  readonly inodes: number;
  readonly firstBlock: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly firstInode: number;
  /** The inode of the list of orphans, which has no name; 0 if there is none. */
  readonly orphanFile: number;
  readonly hasTypes: boolean;
  readonly groups: readonly Group[];
  readonly #inodeBytes: number;
  readonly #descriptorBlocks: number;
  readonly #hasSparseCopies: boolean;
  readonly #tables: LastBlock;

  constructor(disk: Disk) {
    this.disk = disk;
    if (disk.size < 2 * SUPERBLOCK_AT) throw new FileSystemError('there is no ext2 on the disk: it is too small');
    const superblock = disk.read(SUPERBLOCK_AT, 1024);
    if (superblock.u16(56) !== MAGIC)
      throw new FileSystemError('there is no ext2 on the disk: the superblock at byte 1024 has no magic number');
    const { incompatible, readOnly, compatible } = featuresOf(superblock);
    const isWide = (incompatible & WIDE) !== 0;
    const unit = superblock.u32(24);
    this.blockSize = unit <= 6 ? 1024 << unit : 0;
    this.blocks = superblock.u32(4) + (isWide ? superblock.u32(0x150) * 2 ** 32 : 0);
    this.inodes = superblock.u32(0);
    this.firstBlock = superblock.u32(20);
    this.blocksPerGroup = superblock.u32(32);
    this.inodesPerGroup = superblock.u32(40);
    const isOld = superblock.u32(76) === 0;
    this.firstInode = isOld ? 11 : superblock.u32(84);
    this.#inodeBytes = isOld ? 128 : superblock.u16(88);
    this.orphanFile = (compatible & ORPHAN_FILE) === 0 ? 0 : superblock.u32(0x284);
    this.hasTypes = (incompatible & FILETYPE) !== 0;
    this.#hasSparseCopies = (readOnly & SPARSE_SUPER) !== 0;
    this.#tables = new LastBlock((block) => this.block(block));
    const count = this.#groupCount();
    const bytes = isWide ? superblock.u16(254) : 32;
    if (bytes < 32 || bytes > 1024) throw new FileSystemError(`the superblock says that descriptors of groups have ${bytes} bytes`);
    const length = Math.ceil((count * bytes) / this.blockSize);
    this.#descriptorBlocks = length + superblock.u16(206);
    this.groups = this.#readGroups(count, { bytes, isWide, hasFlags: (readOnly & CHECKSUMS) !== 0 });
  }

  /** Refuses numbers that do not go together. */
  #groupCount(): number {
    const { blockSize, blocks, inodes, firstBlock, blocksPerGroup, inodesPerGroup } = this;
    const room = blockSize === 0 ? 0 : Math.floor(this.disk.size / blockSize);
    if (blocks > room && blockSize !== 0)
      throw new FileSystemError(`the superblock says that the file system has ${blocks} blocks, but the disk has ${room}`);
    const isSensible =
      blockSize !== 0 &&
      firstBlock === (blockSize === 1024 ? 1 : 0) &&
      blocks > firstBlock &&
      blocksPerGroup > 0 &&
      blocksPerGroup <= 8 * blockSize &&
      inodesPerGroup > 0 &&
      inodesPerGroup <= 8 * blockSize &&
      this.#inodeBytes >= 128 &&
      this.#inodeBytes <= blockSize &&
      blockSize % this.#inodeBytes === 0;
    const groups = Math.ceil((blocks - firstBlock) / blocksPerGroup);
    if (!isSensible || groups * inodesPerGroup !== inodes)
      throw new FileSystemError('the sizes and numbers in the superblock do not go together');
    return groups;
  }

  #readGroups(count: number, { bytes, isWide, hasFlags }: { bytes: number; isWide: boolean; hasFlags: boolean }): Group[] {
    const all = this.disk.read((this.firstBlock + 1) * this.blockSize, count * bytes);
    return Array.from({ length: count }, (_, index) =>
      groupOf(all.part(index * bytes, bytes), { isWide: isWide && bytes >= 64, hasFlags, perGroup: this.inodesPerGroup }),
    );
  }

  block(block: number): Block {
    if (block >= this.blocks)
      throw new FileSystemError(`a file or a table has block ${block}, but the file system ends before block ${this.blocks}`);
    return this.disk.read(block * this.blockSize, this.blockSize);
  }

  inode(id: number): Block {
    const group = this.groups[this.groupOfInode(id)]!;
    const at = ((id - 1) % this.inodesPerGroup) * this.#inodeBytes;
    return this.#tables.get(group.inodeTable + Math.floor(at / this.blockSize)).part(at % this.blockSize, this.#inodeBytes);
  }

  groupOfInode(id: number): number {
    return Math.floor((id - 1) / this.inodesPerGroup);
  }

  /** Whether the table has been written where the inode lies. */
  isKnown(id: number): boolean {
    return (id - 1) % this.inodesPerGroup < this.groups[this.groupOfInode(id)]!.knownInodes;
  }

  /** First block of a group, and the one after its last. */
  extentOf(group: number): readonly [number, number] {
    const from = this.firstBlock + group * this.blocksPerGroup;
    return [from, Math.min(from + this.blocksPerGroup, this.blocks)];
  }

  /** Superblocks with their descriptors, bitmaps, tables of inodes. */
  *ownBlocks(): Iterable<readonly [number, number]> {
    yield [0, this.firstBlock];
    const table = Math.ceil((this.inodesPerGroup * this.#inodeBytes) / this.blockSize);
    for (const [index, { blockBitmap, inodeBitmap, inodeTable }] of this.groups.entries()) {
      const [from] = this.extentOf(index);
      if (this.#hasCopy(index)) yield [from, Math.min(this.blocks, from + 1 + this.#descriptorBlocks)];
      yield [blockBitmap, blockBitmap + 1];
      yield [inodeBitmap, inodeBitmap + 1];
      yield [inodeTable, inodeTable + table];
    }
  }

  /** Groups 0, 1 and powers of 3, 5 and 7; without SPARSE_SUPER all of them. */
  #hasCopy(group: number): boolean {
    return !this.#hasSparseCopies || group <= 1 || [3, 5, 7].some((base) => isPower(group, base));
  }
}

function isPower(number: number, base: number): boolean {
  let power = base;
  while (power < number) power *= base;
  return power === number;
}

function featuresOf(superblock: Block): { incompatible: number; readOnly: number; compatible: number } {
  if (superblock.u32(76) === 0) return { incompatible: 0, readOnly: 0, compatible: 0 };
  const [compatible, incompatible, readOnly] = [superblock.u32(92), superblock.u32(96), superblock.u32(100)];
  const strange = (incompatible & ~KNOWN) >>> 0;
  if (strange !== 0)
    throw new FileSystemError(`the file system has features that are not known here: 0x${strange.toString(16)}, incompatible`);
  if ((readOnly & BIGALLOC) !== 0) throw new FileSystemError('the file system has a feature that is not known here: BIGALLOC');
  if ((compatible & SPARSE_SUPER2) !== 0) throw new FileSystemError('the file system has a feature that is not known here: SPARSE_SUPER2');
  return { incompatible, readOnly, compatible };
}

function groupOf(descriptor: Block, { isWide, hasFlags, perGroup }: { isWide: boolean; hasFlags: boolean; perGroup: number }): Group {
  const wide32 = (low: number, high: number) => descriptor.u32(low) + (isWide ? descriptor.u32(high) * 2 ** 32 : 0);
  const wide16 = (low: number, high: number) => descriptor.u16(low) + (isWide ? descriptor.u16(high) * 2 ** 16 : 0);
  const flags = hasFlags ? descriptor.u16(18) : 0;
  const unused = hasFlags ? wide16(28, 50) : 0;
  return {
    blockBitmap: wide32(0, 32),
    inodeBitmap: wide32(4, 36),
    inodeTable: wide32(8, 40),
    freeBlocks: wide16(12, 44),
    freeInodes: wide16(14, 46),
    folders: wide16(16, 48),
    hasNoBlockBitmap: (flags & BLOCKS_UNUSED) !== 0,
    knownInodes: (flags & INODES_UNUSED) !== 0 ? 0 : Math.max(0, perGroup - unused),
  };
}
