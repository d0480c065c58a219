/**
 * Which archives there are, told by their first bytes: what a file is called says nothing reliable, since browsers and learning platforms rename.
 *
 * Reference: APPNOTE.TXT 4.3 (zip); RFC 1952 (gzip); "The .xz File Format" 2.1.1; RFC 8878 3.1 (zstd); POSIX pax, "ustar Interchange Format";
 * gitformat-bundle(5).
 */
import { utf8Bytes } from '../../bytes/text.ts';

export type ArchiveKind = 'zip' | 'tar' | 'gzip' | 'xz' | 'zstd';

/** Archives that are known, but not read. */
export type UnreadKind = 'rar' | '7z' | 'bzip2';

/** What git packs of a repository: it is read at a commit (git/bundle.ts). */
export type BundleKind = 'bundle';

type AnyKind = ArchiveKind | UnreadKind | BundleKind;

interface Mark {
  readonly kind: AnyKind;
  readonly at: number;
  readonly bytes: readonly number[];
}

const MARKS: readonly Mark[] = [
  { kind: 'zip', at: 0, bytes: [0x50, 0x4b, 3, 4] },
  // Without an entry.
  { kind: 'zip', at: 0, bytes: [0x50, 0x4b, 5, 6] },
  { kind: 'gzip', at: 0, bytes: [0x1f, 0x8b] },
  { kind: 'xz', at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0] },
  { kind: 'zstd', at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { kind: 'tar', at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72] },
  { kind: 'rar', at: 0, bytes: [0x52, 0x61, 0x72, 0x21, 0x1a, 7] },
  { kind: '7z', at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { kind: 'bzip2', at: 0, bytes: [0x42, 0x5a, 0x68] },
  { kind: 'bundle', at: 0, bytes: [...utf8Bytes('# v2 git bundle\n')] },
  { kind: 'bundle', at: 0, bytes: [...utf8Bytes('# v3 git bundle\n')] },
];

/** How many bytes of a file say what it is. */
export const BEGINNING = 512;

/** null: it is not an archive. */
export function archiveKind(beginning: Uint8Array): AnyKind | null {
  const mark = MARKS.find(({ at, bytes }) => bytes.every((byte, index) => beginning[at + index] === byte));
  return mark?.kind ?? null;
}

/** For people: "it is a zip archive". */
export const ARCHIVE_WORDS: Readonly<Record<AnyKind, string>> = {
  zip: 'a zip archive',
  tar: 'a tar archive',
  gzip: 'a file that gzip compressed',
  xz: 'a file that xz compressed',
  zstd: 'a file that zstd compressed',
  rar: 'a RAR archive',
  '7z': 'a 7z archive',
  bzip2: 'a file that bzip2 compressed',
  bundle: 'a git bundle',
};

export function isUnread(kind: AnyKind): kind is UnreadKind {
  return kind === 'rar' || kind === '7z' || kind === 'bzip2';
}

const EXTENSION = /\.(zip|tar|tgz|txz|tzst|tar\.(gz|xz|zst|bz2)|rar|7z|bundle)$/i;

/** Whether a file that is called so should be an archive. */
export function isArchiveName(name: string): boolean {
  return EXTENSION.test(name);
}

/** `s1001.tar.gz` stands for `s1001`. */
export function withoutArchiveExtension(name: string): string {
  const bare = name.replace(EXTENSION, '');
  return bare === '' ? name : bare;
}
