/**
 * Which tools a build finds, so that what an earlier compiler has made is not taken for what this one would make: each program of a name that
 * compilers and builders have, by size and time of its file. A package that is installed anew changes them.
 */
import { join } from 'node:path';
import { listFolder, lookThrough, realPath } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';

/** Whole names, or with a target before and a version after them. */
const TOOL =
  /^(?:[a-z0-9_]+-)*(?:gcc|g\+\+|cc|c\+\+|cpp|clang|clang\+\+|as|ld|lld|ld\.lld|rust-lld|ar|objcopy|objdump|nm|strip|make|gmake|cmake|ninja|meson|cargo|rustc|python3|perl|bison|flex|dtc|go|zig|sh|bash|dash)(?:-[0-9.]+)?$/;

/** One line for each tool. Throws HostError. */
export function toolsIn(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => {
    const names = entriesOf(folder).filter((name) => TOOL.test(name));
    return names.sort().flatMap((name) => {
      const path = join(folder, name);
      const stat = lookThrough(path);
      return stat === undefined ? [] : [`${path} ${realPath(path)} ${stat.size} ${stat.mtimeMs}`];
    });
  });
}

function entriesOf(folder: string): string[] {
  try {
    return listFolder(folder).flatMap(({ name }) => (name === null ? [] : [name]));
  } catch (error) {
    if (error instanceof PathError) return [];
    throw error;
  }
}
