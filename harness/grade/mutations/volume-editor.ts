/**
 * Changes one thing about one file of an image: a byte of it, its size, its name. There is no writer of file systems here: places that the reader
 * has read on its way to the file are tried one by one, until the reader sees the change that is meant, and no other.
 */
import { type Bytes, Disk, FileSystemError } from '../../checks/file-system/disk.ts';
import { FILE_SYSTEMS, type FileSystemName } from '../../checks/file-system/index.ts';
import { fileAt } from '../../checks/file-system/tree.ts';
import type { FileNode, Volume } from '../../checks/file-system/volume.ts';

/** Bytes of an image to be put in place of others. */
export interface Edit {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Places that are tried for one change. */
const MOST_TRIED = 100;
/** Files of a volume that is changed at all, and folders below each other. */
const MOST_FILES = 2000;
const DEEPEST = 64;

/** Changes a letter into another one that a name may have as well. */
const OTHER_LETTER = 0x02;

/** Keeps what was read of an image, and where. */
class ReadLog implements Bytes {
  readonly size: number;
  readonly reads: { at: number; bytes: Uint8Array }[] = [];
  readonly #bytes: Bytes;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.size = bytes.size;
  }

  read(at: number, length: number): Uint8Array {
    const bytes = this.#bytes.read(at, length);
    this.reads.push({ at, bytes });
    return bytes;
  }

  /** Where in the image the first byte of these lies, which are a part of what was read. */
  placeOf({ buffer, byteOffset }: Uint8Array): number | undefined {
    const read = this.reads.find(({ bytes }) => bytes.buffer === buffer);
    return read && read.at + byteOffset - read.bytes.byteOffset;
  }
}

export class VolumeEditor {
  readonly #bytes: Bytes;
  readonly #system: FileSystemName;
  /** What there is, by path. Throws a FileSystemError for an image that does not hold such a volume. */
  readonly files: ReadonlyMap<string, FileNode>;

  constructor(bytes: Bytes, system: FileSystemName) {
    this.#bytes = bytes;
    this.#system = system;
    this.files = filesOf(this.#open(bytes));
  }

  #open(bytes: Bytes): Volume {
    return FILE_SYSTEMS[this.#system].open(new Disk(bytes));
  }

  /** The stretches of the image in which the file's contents lie. */
  stretchesOf(path: string): { at: number; length: number }[] {
    const log = new ReadLog(this.#bytes);
    const volume = this.#open(log);
    const file = fileAt(volume, path);
    if ('problem' in file) return [];
    return [...volume.contents(file)].flatMap((piece) => {
      const at = log.placeOf(piece);
      return at === undefined ? [] : [{ at, length: piece.length }];
    });
  }

  /** Undefined where the byte lies in a hole, or could not be found. */
  otherByte(path: string, position: number): Edit | undefined {
    let from = 0;
    for (const { at, length } of this.stretchesOf(path)) {
      if (position < from + length) return this.#first([this.#flipped(at + position - from, 0xff)], () => true);
      from += length;
    }
    return undefined;
  }

  /** Has it one byte less. */
  shorter(path: string): Edit | undefined {
    const size = this.files.get(path)!.size;
    const [sought, less] = [size, size - 1].map(littleEndian);
    const edits = this.#placesOf(path, (bytes, at) => sought!.every((byte, index) => bytes[at + index] === byte));
    return this.#first(
      edits.map((at) => ({ at, bytes: less! })),
      (files) => files.get(path)?.size === size - 1,
      path,
    );
  }

  /** Gives it another name. */
  renamed(path: string): Edit | undefined {
    const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
    const starts = (bytes: Uint8Array, at: number, step: number) =>
      [...name].slice(0, 2).every((letter, index) => String.fromCharCode(bytes[at + index * step] ?? 0).toLowerCase() === letter);
    // FAT has long names in 16 bits for each character.
    const places = this.#placesOf(path, (bytes, at) => starts(bytes, at, 1) || starts(bytes, at, 2));
    return this.#first(
      places.map((at) => this.#flipped(at, OTHER_LETTER)),
      (files) => !files.has(path) && files.size === this.files.size,
      path,
    );
  }

  #flipped(at: number, bits: number): Edit {
    return { at, bytes: this.#bytes.read(at, 1).map((byte) => byte ^ bits) };
  }

  /** Where something like this lies in what is read on the way to the file, but not in its contents. */
  #placesOf(path: string, matches: (bytes: Uint8Array, at: number) => boolean): number[] {
    const log = new ReadLog(this.#bytes);
    fileAt(this.#open(log), path);
    const places = log.reads.flatMap(({ at, bytes }) => {
      const found: number[] = [];
      for (let index = 0; index < bytes.length; index++) if (matches(bytes, index)) found.push(at + index);
      return found;
    });
    // What was read last lies nearest to the file.
    return [...new Set(places.reverse())];
  }

  /** The first edit after which the file is as meant, and all others are as before. `path`: what may change, with all that is below it. */
  #first(edits: readonly Edit[], isAsMeant: (files: ReadonlyMap<string, FileNode>) => boolean, path?: string): Edit | undefined {
    return edits.slice(0, MOST_TRIED).find((edit) => {
      try {
        const files = filesOf(this.#open(edited(this.#bytes, edit)));
        return isAsMeant(files) && [...this.files].every(([one, file]) => isBelow(one, path) || isSame(files.get(one), file));
      } catch (error) {
        if (error instanceof FileSystemError) return false;
        throw error;
      }
    });
  }
}

const isBelow = (one: string, path: string | undefined): boolean => one === path || one.startsWith(`${path}/`);

const isSame = (one: FileNode | undefined, other: FileNode): boolean =>
  one !== undefined && one.type === other.type && one.size === other.size && one.links === other.links && one.mode === other.mode;

/** Throws a FileSystemError, also where there is too much to look at. */
function filesOf(volume: Volume): Map<string, FileNode> {
  const files = new Map<string, FileNode>();
  const walk = (folder: FileNode, above: string, depth: number): void => {
    for (const { name, open } of volume.entries(folder)) {
      if (files.size === MOST_FILES || depth === DEEPEST) throw new FileSystemError('there are too many files');
      const file = open();
      const path = `${above}/${name}`;
      files.set(path, file);
      if (file.type === 'folder') walk(file, path, depth + 1);
    }
  };
  walk(volume.root, '', 0);
  return files;
}

function edited(image: Bytes, { at, bytes }: Edit): Bytes {
  return {
    size: image.size,
    read(from, length) {
      const read = image.read(from, length);
      for (const [index, byte] of bytes.entries()) {
        const offset = at + index - from;
        if (offset >= 0 && offset < length) read[offset] = byte;
      }
      return read;
    },
  };
}

function littleEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}
