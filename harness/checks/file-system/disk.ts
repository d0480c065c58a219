/**
 * A disk as the readers of file systems see it: bytes at a place, numbers in little-endian order. What is on it comes from a student's kernel
 * and may be anything, so that every read is checked against the disk's end and paid for: a reader that follows what it finds
 * ends in bounded time. A reader throws a FileSystemError where what it finds cannot be read; the check makes a verdict of it.
 *
 * Libraries of the npm registry that read FAT or ext2 were looked at in November 2026, and none fits: `ext2fs` and `js-fatfs` are WebAssembly
 * around C code, for a disk that they may write to, with an interface that returns later; the last version of `fatfs` is two years old, and it calls back later as well. None of them has a
 * bound on what it reads, none tells whether a file system is sound, and nothing reads xv6's or easy-fs.
 */

/** One sentence without a full stop, for a student. */
export class FileSystemError extends Error {
  override readonly name = 'FileSystemError';
}

/** Reading on would take too long: nothing goes on after it. */
export class TooMuchError extends FileSystemError {}

/** What a disk holds. */
export interface Bytes {
  /** In bytes. */
  readonly size: number;
  /** A fresh copy; the place lies within the size. */
  read(at: number, length: number): Uint8Array;
}

/** Bytes that one check may read, and things (pointers, entries of folders) that it may look at. */
const MOST_BYTES_READ = 512 * 2 ** 20;
const MOST_STEPS = 20_000_000;

export class Disk {
  readonly size: number;
  readonly #bytes: Bytes;
  #read = 0;
  #steps = 0;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.size = bytes.size;
  }

  read(at: number, length: number): Block {
    if (at + length > this.size) throw new FileSystemError(`the file system goes on at byte ${at}, but the disk ends at ${this.size}`);
    this.#read += length;
    if (this.#read > MOST_BYTES_READ) throw new TooMuchError(`the file system takes more than ${MOST_BYTES_READ / 2 ** 20} MiB to read`);
    return new Block(this.#bytes.read(at, length));
  }

  /** Pays for one thing that is looked at. */
  step(): void {
    if (++this.#steps > MOST_STEPS) throw new TooMuchError(`the file system takes more than ${MOST_STEPS} steps to read`);
  }
}

/** Bytes with the numbers in them. */
export class Block {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  i16(at: number): number {
    return this.#view.getInt16(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  part(at: number, length: number): Block {
    return new Block(this.bytes.subarray(at, at + length));
  }

  /** The bit of a bitmap that lies here from the block's beginning on. */
  bit(index: number): boolean {
    return ((this.u8(index >> 3) >> (index & 7)) & 1) === 1;
  }
}

/** Reads one block after another, and keeps the last one: inodes and bits lie side by side. */
export class LastBlock {
  readonly #read: (block: number) => Block;
  #last: { block: number; contents: Block } | null = null;

  constructor(read: (block: number) => Block) {
    this.#read = read;
  }

  get(block: number): Block {
    if (this.#last?.block !== block) this.#last = { block, contents: this.#read(block) };
    return this.#last.contents;
  }
}
