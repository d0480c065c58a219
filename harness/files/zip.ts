/**
 * A zip archive of a few files: the same bytes for the same files, whenever and wherever it is made.
 *
 * Reference: PKWARE's APPNOTE 6.3.10 (4.3.7 local headers, 4.3.12 the directory, 4.3.16 its end); RFC 1952, 2.3. Left out: entries for folders,
 * which no program needs, encryption, and zip64, so that an archive has less than 4 GiB and 65,536 files.
 */
import { gzipSync } from 'node:zlib';

export interface ZipMember {
  /** Its path in the archive, with `/`. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isProgram: boolean;
}

const DEFLATED = 8;
const NAME_IS_UTF_8 = 0x800;
const VERSION_2_0 = 20;
const UNIX = 3;
/** What stat(2) says of a regular file. */
const REGULAR = 0o100000;
/** 1980-01-01, 00:00: the first moment that there is, in MS-DOS's form. */
const NO_DATE = 0x21;

export function zipArchive(members: readonly ZipMember[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const member of members) {
    const { file, entry } = packed(member, at);
    files.push(file);
    directory.push(entry);
    at += file.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(
    directory.reduce((sum, { length }) => sum + length, 0),
    12,
  );
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...files, ...directory, end]);
}

/** `at`: where the file begins in the archive. */
function packed({ name, bytes, isProgram }: ZipMember, at: number): { file: Buffer; entry: Buffer } {
  // A gzip stream without a name is 10 bytes, the deflated data, their CRC-32 and their length: a zip archive has the same parts.
  const gzip = gzipSync(bytes, { level: 9 });
  const data = gzip.subarray(10, -8);
  const path = Buffer.from(name);
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(VERSION_2_0, 0);
  shared.writeUInt16LE(NAME_IS_UTF_8, 2);
  shared.writeUInt16LE(DEFLATED, 4);
  shared.writeUInt16LE(NO_DATE, 8);
  gzip.copy(shared, 10, gzip.length - 8, gzip.length - 4);
  shared.writeUInt32LE(data.length, 14);
  shared.writeUInt32LE(bytes.length, 18);
  shared.writeUInt16LE(path.length, 22);
  const after = Buffer.alloc(14);
  after.writeUInt32LE(((REGULAR | (isProgram ? 0o755 : 0o644)) << 16) >>> 0, 6);
  after.writeUInt32LE(at, 10);
  return {
    file: Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, path, data]),
    entry: Buffer.concat([Buffer.from('PK\x01\x02', 'latin1'), Buffer.from([VERSION_2_0, UNIX]), shared, after, path]),
  };
}
