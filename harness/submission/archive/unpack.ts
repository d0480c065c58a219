/** Unpacks an archive into a temporary folder. Whatever is in it is returned as a tree or as sentences, never thrown: only this computer's faults are. */
import { join } from 'node:path';
import { readBeginning } from '../../files/read.ts';
import { storeFile } from '../../files/stream.ts';
import { HostError, isHostFault, PathError, systemReason } from '../../files/system-error.ts';
import type { HandInProblem } from '../handed-in.ts';
import { ArchiveTree } from './archive-tree.ts';
import { type Budget, TooMuchError } from './budget.ts';
import { buildTree, type EntryProblem, type StoredEntry } from './build-tree.ts';
import { ARCHIVE_WORDS, type ArchiveKind, archiveKind, BEGINNING, isUnread } from './kind.ts';
import { DamagedError, type RawEntry } from './raw-entry.ts';

export interface Unpacked {
  readonly tree: ArchiveTree;
  /** Entries that are not in the tree. */
  readonly problems: readonly EntryProblem[];
}

/** `folder`: empty, for the contents. Throws HostError. */
export async function unpack(archive: string, folder: string, budget: Budget): Promise<Unpacked | HandInProblem> {
  try {
    const kind = archiveKind(readBeginning(archive, BEGINNING, 'refuse'));
    if (kind === null || kind === 'bundle') return { problem: 'it is not an archive' };
    if (isUnread(kind)) return { problem: `it is ${ARCHIVE_WORDS[kind]}, which is not read: hand in a .zip or a .tar.gz` };
    const stored = await store(await readerOf(archive, kind, budget), folder, budget);
    const { top, problems } = buildTree(stored, kind === 'zip' ? 'cp437' : 'latin1');
    return { tree: new ArchiveTree(top), problems };
  } catch (error) {
    return { problem: whyNot(error) };
  }
}

async function readerOf(archive: string, kind: ArchiveKind, budget: Budget): Promise<AsyncIterable<RawEntry>> {
  const unpacked = (bytes: number) => budget.unpacked(bytes);
  // Loaded here, because most runs need neither.
  if (kind === 'zip') return (await import('./zip.ts')).zipEntries(archive, unpacked);
  return (await import('./tar.ts')).tarEntries(archive, kind, unpacked);
}

async function store(entries: AsyncIterable<RawEntry>, folder: string, budget: Budget): Promise<StoredEntry[]> {
  const stored: StoredEntry[] = [];
  for await (const { name, kind, target, unreadable, content, executable, modified } of entries) {
    budget.entry();
    const path = kind === 'file' && unreadable === null ? join(folder, String(stored.length)) : null;
    if (path !== null) await storeFile(path, content, { mode: executable ? 0o700 : 0o600, modified });
    stored.push({ name, kind, target, unreadable, path });
  }
  return stored;
}

/** Throws HostError for what is this computer's fault. */
function whyNot(error: unknown): string {
  if (error instanceof HostError) throw error;
  if (error instanceof TooMuchError || error instanceof DamagedError || error instanceof PathError) return error.message;
  // Codes of the libraries, such as those of zlib, are about what was read.
  if (error instanceof Error && ('syscall' in error || error instanceof RangeError) && isHostFault(error)) {
    throw new HostError(`unpacking an archive failed: ${systemReason(error)}`, systemReason(error));
  }
  return `it is damaged: ${error instanceof Error ? error.message : String(error)}`;
}
