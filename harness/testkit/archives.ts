/** Archives for tests, byte by byte, so that they can hold what no honest program packs. */

import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

export interface ZipMember {
  readonly name: string | Buffer;
  readonly data?: string | Buffer;
  /** stat(2)'s mode, which makes it an entry of Unix; left out: one of MS-DOS. */
  readonly mode?: number;
  /** General purpose flags: 0x800 says that the name is UTF-8, 1 that the data are encrypted. */
  readonly flags?: number;
  readonly method?: number;
  readonly extra?: Buffer;
  /** What the headers say instead of the truth. */
  readonly claims?: { readonly size?: number; readonly crc?: number };
}

/** A zip archive with these members. `zip64`: with the fields for large archives, also where they are not needed. */
export function zip(members: readonly ZipMember[], { zip64 = false } = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const { local, central } = zipMember(member, at, zip64);
    parts.push(local);
    directory.push(central);
    at += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = zip64 ? [zip64End(members.length, size, at)] : [];
  return Buffer.concat([...parts, ...directory, ...end, zipEnd(members.length, size, at, zip64)]);
}

function zipMember(
  { name, data = '', mode, flags = 0, method = 8, extra = Buffer.alloc(0), claims = {} }: ZipMember,
  at: number,
  zip64: boolean,
) {
  const plain = Buffer.from(data);
  const packed = method === 8 ? deflateRawSync(plain) : plain;
  const called = Buffer.from(name);
  const size = claims.size ?? plain.length;
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(zip64 ? 45 : 20, 0);
  shared.writeUInt16LE(flags, 2);
  shared.writeUInt16LE(method, 4);
  // 2026-01-01, 12:00.
  shared.writeUInt16LE(0x6000, 6);
  shared.writeUInt16LE(0x5c21, 8);
  shared.writeUInt32LE(claims.crc ?? crc32(plain), 10);
  shared.writeUInt32LE(zip64 ? 0xffffffff : packed.length, 14);
  shared.writeUInt32LE(zip64 ? 0xffffffff : size, 18);
  shared.writeUInt16LE(called.length, 22);
  const large = Buffer.alloc(zip64 ? 28 : 0);
  if (zip64) {
    large.writeUInt16LE(1, 0);
    large.writeUInt16LE(24, 2);
    large.writeBigUInt64LE(BigInt(size), 4);
    large.writeBigUInt64LE(BigInt(packed.length), 12);
    large.writeBigUInt64LE(BigInt(at), 20);
  }
  const extras = Buffer.concat([large, extra]);
  shared.writeUInt16LE(extras.length, 24);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, called, extras, packed]);
  const after = Buffer.alloc(14);
  after.writeUInt32LE(mode === undefined ? 0 : (mode << 16) >>> 0, 6);
  after.writeUInt32LE(zip64 ? 0xffffffff : at, 10);
  const madeBy = Buffer.from([20, mode === undefined ? 0 : 3]);
  return { local, central: Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), madeBy, shared, after, called, extras]) };
}

function zip64End(count: number, size: number, at: number): Buffer {
  const bytes = Buffer.alloc(76);
  bytes.write('PK\x06\x06', 'latin1');
  bytes.writeBigUInt64LE(44n, 4);
  bytes.writeBigUInt64LE(BigInt(count), 24);
  bytes.writeBigUInt64LE(BigInt(count), 32);
  bytes.writeBigUInt64LE(BigInt(size), 40);
  bytes.writeBigUInt64LE(BigInt(at), 48);
  bytes.write('PK\x06\x07', 56, 'latin1');
  bytes.writeBigUInt64LE(BigInt(at + size), 64);
  bytes.writeUInt32LE(1, 72);
  return bytes;
}

function zipEnd(count: number, size: number, at: number, zip64: boolean): Buffer {
  const bytes = Buffer.alloc(22);
  bytes.write('PK\x05\x06', 'latin1');
  bytes.writeUInt16LE(zip64 ? 0xffff : count, 8);
  bytes.writeUInt16LE(zip64 ? 0xffff : count, 10);
  bytes.writeUInt32LE(zip64 ? 0xffffffff : size, 12);
  bytes.writeUInt32LE(zip64 ? 0xffffffff : at, 16);
  return bytes;
}

export interface TarMember {
  readonly name: string | Buffer;
  readonly data?: string | Buffer;
  /** ustar's type flag: 0 a file, 1 a hard link, 2 a symbolic link, 3 and 4 devices, 5 a folder, 6 a pipe. */
  readonly type?: string;
  readonly target?: string;
  readonly mode?: number;
}

const BLOCK = 512;

/** POSIX ustar; names have at most 100 bytes. */
export function tar(members: readonly TarMember[], { end = true } = {}): Buffer {
  const parts = members.flatMap(({ name, data = '', type = '0', target = '', mode = 0o644 }) => {
    const content = Buffer.from(data);
    const header = Buffer.alloc(BLOCK);
    Buffer.from(name).copy(header, 0);
    header.write(`${mode.toString(8).padStart(7, '0')}\0`, 100);
    header.write('0000000\0' + '0000000\0', 108);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('15000000000\0', 136);
    header.write('        ', 148);
    header.write(type, 156);
    header.write(target, 157);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...parts, Buffer.alloc(end ? 2 * BLOCK : 0)]);
}

export function tarGz(members: readonly TarMember[]): Buffer {
  return gzipSync(tar(members));
}
