/** Soundness of FAT: every chain of clusters is followed from its entry, then the table is compared with what was found, as fsck.fat(8) does. */
import { printable, quoted } from '../../evidence/printable.ts';
import { FileSystemError } from './disk.ts';
import type { FatEntry } from './fat-entries.ts';
import { type Fat, FIRST_CLUSTER, nodeOf } from './fat-layout.ts';
import { numbered, type Soundness, Stretch } from './soundness.ts';
import type { FileNode } from './volume.ts';

/** Place of the byte whose bit 0 says that the file system is mounted. */
const DIRTY_AT = { 12: 37, 16: 37, 32: 65 } as const;

/** The sector with the count of free clusters, of FAT32. */
const INFO_AT = 48;
const FREE_AT = 488;
const UNKNOWN = 0xffff_ffff;

export function examineFat(fat: Fat, soundness: Soundness): void {
  if ((fat.boot.u8(DIRTY_AT[fat.bits]) & 1) !== 0)
    soundness.add('structure', 'the first sector says that the file system was not unmounted');
  compareTables(fat, soundness);
  const owners = new Owners(fat, soundness);
  owners.walk();
  owners.compareTable();
}

function compareTables(fat: Fat, soundness: Soundness): void {
  const [first, ...copies] = fat.tables.map(({ at, length }) => fat.disk.read(at, length).bytes);
  for (const [index, copy] of copies.entries()) {
    const at = copy.findIndex((byte, place) => byte !== first![place]);
    if (at === -1) continue;
    const cluster = Math.floor((at * 8) / fat.bits);
    soundness.add('structure', `copy ${index + 2} of the table is different from the first one, from the entry of cluster ${cluster} on`);
  }
}

interface Folder {
  readonly node: FileNode;
  readonly path: string;
  /** First cluster of the folder above; 0 for the root. */
  readonly above: number;
}

class Owners {
  readonly #fat: Fat;
  readonly #soundness: Soundness;
  /** By cluster: the number of its owner in `#paths`, and 1. */
  readonly #owners: Uint32Array;
  readonly #paths: string[] = [];

  constructor(fat: Fat, soundness: Soundness) {
    this.#fat = fat;
    this.#soundness = soundness;
    this.#owners = new Uint32Array(fat.end);
  }

  walk(): void {
    const { root } = this.#fat;
    // The root of FAT12 and FAT16 has a place of its own.
    const readable = root.id === 0 || this.#claim('/', root.id).count > 0;
    const queue: Folder[] = readable ? [{ node: root, path: '', above: 0 }] : [];
    for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
      for (const below of this.#look(folder)) queue.push(below);
    }
  }

  /** The folders in it. */
  #look(folder: Folder): Folder[] {
    const found: Folder[] = [];
    const seen = new Set<string>();
    const isRoot = folder.path === '';
    const path = isRoot ? '/' : folder.path;
    for (const entry of this.#readable(folder)) {
      const { name } = entry;
      const key = String.fromCharCode(...entry.short);
      if (seen.has(key)) this.#soundness.add('folders', `${path} has two entries ${quoted(name)}`);
      seen.add(key);
      if (!isRoot && (name === '.' || name === '..')) this.#dots(folder, entry);
      else found.push(...this.#entry(folder, entry));
    }
    if (isRoot) return found;
    for (const dots of ['.', '..']) if (!seen.has(dots.padEnd(11))) this.#soundness.add('folders', `${path} has no entry "${dots}"`);
    return found;
  }

  /** Clusters that another folder has as well end it: they are told, and its entries are not counted twice. */
  *#readable(folder: Folder): Iterable<FatEntry> {
    try {
      yield* this.#fat.all(folder.node);
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      this.#soundness.add('folders', `${folder.path || '/'} cannot be read: ${error.message}`);
    }
  }

  #dots({ node, path, above }: Folder, { name, first }: FatEntry): void {
    const wanted = name === '.' ? node.id : above;
    if (first !== wanted)
      this.#soundness.add('folders', `${path} has an entry "${name}" that leads to cluster ${first} instead of ${wanted}`);
  }

  #entry(folder: Folder, entry: FatEntry): Folder[] {
    const path = `${folder.path}/${printable(entry.name, 60)}`.slice(-1000);
    const { size, first, isFolder } = entry;
    const { count, isWhole } = first === 0 ? { count: 0, isWhole: true } : this.#claim(path, first);
    if (isFolder) {
      if (first === 0) this.#soundness.add('folders', `${path} is a folder without a cluster`);
      if (size !== 0) this.#soundness.add('sizes', `${path} has ${size} bytes by its size, which is 0 for a folder`);
      const { root } = this.#fat;
      return count > 0 && isWhole ? [{ node: nodeOf(entry), path, above: folder.node.id === root.id ? 0 : folder.node.id }] : [];
    }
    const needed = Math.ceil(size / this.#fat.blockSize);
    if (!isWhole || count === needed) return [];
    const missing = `for which ${needed - count} of ${needed} clusters are missing`;
    this.#soundness.add(
      'sizes',
      `${path} has ${size} bytes by its size, ${count < needed ? missing : `but ${count} clusters instead of ${needed}`}`,
    );
    return [];
  }

  /** How many clusters of the chain are the file's alone, and whether these are all of them. */
  #claim(path: string, first: number): { count: number; isWhole: boolean } {
    const fat = this.#fat;
    this.#paths.push(path);
    const owner = this.#paths.length;
    let count = 0;
    for (let cluster = first; !fat.isLast(cluster); cluster = fat.next(cluster)) {
      fat.disk.step();
      const problem = this.#problemOf(cluster, path, owner);
      if (problem !== null) {
        this.#soundness.add(...problem);
        return { count, isWhole: false };
      }
      this.#owners[cluster] = owner;
      count++;
    }
    return { count, isWhole: true };
  }

  #problemOf(cluster: number, path: string, owner: number): Parameters<Soundness['add']> | null {
    const fat = this.#fat;
    if (!fat.isCluster(cluster)) {
      const which = fat.isBad(cluster) ? 'a cluster that is marked as bad' : `cluster ${cluster}`;
      return ['pointers', `${path} goes on in ${which}, but clusters have the numbers ${FIRST_CLUSTER} to ${fat.end - 1}`];
    }
    const other = this.#owners[cluster]!;
    if (other === owner) return ['shared', `cluster ${cluster} is used twice by ${path}`];
    if (other !== 0) return ['shared', `cluster ${cluster} is used by ${this.#paths[other - 1]} and by ${path}`];
    if (fat.next(cluster) === 0) return ['bitmap', `cluster ${cluster} is in use by ${path} and is free in the table`];
    return null;
  }

  compareTable(): void {
    const fat = this.#fat;
    let free = 0;
    const lost = new Stretch((from, to) => {
      const { what, is, count } = numbered('cluster', from, to);
      this.#soundness.add('lost', `${what} ${is} taken in the table, but no file has ${count === 1 ? 'it' : 'them'}`);
    });
    for (let cluster = FIRST_CLUSTER; cluster < fat.end; cluster++) {
      const next = fat.next(cluster);
      if (next === 0) free++;
      else if (!fat.isBad(next) && this.#owners[cluster] === 0) lost.add(cluster);
    }
    lost.end();
    this.#compareCount(free);
  }

  #compareCount(free: number): void {
    const fat = this.#fat;
    const place = fat.bits === 32 ? fat.boot.u16(INFO_AT) : 0;
    if (place === 0 || place === 0xffff) return;
    const said = fat.disk.read(place * fat.sector, fat.sector).u32(FREE_AT);
    if (said !== UNKNOWN && said !== free)
      this.#soundness.add('counts', `sector ${place} speaks of ${said} free clusters, but there are ${free}`);
  }
}
