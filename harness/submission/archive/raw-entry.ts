/** An entry of an archive as its format has it: nothing in it can be trusted yet. */

export interface RawName {
  /** With `/` between folders. */
  readonly bytes: Buffer;
  /** The archive says that it is UTF-8; else nobody knows what it is. */
  readonly utf8: boolean;
  /** Written on Windows, where `\` may stand between folders as well. */
  readonly dos: boolean;
}

export interface RawEntry {
  readonly name: RawName;
  /** `other`: a device, a pipe, or what the format has besides. */
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';
  /** Of a link. */
  readonly target: RawName | null;
  readonly executable: boolean;
  readonly modified: Date | null;
  /** Why a file cannot be read: the end of a sentence; null if it can. */
  readonly unreadable: string | null;
  /** A file's bytes, to be read before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

export async function* nothing(): AsyncGenerator<Uint8Array> {}

/** The archive is damaged, or not what it seems. The message is the end of a sentence. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
}
