/**
 * The entries of a tar archive, also one that gzip, xz or zstd compressed.
 *
 * Reference: POSIX pax, "ustar Interchange Format" and "pax Header Block"; GNU tar's long names. Left out: sparse files, archives in
 * several parts.
 */
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { type Extract, extract, type Header } from 'tar-stream';
import { XzReadableStream } from 'xz-decompress';
import { readStream } from '../../files/stream.ts';
import type { ArchiveKind } from './kind.ts';
import { DamagedError, nothing, type RawEntry, type RawName } from './raw-entry.ts';

type Pieces = AsyncIterable<Uint8Array>;

/** As Latin-1, each byte of a name is one character. The library's types do not have this option of its. */
const NAMES_AS_BYTES: object = { filenameEncoding: 'latin1' };

/** `unpacked`: told how many bytes come out of the compression; what it throws ends the reading. Throws HostError, DamagedError, and what the libraries and the system throw. */
export async function* tarEntries(
  file: string,
  kind: Exclude<ArchiveKind, 'zip'>,
  unpacked: (bytes: number) => void,
): AsyncGenerator<RawEntry> {
  const tar = extract(NAMES_AS_BYTES);
  const end = new EndMark();
  const fed = feed(tar, watched(decompressed(file, kind), unpacked, end));
  for await (const entry of tar) {
    const raw = rawEntry(entry.header, entry as Pieces);
    // The next one comes when this one's bytes are gone, and nobody else takes those of what is no file.
    if (raw.kind !== 'file') entry.resume();
    yield raw;
  }
  await fed;
  if (!end.isThere) throw new DamagedError('it ends too early: what marks the end of a tar archive is missing');
}

async function feed(tar: Extract, pieces: Pieces): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (tar.destroyed) return;
      if (!tar.write(piece)) await roomIn(tar);
    }
    tar.end(undefined);
  } catch (error) {
    tar.destroy(error as Error);
  }
}

function roomIn(tar: Extract): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      tar.off('drain', go);
      tar.off('close', go);
      resolve();
    };
    tar.on('drain', go);
    tar.on('close', go);
    if (tar.destroyed) go();
  });
}

async function* watched(pieces: Pieces, unpacked: (bytes: number) => void, end: EndMark): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    unpacked(piece.length);
    end.see(piece);
    yield piece;
  }
}

/** An archive ends with blocks of zeros: without one it was cut off between two files. */
class EndMark {
  #zeros = 0;

  see(piece: Uint8Array): void {
    let at = piece.length;
    while (at > 0 && piece[at - 1] === 0) at--;
    this.#zeros = at === 0 ? this.#zeros + piece.length : piece.length - at;
  }

  get isThere(): boolean {
    return this.#zeros >= BLOCK;
  }
}

const BLOCK = 512;

function decompressed(file: string, kind: Exclude<ArchiveKind, 'zip'>): Pieces {
  const packed = readStream(file);
  switch (kind) {
    case 'tar':
      return packed as Pieces;
    case 'gzip':
      return gunzipped(packed as Pieces);
    case 'xz':
      return unxz(packed as Pieces);
    case 'zstd':
      return unzstd(packed as Pieces);
  }
}

/** Written in pieces, so that an error of the file's is thrown as it is. */
async function* gunzipped(packed: Pieces): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const writing = (async () => {
    try {
      for await (const piece of packed) {
        if (gunzip.destroyed) return;
        if (!gunzip.write(piece)) await new Promise<void>((resolve) => gunzip.once('drain', resolve).once('close', resolve));
      }
      gunzip.end();
    } catch (error) {
      gunzip.destroy(error as Error);
    }
  })();
  yield* gunzip as AsyncIterable<Buffer>;
  await writing;
}

async function* unxz(packed: Pieces): AsyncGenerator<Uint8Array> {
  const iterator = packed[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value, done } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
  yield* new XzReadableStream(source);
}

/** A block of zstd has at least 4 bytes, and unpacks to at most 128 KiB (RFC 8878 3.1.1.2): so little is unpacked at once. */
const ZSTD_STEP = 1024;

async function* unzstd(packed: Pieces): AsyncGenerator<Uint8Array> {
  let out: Uint8Array[] = [];
  let ended = false;
  const decompress = new Decompress((piece, final) => {
    out.push(piece);
    ended = final === true;
  });
  for await (const piece of packed) {
    for (let at = 0; at < piece.length; at += ZSTD_STEP) {
      decompress.push(piece.subarray(at, at + ZSTD_STEP));
      yield* out;
      out = [];
    }
  }
  decompress.push(new Uint8Array(0), true);
  yield* out;
  if (!ended) throw new DamagedError('it ends too early');
}

function rawEntry(header: Header, content: Pieces): RawEntry {
  const kind = kindOf(header.type);
  return {
    name: nameOf(header.name, paxOf(header)['path']),
    kind,
    target: header.linkname ? nameOf(header.linkname, paxOf(header)['linkpath']) : null,
    executable: (header.mode & 0o111) !== 0,
    modified: Number.isNaN(header.mtime.getTime()) ? null : header.mtime,
    unreadable: null,
    content: kind === 'file' ? content : nothing(),
  };
}

/** The records of a pax header, decoded as UTF-8. */
function paxOf(header: Header): Readonly<Record<string, string>> {
  return (header.pax ?? {}) as Record<string, string>;
}

function nameOf(name: string, fromPax: string | undefined): RawName {
  return fromPax === name
    ? { bytes: Buffer.from(name, 'utf8'), utf8: true, dos: false }
    : { bytes: Buffer.from(name, 'latin1'), utf8: false, dos: false };
}

function kindOf(type: Header['type']): RawEntry['kind'] {
  switch (type) {
    case 'file':
    case 'contiguous-file':
      return 'file';
    case 'directory':
      return 'folder';
    case 'symlink':
      return 'symlink';
    case 'link':
      return 'hardlink';
    default:
      return 'other';
  }
}
