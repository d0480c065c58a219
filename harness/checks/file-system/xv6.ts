/**
 * The file system of xv6-riscv. Reference: its kernel/fs.h (layout), kernel/log.c (the log), mkfs/mkfs.c (what an image begins as). A log
 * that was committed but not written back, as a power cut leaves it, is read as the next boot would recover it.
 *
 * Left out: xv6 for the PC, whose blocks have 512 bytes.
 */
import { utf8Text } from '../../bytes/text.ts';
import { blockMap, piecesOf } from './contents.ts';
import { type Block, type Disk, FileSystemError, LastBlock } from './disk.ts';
import { type Extent, examineInodes, type InodeFileSystem, type NamedInode, openInode } from './inode-soundness.ts';
import { type Visit, walkPointers } from './pointers.ts';
import type { Soundness } from './soundness.ts';
import type { Entry, FileNode, FileType, Volume } from './volume.ts';

const BLOCK = 1024;
const MAGIC = 0x1020_3040;
const ROOT = 1;
const INODE_BYTES = 64;
const ENTRY_BYTES = 16;
const NAME_BYTES = 14;
/** Pointers in an inode. */
const POINTERS = 13;

/** kernel/stat.h; 4 is what the lab on symbolic links adds. */
const TYPES: Readonly<Record<number, FileType>> = { 1: 'folder', 2: 'file', 3: 'device', 4: 'link' };

/** How an inode's pointers are used: as xv6 has it, and as the lab "Large files" changes it. */
export const XV6_DIRECT = 12;
export const XV6_BIG_FILES_DIRECT = 11;

export function openXv6(disk: Disk, direct: number): Volume {
  return new Xv6(disk, direct);
}

class Xv6 implements Volume, InodeFileSystem {
  readonly disk: Disk;
  readonly blockSize = BLOCK;
  readonly blocks: number;
  readonly inodes: { readonly from: number; readonly to: number };
  readonly firstOrdinary = ROOT;
  readonly hasDots = true;
  readonly root: FileNode;
  readonly #direct: number;
  readonly #inodeStart: number;
  readonly #bitmapStart: number;
  readonly #log: { start: number; length: number };
  /** Blocks that the log holds in a newer version. */
  readonly #logged = new Map<number, number>();
  readonly #logProblem: string | null;

  constructor(disk: Disk, direct: number) {
    this.disk = disk;
    this.#direct = direct;
    const superblock = disk.read(BLOCK, 32);
    if (superblock.u32(0) !== MAGIC)
      throw new FileSystemError('there is no file system of xv6 on the disk: block 1 does not begin with its magic number');
    this.blocks = superblock.u32(4);
    this.inodes = { from: ROOT, to: superblock.u32(12) };
    this.#log = { start: superblock.u32(20), length: superblock.u32(16) };
    this.#inodeStart = superblock.u32(24);
    this.#bitmapStart = superblock.u32(28);
    const room = Math.floor(disk.size / BLOCK);
    if (this.blocks > room)
      throw new FileSystemError(`the superblock says that the file system has ${this.blocks} blocks, but the disk has ${room}`);
    const areas = [2, this.#log.start, this.#inodeStart, this.#bitmapStart, this.#dataStart, this.blocks];
    const inodesEnd = this.#inodeStart + Math.ceil(this.inodes.to / (BLOCK / INODE_BYTES));
    if (areas.some((start, index) => start > (areas[index + 1] ?? start)) || inodesEnd > this.#bitmapStart)
      throw new FileSystemError('the areas that the superblock names are not one after the other: log, inodes, bitmap, data');
    this.#logProblem = this.#readLog();
    const root = this.inode(ROOT);
    if (root?.type !== 'folder') throw new FileSystemError('inode 1, the root, is not a folder');
    this.root = root;
  }

  get #dataStart(): number {
    return this.#bitmapStart + Math.ceil(this.blocks / (8 * BLOCK));
  }

  /** Returns what is wrong with the log. */
  #readLog(): string | null {
    const { start, length } = this.#log;
    if (length < 2) return null;
    const header = this.disk.read(start * BLOCK, BLOCK);
    const count = header.u32(0);
    if (count === 0) return null;
    if (count > Math.min(length - 1, BLOCK / 4 - 1))
      return `the log's header speaks of ${count} blocks, but the log has room for ${length - 1}`;
    for (let index = 0; index < count; index++) {
      const block = header.u32(4 + 4 * index);
      if (block >= this.blocks) return `the log's header speaks of block ${block}, but the file system ends before block ${this.blocks}`;
      this.#logged.set(block, start + 1 + index);
    }
    return null;
  }

  #block(block: number): Block {
    if (block >= this.blocks) throw new FileSystemError(`a file has block ${block}, but the file system ends before block ${this.blocks}`);
    return this.disk.read((this.#logged.get(block) ?? block) * BLOCK, BLOCK);
  }

  readonly #inodes = new LastBlock((block) => this.#block(block));

  #inode(id: number): Block {
    const block = this.#inodeStart + Math.floor(id / (BLOCK / INODE_BYTES));
    return this.#inodes.get(block).part((id * INODE_BYTES) % BLOCK, INODE_BYTES);
  }

  inode(id: number): FileNode | null {
    const inode = this.#inode(id);
    const type = inode.i16(0);
    if (type === 0) return null;
    return { id, type: TYPES[type] ?? 'other', size: inode.u32(8), mode: null, links: inode.i16(6) };
  }

  walk(file: FileNode, visit: Visit): void {
    const inode = this.#inode(file.id);
    const pointers = Array.from({ length: POINTERS }, (_, index) => inode.u32(12 + 4 * index));
    const read = (block: number) => this.#block(block);
    walkPointers({ disk: this.disk, read, pointers, direct: this.#direct, perBlock: BLOCK / 4, limit: Number.POSITIVE_INFINITY }, visit);
  }

  #map(file: FileNode): Uint32Array {
    return blockMap(file, BLOCK, (map) =>
      this.walk(file, ({ block, index, holds }) => {
        if (holds === 'data' && index < map.length) map[index] = block;
        return index < map.length;
      }),
    );
  }

  contents(file: FileNode): Iterable<Uint8Array> {
    return piecesOf(file, BLOCK, this.#map(file), (block) => this.#block(block).bytes);
  }

  *names(folder: FileNode): Iterable<NamedInode> {
    for (const piece of this.contents(folder)) {
      for (let at = 0; at + ENTRY_BYTES <= piece.length; at += ENTRY_BYTES) {
        const id = piece[at]! | (piece[at + 1]! << 8);
        this.disk.step();
        if (id === 0) continue;
        const name = piece.subarray(at + 2, at + 2 + NAME_BYTES);
        const end = name.indexOf(0);
        yield { name: utf8Text(end === -1 ? name : name.subarray(0, end)), id };
      }
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
    return [[0, this.#dataStart]];
  }

  isInodeTaken(): null {
    return null;
  }

  readonly #bitmap = new LastBlock((block) => this.#block(block));

  isBlockTaken(block: number): boolean {
    const place = this.#bitmapStart + Math.floor(block / (8 * BLOCK));
    return this.#bitmap.get(place).bit(block % (8 * BLOCK));
  }

  /** mkfs gives the root one link; each folder in a folder has a `..` that counts, and no `.` does. */
  linksOf(file: FileNode, names: number, folders: number): number {
    if (file.type !== 'folder') return names;
    return Math.max(names, 1) + folders;
  }

  *sizeProblems(file: FileNode, { end, holes }: Extent): Iterable<string> {
    if (file.type === 'device') return;
    if (file.type === 'other') yield `is of no type that xv6 has`;
    const needed = Math.ceil(file.size / BLOCK);
    // mkfs may give the root a size of one block more than it has.
    const missing = Math.max(0, needed - end) + holes;
    if (missing > 0 && file.type !== 'folder')
      yield `has ${file.size} bytes by its size, for which ${missing} of ${needed} blocks are missing`;
    if (file.type === 'folder' && file.size % ENTRY_BYTES !== 0)
      yield `has ${file.size} bytes, not a multiple of ${ENTRY_BYTES} as a folder should`;
  }

  examine(soundness: Soundness): void {
    if (this.#logProblem !== null) soundness.add('structure', this.#logProblem);
    examineInodes(this, soundness);
  }
}
