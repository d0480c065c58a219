/**
 * Soundness of a file system with inodes: its tree is walked from the root, then every inode, then the bitmap is compared with what was
 * found. Each block is looked into once, however many pointers lead to it, so that cycles end. Reference for what is looked for:
 * e2fsck(8), whose passes these are.
 */
import { quoted } from '../../evidence/printable.ts';
import { type Disk, FileSystemError, TooMuchError } from './disk.ts';
import type { Visit } from './pointers.ts';
import { numbered, type Soundness, Stretch } from './soundness.ts';
import type { FileNode } from './volume.ts';

export interface NamedInode {
  readonly name: string;
  readonly id: number;
}

/** What the walk over a file's blocks has shown. */
export interface Extent {
  /** Blocks with data and with pointers. */
  readonly count: number;
  /** Place in the file after its last block with data; 0 if it has none. */
  readonly end: number;
  /** How many of the blocks before `end` are missing. */
  readonly holes: number;
}

/** What the examination asks of a file system. */
export interface InodeFileSystem {
  readonly disk: Disk;
  readonly root: FileNode;
  readonly blocks: number;
  /** First number of an inode, and the one after the last. */
  readonly inodes: { readonly from: number; readonly to: number };
  /** Inodes before this one have uses of their own, and need no name. */
  readonly firstOrdinary: number;
  /** Whether folders have entries `.` and `..`. */
  readonly hasDots: boolean;
  /** Blocks that belong to the file system itself: first ones, and the ones after the last. */
  ownBlocks(): Iterable<readonly [number, number]>;
  /** null: the inode is free. */
  inode(id: number): FileNode | null;
  /** What the bitmap of inodes says; null where there is none, or where `inode` goes by it. */
  isInodeTaken(id: number): boolean | null;
  isBlockTaken(block: number): boolean;
  walk(file: FileNode, visit: Visit): void;
  /** All entries of a folder, `.` and `..` too. */
  names(folder: FileNode): Iterable<NamedInode>;
  /** How many links a file should have. */
  linksOf(file: FileNode, names: number, folders: number): number;
  /** What is wrong with the file's size or blocks, as sentences that begin after its name. */
  sizeProblems(file: FileNode, extent: Extent): Iterable<string>;
}

/** What an entry leads to. */
export function openInode(volume: Pick<InodeFileSystem, 'inodes' | 'inode'>, id: number): FileNode {
  const { from, to } = volume.inodes;
  const exists = id >= from && id < to;
  const file = exists ? volume.inode(id) : null;
  if (file === null) throw new FileSystemError(`its entry leads to inode ${id}, which ${exists ? 'is free' : 'does not exist'}`);
  return file;
}

/** Owner of a block that belongs to the file system; other owners are the inode's number and 1, so that 0 is nobody. */
const OWN = 0xffff_ffff;

/** `nameless`: the inode of a file that needs no name. */
export function examineInodes(volume: InodeFileSystem, soundness: Soundness, { nameless = -1 } = {}): void {
  const tree = new Tree(volume, soundness);
  tree.walk();
  const owners = new Owners(volume, soundness, tree);
  for (let id = volume.inodes.from; id < volume.inodes.to; id++) {
    volume.disk.step();
    examineInode(volume, id, { soundness, tree, owners, nameless });
  }
  owners.compareBitmap();
}

interface Examined {
  soundness: Soundness;
  tree: Tree;
  owners: Owners;
  nameless: number;
}

function examineInode(volume: InodeFileSystem, id: number, { soundness, tree, owners, nameless }: Examined): void {
  const file = volume.inode(id);
  const isOrdinary = id >= volume.firstOrdinary && id !== nameless;
  const isTaken = volume.isInodeTaken(id);
  if (file === null) {
    if (isOrdinary && isTaken === true) soundness.add('lost', `inode ${id} is taken in the bitmap, but it is free: it has no links`);
    return;
  }
  const what = tree.nameOf(id);
  if (isTaken === false) soundness.add('bitmap', `${what} is in use, and the inode is free in the bitmap`);
  const extent = owners.claim(file);
  for (const problem of volume.sizeProblems(file, extent)) soundness.add('sizes', `${what} ${problem}`);
  const names = tree.namesOf(id);
  if (names === 0 && id !== volume.root.id) {
    if (isOrdinary) soundness.add('orphans', `inode ${id} is in use, but no folder has a name for it`);
    return;
  }
  const links = volume.linksOf(file, names, tree.foldersIn(id));
  if (file.links === null || file.links === links) return;
  soundness.add('links', `${what} has ${counted(file.links, 'link')} by its inode, but ${links} ${links === 1 ? 'leads' : 'lead'} to it`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Folders of a path that are shown. */
const MOST_SHOWN = 20;

/** Which names lead to which inodes. */
class Tree {
  readonly #volume: InodeFileSystem;
  readonly #soundness: Soundness;
  /** The first name of each inode. */
  readonly #names = new Map<number, { parent: number; name: string }>();
  readonly #counts = new Map<number, { names: number; folders: number }>();

  constructor(volume: InodeFileSystem, soundness: Soundness) {
    this.#volume = volume;
    this.#soundness = soundness;
  }

  namesOf(id: number): number {
    return this.#counts.get(id)?.names ?? 0;
  }

  foldersIn(id: number): number {
    return this.#counts.get(id)?.folders ?? 0;
  }

  /** `/a/b (inode 5)`, or `inode 5` where it has no name. */
  nameOf(id: number): string {
    if (id === this.#volume.root.id) return `/ (inode ${id})`;
    return this.#names.has(id) ? `${this.#pathOf(id)} (inode ${id})` : `inode ${id}`;
  }

  #pathOf(id: number): string {
    if (id === this.#volume.root.id) return '/';
    const parts: string[] = [];
    for (let at = this.#names.get(id); at !== undefined; at = this.#names.get(at.parent)) {
      if (parts.length === MOST_SHOWN) return `…/${parts.join('/')}`;
      parts.unshift(quoted(at.name, 60).slice(1, -1));
      if (at.parent === this.#volume.root.id) break;
    }
    return `/${parts.join('/')}`;
  }

  walk(): void {
    const queue = [{ folder: this.#volume.root, parent: this.#volume.root.id }];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const { folder, parent } = next;
      try {
        this.#look(folder, parent, (below) => queue.push({ folder: below, parent: folder.id }));
      } catch (error) {
        if (!(error instanceof FileSystemError) || error instanceof TooMuchError) throw error;
        this.#soundness.add('folders', `${this.nameOf(folder.id)} cannot be read: ${error.message}`);
      }
    }
  }

  #look(folder: FileNode, parent: number, found: (folder: FileNode) => void): void {
    const { disk, hasDots } = this.#volume;
    const seen = new Set<string>();
    for (const { name, id } of this.#volume.names(folder)) {
      disk.step();
      if (seen.has(name)) this.#complain(folder, `has two entries ${quoted(name)}`);
      seen.add(name);
      if (hasDots && name === '.') this.#mustLead({ folder, name, id }, folder.id);
      else if (hasDots && name === '..') this.#mustLead({ folder, name, id }, parent);
      else this.#entry({ folder, name, id }, found);
    }
    for (const dots of hasDots ? ['.', '..'] : []) if (!seen.has(dots)) this.#complain(folder, `has no entry "${dots}"`);
  }

  #mustLead({ folder, name, id }: NamedInode & { folder: FileNode }, wanted: number): void {
    if (id !== wanted) this.#complain(folder, `has an entry "${name}" that leads to inode ${id} instead of ${wanted}`);
  }

  #entry({ folder, name, id }: NamedInode & { folder: FileNode }, found: (folder: FileNode) => void): void {
    const { from, to } = this.#volume.inodes;
    if (name.includes('/')) this.#complain(folder, `has an entry with a / in its name, ${quoted(name)}`);
    const leads = `has an entry ${quoted(name)} that leads to inode ${id}`;
    if (id < from || id >= to) return this.#complain(folder, `${leads}, but inodes have the numbers ${from} to ${to - 1}`);
    const file = this.#volume.inode(id);
    if (file === null) return this.#complain(folder, `${leads}, which is free`);
    const isFolder = file.type === 'folder';
    if (isFolder && (this.#names.has(id) || id === this.#volume.root.id))
      return this.#complain(folder, `${leads}, a folder that has a name already`);
    this.#count(id, { names: 1, folders: 0 });
    if (isFolder) this.#count(folder.id, { names: 0, folders: 1 });
    if (this.#names.has(id)) return;
    this.#names.set(id, { parent: folder.id, name });
    if (isFolder) found(file);
  }

  #count(id: number, more: { names: number; folders: number }): void {
    this.#counts.set(id, { names: this.namesOf(id) + more.names, folders: this.foldersIn(id) + more.folders });
  }

  #complain(folder: FileNode, problem: string): void {
    this.#soundness.add('folders', `${this.nameOf(folder.id)} ${problem}`);
  }
}

/** Which inode has which block. */
class Owners {
  readonly #volume: InodeFileSystem;
  readonly #soundness: Soundness;
  readonly #tree: Tree;
  readonly #owners: Uint32Array;

  constructor(volume: InodeFileSystem, soundness: Soundness, tree: Tree) {
    this.#volume = volume;
    this.#soundness = soundness;
    this.#tree = tree;
    this.#owners = new Uint32Array(volume.blocks);
    for (const [from, to] of volume.ownBlocks()) this.#owners.fill(OWN, from, to);
  }

  claim(file: FileNode): Extent {
    let count = 0;
    let end = 0;
    let data = 0;
    this.#volume.walk(file, ({ block, index, holds }) => {
      count++;
      if (holds === 'data') {
        data++;
        end = Math.max(end, index + 1);
      }
      return this.#take(file.id, block);
    });
    return { count, end, holes: Math.max(0, end - data) };
  }

  /** Whether the block is the file's alone until now. */
  #take(id: number, block: number): boolean {
    const what = () => this.#tree.nameOf(id);
    if (block >= this.#volume.blocks) {
      this.#soundness.add('pointers', `${what()} has block ${block}, but the file system ends before block ${this.#volume.blocks}`);
      return false;
    }
    const owner = this.#owners[block]!;
    if (owner === OWN) {
      this.#soundness.add('pointers', `${what()} has block ${block}, which belongs to the tables of the file system`);
      return false;
    }
    if (owner !== 0) {
      const other = owner - 1;
      const twice = other === id ? `twice by ${what()}` : `by ${this.#tree.nameOf(other)} and by ${what()}`;
      this.#soundness.add('shared', `block ${block} is used ${twice}`);
      return false;
    }
    this.#owners[block] = id + 1;
    return true;
  }

  compareBitmap(): void {
    const free = new Stretch((from, to, owner) => {
      const { what, is } = numbered('block', from, to);
      const whose = owner === OWN ? 'by the tables of the file system' : `by ${this.#tree.nameOf(owner - 1)}`;
      this.#soundness.add('bitmap', `${what} ${is} in use ${whose} and ${is} free in the bitmap`);
    });
    const lost = new Stretch((from, to) => {
      const { what, is, count } = numbered('block', from, to);
      this.#soundness.add('lost', `${what} ${is} taken in the bitmap, but no file has ${count === 1 ? 'it' : 'them'}`);
    });
    for (let block = 0; block < this.#owners.length; block++) {
      const owner = this.#owners[block]!;
      const isTaken = this.#volume.isBlockTaken(block);
      if (owner !== 0 && !isTaken) free.add(block, owner);
      if (owner === 0 && isTaken) lost.add(block);
    }
    free.end();
    lost.end();
  }
}
