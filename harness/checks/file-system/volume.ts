/** What every file system offers to the checks: its tree, the contents of files, and whether it is sound. */
import type { Soundness } from './soundness.ts';

export const FILE_TYPES = ['file', 'folder', 'link', 'device', 'other'] as const;

export type FileType = (typeof FILE_TYPES)[number];

/** A file as its inode describes it; with FAT, as its entry does. */
export interface FileNode {
  /** Number of its inode; with FAT, its first cluster. */
  readonly id: number;
  readonly type: FileType;
  /** In bytes. */
  readonly size: number;
  /** The permission bits; null where the file system has none. */
  readonly mode: number | null;
  /** How many names the file system says that it has; null where it does not count them. */
  readonly links: number | null;
}

/** A name in a folder. */
export interface Entry {
  readonly name: string;
  /** Throws a FileSystemError where the name leads to nothing. */
  open(): FileNode;
}

export interface Volume {
  readonly blockSize: number;
  readonly root: FileNode;
  /** Whether two names are one. */
  isSameName(one: string, other: string): boolean;
  /** Without `.` and `..`, in the order of the disk. */
  entries(folder: FileNode): Iterable<Entry>;
  /** All of a file's bytes, in pieces. Of a symbolic link, the path that it holds. */
  contents(file: FileNode): Iterable<Uint8Array>;
  /** Tells what is wrong with the whole. */
  examine(soundness: Soundness): void;
}
