/**
 * Files of the file systems that disks hold afterwards, changed: those that the run wrote or made, and those that a check names. Each is renamed, is
 * a byte shorter, and has another first and another last byte.
 */
import { SECTOR_BYTES } from '../../../machine/spec/virtio.ts';
import { FileSystemError } from '../../checks/file-system/disk.ts';
import type { FileSystemName } from '../../checks/file-system/index.ts';
import type { FileNode } from '../../checks/file-system/volume.ts';
import { FinalImage } from '../../checks/final-image.ts';
import type { Evidence, ImageEvidence } from '../../evidence/evidence.ts';
import { printable } from '../../evidence/printable.ts';
import { sectorToHex } from '../../evidence/sector-bytes.ts';
import type { InitialImage } from '../../vocabulary/image.ts';
import { type Mutation, replaced } from './kind.ts';
import { type Edit, VolumeEditor } from './volume-editor.ts';

/** A drive of whose files there are checks. */
export interface GradedVolume {
  readonly system: FileSystemName;
  /** That checks name. */
  readonly paths: ReadonlySet<string>;
  /** No check is about anything else of the drive: what belongs to no file, such as bitmaps, would be a blind spot in each byte. */
  readonly filesAlone: boolean;
}

/** Files that are changed, of each drive. */
const MOST_FILES = 30;

export function fileMutations(
  evidence: Evidence,
  images: ReadonlyMap<string, InitialImage>,
  volumes: ReadonlyMap<string, GradedVolume>,
): Mutation[] {
  return evidence.images.flatMap((image, index) => {
    const [initial, volume] = [images.get(image.drive), volumes.get(image.drive)];
    if (initial === undefined || volume === undefined) return [];
    return changesOf(initial, image, volume).map(({ name, what, edit }) => ({
      name: `${image.drive}/${name}`,
      what,
      evidence: { ...evidence, images: replaced(evidence.images, index, { ...image, changed: withEdit(initial, image, edit) }) },
    }));
  });
}

interface Change {
  readonly name: string;
  readonly what: string;
  readonly edit: Edit;
}

function changesOf(initial: InitialImage, image: ImageEvidence, { system, paths }: GradedVolume): Change[] {
  try {
    const editor = new VolumeEditor(new FinalImage(initial, image), system);
    const before = filesBefore(initial, system);
    const isMeant = (path: string) => paths.has(path) || !before.has(path) || isWritten(editor, path, image);
    const meant = [...editor.files].filter(([path, { type }]) => type !== 'folder' && isMeant(path));
    return meant.slice(0, MOST_FILES).flatMap(([path, file]) => changesOfFile(editor, path, file));
  } catch (error) {
    // The reference solution leaves no such file system behind, which its own grade says.
    if (error instanceof FileSystemError) return [];
    throw error;
  }
}

/** A disk may hold none before a kernel has made one. */
function filesBefore(initial: InitialImage, system: FileSystemName): ReadonlyMap<string, FileNode> {
  try {
    return new VolumeEditor(initial, system).files;
  } catch (error) {
    if (error instanceof FileSystemError) return new Map();
    throw error;
  }
}

function isWritten(editor: VolumeEditor, path: string, { changed }: ImageEvidence): boolean {
  return editor.stretchesOf(path).some(({ at, length }) => {
    for (let sector = Math.floor(at / SECTOR_BYTES); sector * SECTOR_BYTES < at + length; sector++)
      if (Object.hasOwn(changed, String(sector))) return true;
    return false;
  });
}

function changesOfFile(editor: VolumeEditor, path: string, { size }: FileNode): Change[] {
  const shown = printable(path);
  const bytes = size === 0 ? [] : [...new Set([0, size - 1])];
  const changes: [string, string, Edit | undefined][] = [
    ['renamed', `there is no ${shown}, but a file of another name`, editor.renamed(path)],
    ...(size === 0 ? [] : [['shorter', `${shown} is a byte shorter`, editor.shorter(path)] as [string, string, Edit | undefined]]),
    ...bytes.map((at): [string, string, Edit | undefined] => [
      `byte-${at}`,
      `byte ${at} of ${shown} is different`,
      editor.otherByte(path, at),
    ]),
  ];
  return changes.flatMap(([name, what, edit]) => (edit === undefined ? [] : [{ name: `files${shown}/${name}`, what, edit }]));
}

function withEdit(initial: InitialImage, image: ImageEvidence, { at, bytes }: Edit): ImageEvidence['changed'] {
  const first = Math.floor(at / SECTOR_BYTES);
  const length = (Math.floor((at + bytes.length - 1) / SECTOR_BYTES) - first + 1) * SECTOR_BYTES;
  const sectors = new FinalImage(initial, image).read(first * SECTOR_BYTES, length);
  sectors.set(bytes, at - first * SECTOR_BYTES);
  const changed = { ...image.changed };
  for (let from = 0; from < length; from += SECTOR_BYTES)
    changed[String(first + from / SECTOR_BYTES)] = sectorToHex(sectors.slice(from, from + SECTOR_BYTES));
  return changed;
}
