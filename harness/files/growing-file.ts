/** A file that grows by whole pieces, which are on the disk before `append` returns. */
import { constants } from 'node:fs';
import { dirname } from 'node:path';
import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, writeSync } from './calls.ts';
import { onHost, PathError } from './system-error.ts';
import { syncFolder } from './write.ts';

export class GrowingFile {
  readonly #file: string;
  #descriptor: number | undefined;
  /** Bytes that were written. */
  #length: number;

  /** Opens the file, or makes it; what follows its first `keep` bytes is cut off. Throws HostError. */
  constructor(file: string, keep: number) {
    this.#file = file;
    this.#length = keep;
    onHost(`writing ${file}`, () => {
      this.#descriptor = openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK, 0o666);
      if (!fstatSync(this.#descriptor).isFile()) throw new PathError('special', 'it is not a regular file');
      ftruncateSync(this.#descriptor, keep);
    });
    syncFolder(dirname(file));
  }

  /** Throws HostError; then a part of the piece may stand at the file's end. */
  append(piece: string): void {
    this.note(piece);
    onHost(`writing ${this.#file}`, () => fsyncSync(this.#descriptor!));
  }

  /** As `append`, but without waiting for the disk: a power cut may take the piece away. Throws HostError. */
  note(piece: string): void {
    const bytes = Buffer.from(piece);
    onHost(`writing ${this.#file}`, () => {
      for (let done = 0; done < bytes.length; ) {
        const count = writeSync(this.#descriptor!, bytes, done, bytes.length - done, this.#length);
        done += count;
        this.#length += count;
      }
    });
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    if (descriptor !== undefined) onHost(`writing ${this.#file}`, () => closeSync(descriptor));
  }
}
