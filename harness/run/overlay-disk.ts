/**
 * A disk over a scenario's initial image: writes stay in memory, sector by sector, so what was handed in or named in a
 * rubric is never written, and a run costs only what its guest wrote. How much that may be is bounded, before a write is made: a
 * kernel can fill any disk.
 */

import type { Disk } from '../../machine/index.ts';
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { contentLength } from '../evidence/sector-bytes.ts';

/** An image that is only read. Offsets and lengths in bytes; callers stay below `size`. */
export interface ImageReader {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export interface OverlayOptions {
  /** The device refuses writes. */
  readonly readOnly?: boolean;
  /** Called when a write has no room, before each piece of it that is dropped. */
  readonly full?: () => void;
  /** Takes note of what is written, and of when it is made durable. */
  readonly log?: DriveLog;
}

export interface DriveLog {
  write(offset: number, bytes: Uint8Array): void;
  wrote(how: { readonly stable: boolean }): void;
  flush(): void;
}

/** Memory that written parts may take, in bytes, and bytes of written sectors without the zeroes at each one's end: what evidence holds. */
export const MOST_HELD = 128 * 2 ** 20;
export const MOST_CONTENT = 8 * 2 ** 20;

/** Written parts are held in pieces of this many bytes: fewer, larger copies than sector by sector. */
const PIECE = 4096;
const SECTORS = PIECE / SECTOR_BYTES;

interface Piece {
  /** Whole, as the disk now is; shorter than PIECE only at the disk's end. */
  readonly bytes: Uint8Array;
  /** Of each sector: bytes before the zeroes at its end; NOT_WRITTEN where nothing was written to it. */
  readonly content: Int16Array;
}

const NOT_WRITTEN = -1;

export class OverlayDisk implements Disk {
  readonly readOnly: boolean;
  readonly #base: ImageReader;
  readonly #full: () => void;
  readonly #log: DriveLog | undefined;
  /** By their number. */
  #pieces = new Map<number, Piece>();
  #content = 0;

  constructor(base: ImageReader, { readOnly = false, full = () => {}, log }: OverlayOptions = {}) {
    this.readOnly = readOnly;
    this.#base = base;
    this.#full = full;
    this.#log = log;
  }

  get size(): number {
    return this.#base.size;
  }

  /** What was written and does not fit, in words; undefined while all of it does. */
  overflow: string | undefined;

  /** Bytes that written parts take in memory. */
  get held(): number {
    return this.#pieces.size * PIECE;
  }

  read(offset: number, length: number): Uint8Array {
    // A copy: the base may hand out a view of its own bytes.
    const bytes = new Uint8Array(length);
    for (let at = offset; at < offset + length; ) {
      const from = at % PIECE;
      const count = Math.min(PIECE - from, offset + length - at);
      const piece = this.#pieces.get(Math.floor(at / PIECE));
      bytes.set(piece ? piece.bytes.subarray(from, from + count) : this.#base.read(at, count), at - offset);
      at += count;
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#log?.write(offset, bytes);
    for (let done = 0; done < bytes.length; ) {
      const number = Math.floor((offset + done) / PIECE);
      const from = (offset + done) % PIECE;
      const count = Math.min(PIECE - from, bytes.length - done);
      if (!this.#hasRoom(number)) return this.#full();
      const piece = this.#own(number);
      piece.bytes.set(bytes.subarray(done, done + count), from);
      this.#measure(piece, from, count);
      done += count;
    }
  }

  wrote(how: { readonly stable: boolean }): void {
    this.#log?.wrote(how);
  }

  flush(): void {
    this.#log?.flush();
  }

  /** Sectors whose bytes now differ from the image's, in ascending order: one that was written back as it was does not count. */
  changed(): { sector: number; bytes: Uint8Array }[] {
    return [...this.#pieces]
      .sort(([a], [b]) => a - b)
      .flatMap(([number, { bytes, content }]) =>
        [...content.keys()]
          .filter((sector) => content[sector] !== NOT_WRITTEN)
          .map((sector) => ({
            sector: number * SECTORS + sector,
            bytes: bytes.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES),
          })),
      )
      .filter(({ sector, bytes }) => !sameBytes(this.#base.read(sector * SECTOR_BYTES, bytes.length), bytes));
  }

  /** Whether one more write to the piece is kept. */
  #hasRoom(number: number): boolean {
    if (!this.#pieces.has(number) && (this.#pieces.size + 1) * PIECE > MOST_HELD) this.overflow ??= `${MOST_HELD / 2 ** 20} MiB`;
    if (this.#content > MOST_CONTENT) this.overflow ??= `${MOST_CONTENT / 2 ** 20} MiB of data (zeroes not counted)`;
    return this.overflow === undefined;
  }

  /** Takes note of the sectors that the bytes lie in. */
  #measure({ bytes, content }: Piece, from: number, count: number): void {
    for (let sector = Math.floor(from / SECTOR_BYTES); sector * SECTOR_BYTES < from + count; sector++) {
      const now = contentLength(bytes.subarray(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES));
      this.#content += now - Math.max(content[sector]!, 0);
      content[sector] = now;
    }
  }

  #own(number: number): Piece {
    const known = this.#pieces.get(number);
    if (known) return known;
    const start = number * PIECE;
    const bytes = new Uint8Array(this.#base.read(start, Math.min(PIECE, this.size - start)));
    const piece = { bytes, content: new Int16Array(SECTORS).fill(NOT_WRITTEN) };
    this.#pieces.set(number, piece);
    return piece;
  }

  save() {
    return { pieces: copyOf(this.#pieces), content: this.#content, overflow: this.overflow };
  }

  restore({ pieces, content, overflow }: ReturnType<OverlayDisk['save']>): void {
    this.#pieces = copyOf(pieces);
    this.#content = content;
    this.overflow = overflow;
  }
}

/** The disk that a run has now: a machine keeps its drives when a run becomes that of a different scenario. */
export class CurrentDisk implements Disk {
  readonly #current: () => OverlayDisk;

  constructor(current: () => OverlayDisk) {
    this.#current = current;
  }

  get size(): number {
    return this.#current().size;
  }

  get readOnly(): boolean {
    return this.#current().readOnly;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#current().read(offset, length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.#current().write(offset, bytes);
  }

  wrote(how: { readonly stable: boolean }): void {
    this.#current().wrote(how);
  }

  flush(): void {
    this.#current().flush();
  }
}

/** Whether two arrays hold the same bytes. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) return false;
  }
  return true;
}

function copyOf(pieces: ReadonlyMap<number, Piece>): Map<number, Piece> {
  return new Map([...pieces].map(([number, { bytes, content }]) => [number, { bytes: bytes.slice(), content: content.slice() }]));
}
