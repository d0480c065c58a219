/** Paths and listings, the same in all file systems. */
import { printable, quoted } from '../../evidence/printable.ts';
import { FileSystemError } from './disk.ts';
import type { Entry, FileNode, Volume } from './volume.ts';

/** The file at a path, or why there is none: a sentence without a full stop. Links are not followed. */
export function fileAt(volume: Volume, path: string): FileNode | { readonly problem: string } {
  let file = volume.root;
  let walked = '';
  for (const part of path.split('/').filter((one) => one !== '')) {
    if (file.type !== 'folder') return { problem: `${shownPath(walked)} is not a folder, but ${nounOf(file)}` };
    const entry = entryNamed(volume, file, part);
    walked += `/${part}`;
    if (entry === undefined) return { problem: `there is no ${shownPath(walked)}` };
    try {
      file = entry.open();
    } catch (error) {
      if (!(error instanceof FileSystemError)) throw error;
      return { problem: `${shownPath(walked)} cannot be read: ${error.message}` };
    }
  }
  return file;
}

function entryNamed(volume: Volume, folder: FileNode, name: string): Entry | undefined {
  for (const entry of volume.entries(folder)) if (volume.isSameName(entry.name, name)) return entry;
  return undefined;
}

export function shownPath(path: string): string {
  return printable(path === '' ? '/' : path);
}

const NOUNS = { file: 'a file', folder: 'a folder', link: 'a symbolic link', device: 'a device', other: 'of no known type' } as const;

export function nounOf({ type }: Pick<FileNode, 'type'>): string {
  return NOUNS[type];
}

/** Lines of one listing. */
export const MOST_LISTED = 10_000;
/** Folders below each other. */
const DEEPEST = 64;

/**
 * One line for each entry, sorted: `name`, `name/` for a folder, `name -> target` for a symbolic link. `isWhole`: with all that is below, as
 * `name/below`.
 */
export function listingOf(volume: Volume, folder: FileNode, { isWhole }: { isWhole: boolean }): string[] {
  const lines: string[] = [];
  list({ volume, isWhole, lines, above: [] }, folder, '');
  return lines.sort();
}

interface Listing {
  readonly volume: Volume;
  readonly isWhole: boolean;
  readonly lines: string[];
  /** Folders that are being listed, so that a circle ends. */
  readonly above: readonly number[];
}

function list(listing: Listing, folder: FileNode, prefix: string): void {
  const { volume, isWhole, lines, above } = listing;
  for (const entry of volume.entries(folder)) {
    if (lines.length >= MOST_LISTED) throw new FileSystemError(`there are more than ${MOST_LISTED} files`);
    const name = prefix + shownName(entry.name);
    const file = opened(entry);
    lines.push(typeof file === 'string' ? `${name} (${file})` : name + endOf(volume, file));
    if (typeof file === 'string' || file.type !== 'folder' || !isWhole) continue;
    if (file.id === folder.id || above.includes(file.id)) throw new FileSystemError(`the folder ${name} contains itself`);
    if (above.length === DEEPEST) throw new FileSystemError(`more than ${DEEPEST} folders are inside each other`);
    list({ ...listing, above: [...above, folder.id] }, file, `${name}/`);
  }
}

/** What is there, or why it cannot be said. */
function opened(entry: Entry): FileNode | string {
  try {
    return entry.open();
  } catch (error) {
    if (!(error instanceof FileSystemError)) throw error;
    return error.message;
  }
}

/** A name in which something could be taken for part of a line stands in quotation marks. */
function shownName(name: string): string {
  const shown = printable(name);
  return shown !== name || /[/"]| -> | \(|^ | $|^$/.test(name) ? quoted(name) : name;
}

function endOf(volume: Volume, file: FileNode): string {
  switch (file.type) {
    case 'folder':
      return '/';
    case 'link':
      return ` -> ${printable(new TextDecoder().decode(firstBytes(volume, file)))}`;
    case 'device':
      return ' (device)';
    case 'file':
    case 'other':
      return '';
  }
}

/** Of a path that a link holds. */
const LONGEST_TARGET = 4096;

function firstBytes(volume: Volume, file: FileNode): Uint8Array {
  for (const piece of volume.contents(file)) return piece.subarray(0, LONGEST_TARGET);
  return new Uint8Array(0);
}
