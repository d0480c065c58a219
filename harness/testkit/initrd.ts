/** Writes an initial RAM disk for Linux: a cpio archive in the format "newc" (Linux, Documentation/driver-api/early-userspace/buffer-format.rst). */

export interface InitrdFile {
  readonly name: string;
  /** Type and permissions as in stat: 0o040755 a folder, 0o100755 a program, 0o120777 a link to the path in `bytes`, 0o020600 a character device. */
  readonly mode: number;
  readonly bytes?: Uint8Array;
  readonly device?: readonly [major: number, minor: number];
}

export function initrd(files: readonly InitrdFile[]): Buffer {
  const end = { name: 'TRAILER!!!', mode: 0 };
  return Buffer.concat([...files, end].flatMap((file, index) => member(file, index + 1)));
}

/** Header, name and bytes; the last two are each filled up to a multiple of four. */
function member({ name, mode, bytes = new Uint8Array(), device = [0, 0] }: InitrdFile, number: number): Buffer[] {
  const title = Buffer.from(`${name}\0`);
  const fields = [number, mode, 0, 0, 1, 0, bytes.length, 0, 0, ...device, title.length, 0];
  const header = Buffer.from(`070701${fields.map((field) => field.toString(16).padStart(8, '0')).join('')}`);
  return [header, title, filling(header.length + title.length), Buffer.from(bytes), filling(bytes.length)];
}

const filling = (length: number): Buffer => Buffer.alloc(-length & 3);
