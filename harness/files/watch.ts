/** Watches some folders for changes. */
import { watch } from 'node:fs';
import { onHost } from './system-error.ts';

/**
 * Calls `notice` whenever the system reports a change in one of the folders, or can no longer watch one; returns a function that ends this.
 * `what` begins HostError's sentence: "watching x". Throws HostError.
 */
export function watchFolders(what: string, folders: readonly string[], notice: () => void): () => void {
  const watchers = onHost(what, () => folders.map((folder) => watch(folder, notice).on('error', notice)));
  return () => {
    for (const watcher of watchers) watcher.close();
  };
}
