/**
 * The files of ext2, and of ext3 and ext4 as `mkfs.ext4` makes them. Reference: as in ext2-layout.ts, and the chapters "Inode", "Direct/Indirect
 * Block Addressing", "Linear (Classic) Directories". What is wrong with one is what e2fsck(8) finds; it is the test of this file.
 *
 * Left out: blocks of extended attributes that several inodes share; indices of folders are not checked, as folders can be read without them.
 */
import { utf8Text } from '../../bytes/text.ts';
import { blockMap, piecesOf } from './contents.ts';
import { type Block, type Disk, FileSystemError, LastBlock } from './disk.ts';
import { walkExtents } from './ext2-extents.ts';
import { Ext2Layout } from './ext2-layout.ts';
import { type Extent, examineInodes, type InodeFileSystem, type NamedInode, openInode } from './inode-soundness.ts';
import { type Visit, walkPointers } from './pointers.ts';
import type { Soundness } from './soundness.ts';
import type { Entry, FileNode, FileType, Volume } from './volume.ts';

const ROOT = 2;
/** Keeps blocks for descriptors of groups that do not exist yet; its pointers lead to them. */
const RESIZE = 7;
const DIRECT = 12;
const POINTERS = 15;
const EXTENTS = 0x8_0000;
/** i_blocks counts blocks, not sectors. */
const HUGE_FILE = 0x4_0000;
const BLOCKS_AT = 40;

const TYPES: Readonly<Record<number, FileType>> = { 2: 'device', 4: 'folder', 6: 'device', 8: 'file', 10: 'link' };

export function openExt2(disk: Disk): Volume {
  return new Ext2(disk);
}

class Ext2 implements Volume, InodeFileSystem {
  readonly disk: Disk;
  readonly blockSize: number;
  readonly blocks: number;
  readonly inodes: { readonly from: number; readonly to: number };
  readonly firstOrdinary: number;
  readonly hasDots = true;
  readonly root: FileNode;
  readonly #layout: Ext2Layout;
  readonly #inodeBitmaps: LastBlock;
  readonly #blockBitmaps: LastBlock;

  constructor(disk: Disk) {
    this.disk = disk;
    const layout = new Ext2Layout(disk);
    this.#layout = layout;
    this.blockSize = layout.blockSize;
    this.blocks = layout.blocks;
    this.inodes = { from: 1, to: layout.inodes + 1 };
    this.firstOrdinary = layout.firstInode;
    this.#inodeBitmaps = new LastBlock((group) => layout.block(layout.groups[group]!.inodeBitmap));
    this.#blockBitmaps = new LastBlock((group) => layout.block(layout.groups[group]!.blockBitmap));
    const root = this.inode(ROOT);
    if (root?.type !== 'folder') throw new FileSystemError('inode 2, the root, is not a folder');
    this.root = root;
  }

  inode(id: number): FileNode | null {
    if (!this.#layout.isKnown(id)) return null;
    const inode = this.#layout.inode(id);
    const [mode, links] = [inode.u16(0), inode.u16(26)];
    if (links === 0) return null;
    const type = TYPES[mode >> 12] ?? 'other';
    return { id, type, size: inode.u32(4) + (type === 'file' ? inode.u32(108) * 2 ** 32 : 0), mode: mode & 0o7777, links };
  }

  walk(file: FileNode, visit: Visit): void {
    const inode = this.#layout.inode(file.id);
    this.#attributes(inode, visit);
    if (isInInode(file, inode)) return;
    const read = (block: number) => this.#layout.block(block);
    if ((inode.u32(32) & EXTENTS) !== 0) return walkExtents(this.disk, inode.part(BLOCKS_AT, 60), read, visit);
    const pointers = Array.from({ length: POINTERS }, (_, index) => inode.u32(BLOCKS_AT + 4 * index));
    const all = { disk: this.disk, read, pointers, direct: DIRECT, perBlock: this.blockSize / 4, limit: Number.POSITIVE_INFINITY };
    // What its pointers lead to belongs to the file system anyway.
    walkPointers(all, file.id === RESIZE ? (block) => visit(block) && false : visit);
  }

  /** The block of extended attributes, where the file has one of its own. */
  #attributes(inode: Block, visit: Visit): void {
    const block = inode.u32(104);
    if (block !== 0) visit({ block, index: 0, holds: 'pointers' });
  }

  contents(file: FileNode): Iterable<Uint8Array> {
    const inode = this.#layout.inode(file.id);
    if (isInInode(file, inode)) return file.type === 'link' ? [inode.part(BLOCKS_AT, file.size).bytes] : [];
    const map = blockMap(file, this.blockSize, (blocks) =>
      this.walk(file, ({ block, index, holds }) => {
        if (holds === 'data' && index < blocks.length) blocks[index] = block;
        return index < blocks.length;
      }),
    );
    return piecesOf(file, this.blockSize, map, (block) => this.#layout.block(block).bytes);
  }

  *names(folder: FileNode): Iterable<NamedInode> {
    let index = 0;
    for (const piece of this.contents(folder)) {
      const { bytes, u16, u32 } = numbersOf(piece);
      for (let at = 0; at + 8 <= bytes.length; at += u16(at + 4)) {
        this.disk.step();
        const [length, name] = [u16(at + 4), this.#layout.hasTypes ? bytes[at + 6]! : u16(at + 6)];
        if (length < 8 || length % 4 !== 0 || at + length > bytes.length || name > length - 8)
          throw new FileSystemError(`block ${index} of the folder has an entry of a wrong length at byte ${at}`);
        if (u32(at) !== 0) yield { name: utf8Text(bytes.subarray(at + 8, at + 8 + name)), id: u32(at) };
      }
      index++;
    }
  }

  *entries(folder: FileNode): Iterable<Entry> {
    for (const { name, id } of this.names(folder)) {
      if (name !== '.' && name !== '..') yield { name, open: () => openInode(this, id) };
    }
  }

  isSameName(one: string, other: string): boolean {
    return one === other;
  }

  ownBlocks(): Iterable<readonly [number, number]> {
    return this.#layout.ownBlocks();
  }

  isInodeTaken(id: number): boolean {
    if (!this.#layout.isKnown(id)) return false;
    return this.#inodeBitmaps.get(this.#layout.groupOfInode(id)).bit((id - 1) % this.#layout.inodesPerGroup);
  }

  isBlockTaken(block: number): boolean {
    const { firstBlock, blocksPerGroup, groups } = this.#layout;
    if (block < firstBlock) return true;
    const group = Math.floor((block - firstBlock) / blocksPerGroup);
    if (groups[group]!.hasNoBlockBitmap) return this.#isOwn(block);
    return this.#blockBitmaps.get(group).bit((block - firstBlock) % blocksPerGroup);
  }

  #own: Uint8Array | null = null;

  #isOwn(block: number): boolean {
    if (this.#own === null) {
      this.#own = new Uint8Array(this.blocks);
      for (const [from, to] of this.ownBlocks()) this.#own.fill(1, from, to);
    }
    return this.#own[block] === 1;
  }

  /** `.` is a link of its own. */
  linksOf(file: FileNode, names: number, folders: number): number {
    return file.type === 'folder' ? Math.max(names, 1) + 1 + folders : names;
  }

  *sizeProblems(file: FileNode, { count, end }: Extent): Iterable<string> {
    if (file.id < this.firstOrdinary && file.id !== ROOT) return;
    const inode = this.#layout.inode(file.id);
    const sectors = inode.u32(28);
    const unit = (inode.u32(32) & HUGE_FILE) !== 0 ? this.blockSize : 512;
    if (sectors * unit !== count * this.blockSize) {
      yield `has ${sectors} sectors by its inode, but its blocks are ${(count * this.blockSize) / unit} of them`;
    }
    if (file.type === 'folder' && file.size !== end * this.blockSize)
      yield `has ${file.size} bytes by its size, but ${end * this.blockSize} by its blocks`;
    // A last block that is empty is no mistake.
    if (file.type === 'file' && (end - 1) * this.blockSize > file.size) yield `has ${file.size} bytes by its size, but blocks beyond them`;
  }

  examine(soundness: Soundness): void {
    const { groups } = this.#layout;
    const outside = groups.findIndex(
      ({ blockBitmap, inodeBitmap, inodeTable }) => Math.max(blockBitmap, inodeBitmap, inodeTable) >= this.blocks,
    );
    if (outside !== -1) throw new FileSystemError(`the bitmaps or the inodes of group ${outside} lie outside the file system`);
    const { orphanFile } = this.#layout;
    examineInodes(this, soundness, { nameless: orphanFile });
    this.#examineCounts(soundness);
  }

  /** The counts of groups. Those of the superblock kernels need not keep up to date, and e2fsck does not ask for it. */
  #examineCounts(soundness: Soundness): void {
    const { groups, inodesPerGroup } = this.#layout;
    for (const [index, group] of groups.entries()) {
      const [from, to] = this.#layout.extentOf(index);
      let blocks = 0;
      for (let block = from; block < to; block++) if (!this.isBlockTaken(block)) blocks++;
      let inodes = 0;
      let folders = 0;
      for (let id = index * inodesPerGroup + 1; id <= (index + 1) * inodesPerGroup; id++) {
        this.disk.step();
        if (!this.isInodeTaken(id)) inodes++;
        else if (this.inode(id)?.type === 'folder') folders++;
      }
      const mustBe = (what: string, said: number, counted: number) => {
        if (said !== counted)
          soundness.add('counts', `group ${index} has ${said} ${what} by its descriptor, but ${counted} when they are counted`);
      };
      this.#examinePadding(index, soundness);
      mustBe('free blocks', group.freeBlocks, blocks);
      mustBe('free inodes', group.freeInodes, inodes);
      mustBe('folders', group.folders, folders);
    }
  }

  /** Bits after the last block or inode of a group have to be set, so that nobody takes them. */
  #examinePadding(index: number, soundness: Soundness): void {
    const { groups, inodesPerGroup } = this.#layout;
    const [from, to] = this.#layout.extentOf(index);
    const { hasNoBlockBitmap, knownInodes } = groups[index]!;
    const isFree = (bitmap: Block, first: number) => {
      for (let bit = first; bit < 8 * this.blockSize; bit++) if (!bitmap.bit(bit)) return true;
      return false;
    };
    const tell = (what: string) => soundness.add('bitmap', `the bitmap of ${what} of group ${index} has free bits after its last one`);
    if (!hasNoBlockBitmap && isFree(this.#blockBitmaps.get(index), to - from)) tell('blocks');
    if (knownInodes > 0 && isFree(this.#inodeBitmaps.get(index), inodesPerGroup)) tell('inodes');
  }
}

/** A short link holds its path in place of pointers, a device its numbers. */
function isInInode({ type, size }: FileNode, inode: Block): boolean {
  if (type === 'device' || type === 'other') return true;
  return type === 'link' && size < 60 && (inode.u32(32) & EXTENTS) === 0;
}

function numbersOf(bytes: Uint8Array): { bytes: Uint8Array; u16: (at: number) => number; u32: (at: number) => number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return { bytes, u16: (at) => view.getUint16(at, true), u32: (at) => view.getUint32(at, true) };
}
