/**
 * The entries of a zip archive, deflated or stored, zip64 included.
 *
 * Reference: APPNOTE.TXT 6.3.10; Info-ZIP's extra field 0x7075 (a name's Unicode form). Left out: encryption, other methods of compression,
 * archives in several parts.
 */
import * as zlib from 'node:zlib';
import { type Entry, fromFdPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { openRegular } from '../../files/read.ts';
import { onPath } from '../../files/system-error.ts';
import { DamagedError, nothing, type RawEntry, type RawName } from './raw-entry.ts';

/** APPNOTE 4.4.2: the system that made an entry, in the upper byte of "version made by". */
const [UNIX, MACOS] = [3, 19];

/** APPNOTE 4.4.4. */
const NAME_IS_UTF8 = 0x800;
const UNICODE_PATH = 0x7075;

const [STORED, DEFLATED] = [0, 8];

/** stat(2): the kind of a file, in the upper half of an entry's attributes. */
const [S_IFMT, S_IFREG, S_IFDIR, S_IFLNK] = [0o170000, 0o100000, 0o040000, 0o120000];

/** The attribute of a folder in MS-DOS. */
const DOS_FOLDER = 0x10;

/** A link's target, as the systems bound a path. */
const LONGEST_TARGET = 4096;

/** `unpacked`: told how many bytes are unpacked; what it throws ends the reading. Throws HostError, DamagedError, and what yauzl and the system throw. */
export async function* zipEntries(file: string, unpacked: (bytes: number) => void): AsyncGenerator<RawEntry> {
  const { descriptor } = onPath(`reading ${file}`, () => openRegular(file, 'refuse'));
  const zip = await fromFdPromise(descriptor, { lazyEntries: true, decodeStrings: false, autoClose: false });
  try {
    // The directory is read first and the files after it, so that neither waits for the other.
    const entries: Entry[] = [];
    for await (const entry of zip.eachEntry()) entries.push(entry);
    for (const entry of entries) yield await rawEntry(zip, entry, unpacked);
  } finally {
    zip.close();
  }
}

async function rawEntry(zip: ZipFile, entry: Entry, unpacked: (bytes: number) => void): Promise<RawEntry> {
  const name = nameOf(entry);
  const mode = isFromUnix(entry) ? entry.externalFileAttributes >>> 16 : 0;
  const kind = kindOf(entry, mode & S_IFMT);
  const unreadable = whyUnreadable(entry);
  const isFile = kind === 'file' && unreadable === null;
  const target = kind === 'symlink' && unreadable === null ? { ...name, bytes: await targetOf(zip, entry) } : null;
  return {
    name,
    kind,
    target,
    executable: (mode & 0o111) !== 0,
    modified: entry.getLastModDate(),
    unreadable,
    content: isFile ? contentOf(zip, entry, unpacked) : nothing(),
  };
}

function isFromUnix({ versionMadeBy }: Entry): boolean {
  return [UNIX, MACOS].includes(versionMadeBy >> 8);
}

function nameOf(entry: Entry): RawName {
  const { fileNameRaw, generalPurposeBitFlag, extraFields } = entry;
  // Programs for Windows have written `\` between folders, though APPNOTE 4.4.17.1 forbids it.
  const dos = !isFromUnix(entry);
  if ((generalPurposeBitFlag & NAME_IS_UTF8) !== 0) return { bytes: fileNameRaw, utf8: true, dos };
  if (!extraFields.some(({ id }) => id === UNICODE_PATH)) return { bytes: fileNameRaw, utf8: false, dos };
  const strict = true;
  return { bytes: Buffer.from(getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, strict)), utf8: true, dos };
}

function kindOf({ fileNameRaw, externalFileAttributes }: Entry, format: number): RawEntry['kind'] {
  if (format === S_IFLNK) return 'symlink';
  if (fileNameRaw.at(-1) === 0x2f || format === S_IFDIR || (format === 0 && (externalFileAttributes & DOS_FOLDER) !== 0)) return 'folder';
  return format === 0 || format === S_IFREG ? 'file' : 'other';
}

function whyUnreadable(entry: Entry): string | null {
  if (entry.isEncrypted()) return 'is encrypted; pack it again without a password';
  if (entry.compressionMethod === STORED || entry.compressionMethod === DEFLATED) return null;
  return `is compressed by method ${entry.compressionMethod} of zip, and only "deflate" is read; pack it again`;
}

async function targetOf(zip: ZipFile, entry: Entry): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of contentOf(zip, entry, () => {})) {
    length += piece.length;
    if (length > LONGEST_TARGET) throw new DamagedError('a symbolic link in it is longer than a path may be');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function* contentOf(zip: ZipFile, entry: Entry, unpacked: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const stream = await zip.openReadStreamPromise(entry);
  let crc = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    unpacked(piece.length);
    crc = checksum(piece, crc);
    yield piece;
  }
  if (CAN_CHECK && crc !== entry.crc32) throw new DamagedError('the checksum of a file in it is wrong');
}

/** Node has it since 20.15. Before, only sizes are checked, and what deflate itself notices. */
const CAN_CHECK = typeof zlib.crc32 === 'function';

function checksum(piece: Buffer, before: number): number {
  return CAN_CHECK ? zlib.crc32(piece, before) : before;
}
