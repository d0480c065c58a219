/** The file systems that checks can look into: one line each. */
import type { Disk } from './disk.ts';
import { openEasyFs } from './easy-fs.ts';
import { openExt2 } from './ext2.ts';
import { openFat } from './fat.ts';
import type { Volume } from './volume.ts';
import { openXv6, XV6_BIG_FILES_DIRECT, XV6_DIRECT } from './xv6.ts';

/** What a file system keeps of a file, besides its contents. */
interface FileSystem {
  /** Throws a FileSystemError where there is no such file system on the disk. */
  readonly open: (disk: Disk) => Volume;
  readonly hasMode: boolean;
  readonly hasLinks: boolean;
}

export const FILE_SYSTEMS = {
  xv6: { open: (disk) => openXv6(disk, XV6_DIRECT), hasMode: false, hasLinks: true },
  'xv6-big-files': { open: (disk) => openXv6(disk, XV6_BIG_FILES_DIRECT), hasMode: false, hasLinks: true },
  'easy-fs': { open: openEasyFs, hasMode: false, hasLinks: false },
  ext2: { open: openExt2, hasMode: true, hasLinks: true },
  fat: { open: openFat, hasMode: false, hasLinks: false },
} as const satisfies Readonly<Record<string, FileSystem>>;

export type FileSystemName = keyof typeof FILE_SYSTEMS;

export const FILE_SYSTEM_NAMES = Object.keys(FILE_SYSTEMS) as [FileSystemName, ...FileSystemName[]];
