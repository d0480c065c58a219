/**
 * What a run wrote to its drives, request by request, and when the driver had the device make it durable: power cuts are made of it
 * (power-cuts.ts). Kept in memory, and bounded: what is written after the first 64 MiB is left out.
 */
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';

const MOST_BYTES_LOGGED = 64 * 2 ** 20;

export interface LoggedWrite {
  readonly kind: 'write';
  readonly drive: string;
  /** Which of the drive's requests that wrote, from 1. */
  readonly nth: number;
  /** The device promised that it is kept as soon as it answered. */
  readonly stable: boolean;
  readonly sectors: readonly { readonly sector: number; readonly bytes: Uint8Array }[];
}

export interface LoggedFlush {
  readonly kind: 'flush';
  readonly drive: string;
}

export class WriteLog {
  readonly entries: (LoggedWrite | LoggedFlush)[] = [];
  #bytes = 0;
  readonly #made = new Map<string, number>();
  /** What the request under way has written. */
  #sectors: { sector: number; bytes: Uint8Array }[] = [];

  write(offset: number, bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#isFull) return;
    for (let at = 0; at < bytes.length; at += SECTOR_BYTES) {
      this.#sectors.push({ sector: (offset + at) / SECTOR_BYTES, bytes: bytes.slice(at, at + SECTOR_BYTES) });
    }
  }

  wrote(drive: string, { stable }: { readonly stable: boolean }): void {
    const sectors = this.#sectors;
    this.#sectors = [];
    if (this.#isFull || sectors.length === 0) return;
    const nth = (this.#made.get(drive) ?? 0) + 1;
    this.#made.set(drive, nth);
    this.entries.push({ kind: 'write', drive, nth, stable, sectors });
  }

  flush(drive: string): void {
    if (!this.#isFull) this.entries.push({ kind: 'flush', drive });
  }

  get #isFull(): boolean {
    return this.#bytes > MOST_BYTES_LOGGED;
  }
}
