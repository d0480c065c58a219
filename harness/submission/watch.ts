/**
 * Waits for a kernel to be built again. The system reports every change in a folder, and many of them during a build: once it has been
 * quiet for a while, the kernel's bytes are compared. Left out: kernels that first appear in a folder which a pattern names by a wildcard.
 */
import { dirname, join } from 'node:path';
import { lookThrough, realPath } from '../files/read.ts';
import { watchFolders } from '../files/watch.ts';
import { FolderTree } from './folder-tree.ts';
import type { Found } from './handed-in.ts';
import { namedKernel, readKernel } from './kernel.ts';
import type { KernelRules } from './kernel-search.ts';
import { searchKernel } from './search.ts';

/** Milliseconds: longer than a linker pauses. */
const QUIET = 200;

/**
 * Resolves with true when there is a kernel whose SHA-256 is not `last`, which may be at once, or one that is back after it was deleted; with
 * false when the signal is aborted. `submission`: the kernel, or a folder in which the rules find it. `deleted` is called once when there is
 * no kernel any more. Rejects with HostError.
 */
export function kernelChanged(
  submission: string,
  rules: KernelRules,
  last: string | null,
  { signal, deleted }: { readonly signal: AbortSignal; readonly deleted: () => void },
): Promise<boolean> {
  let isDeleted = false;
  return new Promise((resolve, reject) => {
    let unwatch = () => {};
    let timer: NodeJS.Timeout | undefined;
    const close = () => {
      clearTimeout(timer);
      unwatch();
      unwatch = () => {};
    };
    const end = () => {
      close();
      resolve(!signal.aborted);
    };
    const notice = () => {
      clearTimeout(timer);
      timer = setTimeout(look, QUIET);
    };
    // Folders come and go, so they are looked up anew each time; watched first, so that no change falls between the two.
    const look = () => {
      try {
        close();
        unwatch = watchFolders(`watching ${submission}`, foldersOf(submission, rules), notice);
        const now = sha256Of(submission, rules);
        if (now !== null && (now !== last || isDeleted)) end();
        if (now !== null || last === null || isDeleted) return;
        isDeleted = true;
        deleted();
      } catch (error) {
        close();
        reject(error);
      }
    };
    signal.addEventListener('abort', end, { once: true });
    look();
  });
}

function isFolder(path: string): boolean {
  return lookThrough(path)?.isDirectory() ?? false;
}

function kernelOf(submission: string, rules: KernelRules): Found | undefined {
  return isFolder(submission) ? searchKernel(new FolderTree(realPath(submission) ?? submission), rules)?.kernel : namedKernel(submission);
}

/** null while there is no kernel. */
function sha256Of(submission: string, rules: KernelRules): string | null {
  const found = kernelOf(submission, rules);
  if (found === undefined || !('path' in found)) return null;
  // A change is one, whatever was built.
  const kernel = readKernel({ ...found, raw: true });
  return 'bytes' in kernel ? kernel.sha256 : null;
}

/** Every folder on the way to where a kernel is or may be, as far as they exist. */
function foldersOf(submission: string, rules: KernelRules): string[] {
  if (!isFolder(submission)) return [dirname(submission)].filter(isFolder);
  const kernel = kernelOf(submission, rules);
  const folders = new Set([submission]);
  for (const pattern of rules.kernel) {
    let folder = submission;
    for (const segment of pattern.split('/').slice(0, -1)) {
      folder = join(folder, segment);
      if (!isFolder(folder)) break;
      folders.add(folder);
    }
  }
  if (kernel !== undefined && 'path' in kernel) folders.add(dirname(kernel.path));
  return [...folders];
}
