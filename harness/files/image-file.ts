/**
 * A disk over an image file, as QEMU's raw format: a guest's write is in the file when the request completes, a FLUSH makes
 * it durable.
 *
 * A file whose size is not a multiple of 512 is as large as QEMU makes it (measured with qemu-io 10): rounded up, zeroes beyond
 * the end, and the file grows to the whole sector when that one is written. No file is created or cut short. An image that is
 * to keep its bytes is opened read-only and put under an OverlayDisk. Left out: QEMU's lock on the image.
 */
import { constants } from 'node:fs';
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from './calls.ts';
import { asUsage, onHost, onPath, systemReason } from './system-error.ts';

/** As the machine wants a disk (machine/ports.ts). */
export interface ImageFile {
  /** Bytes. */
  readonly size: number;
  readonly readOnly: boolean;
  read(offset: number, length: number): Uint8Array;
  write(offset: number, bytes: Uint8Array): void;
  /** Returns when everything that was written is durable. */
  flush(): void;
  close(): void;
}

interface Access {
  readonly readOnly: boolean;
}

/** Opens `file`; throws UsageError if it is not a readable image, or not writable and `readOnly` is false. */
export function openImageFile(file: string, access: Access): ImageFile {
  const { readOnly } = access;
  // O_NONBLOCK: opening a named pipe must not wait for its other end; it is refused below.
  const flags = (readOnly ? constants.O_RDONLY : constants.O_RDWR) | constants.O_NONBLOCK;
  const fd = asUsage(`cannot open the image ${file}`, () => onPath(`opening the image ${file}`, () => openImage(file, flags, access)));
  const status = fstatSync(fd);
  const fault = status.isDirectory()
    ? 'is a folder, not an image'
    : !status.isFile()
      ? 'is not a regular file'
      : status.size === 0
        ? 'is empty; make an image of 64 MiB with: truncate -s 64M FILE'
        : undefined;
  if (fault) {
    closeSync(fd);
    throw new UsageError(`the image ${file} ${fault}`);
  }
  return imageFile(fd, file, Math.ceil(status.size / SECTOR_BYTES) * SECTOR_BYTES, access);
}

function openImage(file: string, flags: number, { readOnly }: Access): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    if (readOnly || !isDenied(error)) throw error;
    const remedy = 'where the image is not to change, write readonly=on or snapshot=on in its -drive';
    throw new UsageError(`cannot open the image ${file}: ${systemReason(error)}; ${remedy}`);
  }
}

function imageFile(fd: number, file: string, size: number, { readOnly }: Access): ImageFile {
  return {
    size,
    readOnly,
    read(offset, length) {
      const bytes = new Uint8Array(length);
      onHost(`reading the image ${file}`, () => {
        for (let done = 0; done < length; ) {
          const count = readSync(fd, bytes, done, length - done, offset + done);
          if (count === 0) break;
          done += count;
        }
      });
      return bytes;
    },
    write(offset, bytes) {
      if (readOnly) throw new Error(`write to the read-only disk ${file}`);
      onHost(`writing the image ${file}`, () => {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, offset + done);
      });
    },
    flush: () => onHost(`writing the image ${file}`, () => fsyncSync(fd)),
    close: () => closeSync(fd),
  };
}

function isDenied(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
}
