/**
 * The file system of rCore-Tutorial. Reference: its easy-fs/src/layout.rs (superblock, inodes, entries), efs.rs and bitmap.rs (areas).
 * Its folders have no `.` and `..`, and its inodes no count of links. An entry without a name is one that was taken away.
 *
 * Left out: inodes that a student has laid out anew, e.g. with a count of links.
 */
import { utf8Text } from '../../bytes/text.ts';
import { blockMap, piecesOf } from './contents.ts';
import { type Block, type Disk, FileSystemError, LastBlock } from './disk.ts';
import { type Extent, examineInodes, type InodeFileSystem, type NamedInode, openInode } from './inode-soundness.ts';
import { type Visit, walkPointers } from './pointers.ts';
import type { Soundness } from './soundness.ts';
import type { Entry, FileNode, Volume } from './volume.ts';

const BLOCK = 512;
const MAGIC = 0x3b80_0001;
const ROOT = 0;
const INODE_BYTES = 128;
const DIRECT = 28;
/** Direct ones, and one for each level of blocks of pointers. */
const POINTERS = DIRECT + 2;
/** Of the type, after the size and the pointers: 0 file, 1 folder. */
const TYPE_AT = 4 + 4 * POINTERS;
const ENTRY_BYTES = 32;
const NAME_BYTES = 28;
const BITS = 8 * BLOCK;

export function openEasyFs(disk: Disk): Volume {
  return new EasyFs(disk);
}

class EasyFs implements Volume, InodeFileSystem {
  readonly disk: Disk;
  readonly blockSize = BLOCK;
  readonly blocks: number;
  readonly inodes: { readonly from: number; readonly to: number };
  readonly firstOrdinary = ROOT;
  readonly hasDots = false;
  readonly root: FileNode;
  readonly #inodeStart: number;
  readonly #dataBitmapStart: number;
  readonly #dataStart: number;

  constructor(disk: Disk) {
    this.disk = disk;
    const superblock = disk.read(0, 24);
    if (superblock.u32(0) !== MAGIC) throw new FileSystemError('there is no easy-fs on the disk: it does not begin with its magic number');
    const [total, inodeBitmap, inodeArea, dataBitmap, dataArea] = [4, 8, 12, 16, 20].map((at) => superblock.u32(at)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    const room = Math.floor(disk.size / BLOCK);
    if (total > room) throw new FileSystemError(`the superblock says that the file system has ${total} blocks, but the disk has ${room}`);
    this.#inodeStart = 1 + inodeBitmap;
    this.#dataBitmapStart = this.#inodeStart + inodeArea;
    this.#dataStart = this.#dataBitmapStart + dataBitmap;
    // The last bits of a bitmap stand for nothing where the area is smaller.
    this.blocks = Math.min(this.#dataStart + dataArea, this.#dataStart + dataBitmap * BITS);
    if (this.#dataStart + dataArea > total)
      throw new FileSystemError(
        `the areas that the superblock names end at block ${this.#dataStart + dataArea}, the file system at block ${total}`,
      );
    this.inodes = { from: ROOT, to: Math.min(inodeBitmap * BITS, inodeArea * (BLOCK / INODE_BYTES)) };
    const root = this.inodes.to > 0 ? this.inode(ROOT) : null;
    if (root?.type !== 'folder') throw new FileSystemError('inode 0, the root, is not a folder');
    this.root = root;
  }

  #block(block: number): Block {
    if (block >= this.blocks) throw new FileSystemError(`a file has block ${block}, but the file system ends before block ${this.blocks}`);
    return this.disk.read(block * BLOCK, BLOCK);
  }

  readonly #bitmap = new LastBlock((block) => this.#block(block));

  #bit(start: number, index: number): boolean {
    const block = start + Math.floor(index / BITS);
    return this.#bitmap.get(block).bit(index % BITS);
  }

  readonly #inodes = new LastBlock((block) => this.#block(block));

  #inode(id: number): Block {
    const block = this.#inodeStart + Math.floor(id / (BLOCK / INODE_BYTES));
    return this.#inodes.get(block).part((id * INODE_BYTES) % BLOCK, INODE_BYTES);
  }

  /** Which inodes are in use, only their bitmap says. */
  inode(id: number): FileNode | null {
    if (!this.#bit(1, id)) return null;
    const inode = this.#inode(id);
    const type = inode.u8(TYPE_AT);
    return { id, type: type === 0 ? 'file' : type === 1 ? 'folder' : 'other', size: inode.u32(0), mode: null, links: null };
  }

  walk(file: FileNode, visit: Visit): void {
    const inode = this.#inode(file.id);
    const pointers = Array.from({ length: POINTERS }, (_, index) => inode.u32(4 + 4 * index));
    const read = (block: number) => this.#block(block);
    // Pointers beyond the size are what a longer file has left there.
    const limit = Math.ceil(file.size / BLOCK);
    walkPointers({ disk: this.disk, read, pointers, direct: DIRECT, perBlock: BLOCK / 4, limit }, visit);
  }

  contents(file: FileNode): Iterable<Uint8Array> {
    const map = blockMap(file, BLOCK, (blocks) =>
      this.walk(file, ({ block, index, holds }) => {
        if (holds === 'data') blocks[index] = block;
        return true;
      }),
    );
    return piecesOf(file, BLOCK, map, (block) => this.#block(block).bytes);
  }

  *names(folder: FileNode): Iterable<NamedInode> {
    for (const piece of this.contents(folder)) {
      for (let at = 0; at + ENTRY_BYTES <= piece.length; at += ENTRY_BYTES) {
        this.disk.step();
        const name = piece.subarray(at, at + NAME_BYTES);
        const end = name.indexOf(0);
        if (end === 0) continue;
        const id = new DataView(piece.buffer, piece.byteOffset).getUint32(at + NAME_BYTES, true);
        yield { name: utf8Text(end === -1 ? name : name.subarray(0, end)), id };
      }
    }
  }

  *entries(folder: FileNode): Iterable<Entry> {
    for (const { name, id } of this.names(folder)) yield { name, open: () => openInode(this, id) };
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

  /** The bitmap speaks of the data area only. */
  isBlockTaken(block: number): boolean {
    return block < this.#dataStart || this.#bit(this.#dataBitmapStart, block - this.#dataStart);
  }

  linksOf(_: FileNode, names: number): number {
    return names;
  }

  *sizeProblems(file: FileNode, { end, holes }: Extent): Iterable<string> {
    if (file.type === 'other') yield 'is neither a file nor a folder by its type';
    const needed = Math.ceil(file.size / BLOCK);
    const missing = Math.max(0, needed - end) + holes;
    if (missing > 0) yield `has ${file.size} bytes by its size, for which ${missing} of ${needed} blocks are missing`;
    if (file.type === 'folder' && file.size % ENTRY_BYTES !== 0)
      yield `has ${file.size} bytes, not a multiple of ${ENTRY_BYTES} as a folder should`;
  }

  examine(soundness: Soundness): void {
    examineInodes(this, soundness);
  }
}
