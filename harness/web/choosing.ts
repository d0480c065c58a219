/** What a student drops or chooses: a file or a folder, by whichever of the ways the browser has. */
import type { Chosen, ChosenFile } from './messages.ts';

/** Files of a folder: a lab with what a compiler leaves has some thousand. */
const MOST_FILES = 20_000;
const DEEPEST = 16;

/** What cannot be graded, in a sentence for the student. */
export class ChoiceProblem extends Error {
  override readonly name = 'ChoiceProblem';
}

/** Reads what was chosen, as it is now. Throws ChoiceProblem. */
export type Choice = () => Promise<Read>;

export interface Read {
  readonly chosen: Chosen;
  /** The same once more, as it is then; null where the browser does not allow it. */
  readonly again: Choice | null;
}

/** A browser that gives a handle lets it be read again. */
export function choiceOfHandle(handle: FileSystemHandle): Choice {
  const choice: Choice = async () => ({ chosen: await chosenOfHandle(handle), again: choice });
  return choice;
}

/** Of an input for one file. */
export function choiceOfFile(file: File): Choice {
  return async () => ({ chosen: chosenOfFile(file), again: null });
}

/** Of an input for a folder: each file's path begins with the folder's name. */
export function choiceOfFolder(list: readonly File[]): Choice {
  return async () => ({ chosen: chosenOfFolder(list), again: null });
}

/** Of the File System Access API, which some browsers have. */
type WithHandle = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> };

/** To be called while the event is handled: afterwards the browser has forgotten what was dropped. Throws ChoiceProblem. */
export function choiceOfDrop({ items }: DataTransfer): Choice {
  const files = [...items].filter(({ kind }) => kind === 'file');
  const [item, ...others] = files;
  if (item === undefined) throw new ChoiceProblem('That is not a file: drop your kernel, or the folder of your lab.');
  if (others.length > 0) throw new ChoiceProblem(`Those are ${files.length} files: drop one kernel, or the folder that they are in.`);
  const [handle, entry, file] = [
    (item as WithHandle).getAsFileSystemHandle?.().catch(() => null),
    item.webkitGetAsEntry(),
    item.getAsFile(),
  ];
  return async () => {
    const known = await handle;
    if (known) return choiceOfHandle(known)();
    if (entry?.isDirectory) {
      return { chosen: { name: entry.name, kind: 'folder', files: await filesOfEntry(entry as FileSystemDirectoryEntry) }, again: null };
    }
    if (file === null) throw new ChoiceProblem('The browser cannot read what was dropped.');
    return choiceOfFile(file)();
  };
}

function chosenOfFile(file: File): Chosen {
  return { name: file.name, kind: 'file', files: [{ path: file.name, file }] };
}

/** Throws ChoiceProblem. */
function chosenOfFolder(list: readonly File[]): Chosen {
  const [first] = list;
  if (first === undefined) throw new ChoiceProblem('The folder is empty.');
  const files = list
    .map((file) => ({ path: file.webkitRelativePath.split('/').slice(1).join('/'), file }))
    .filter(({ path }) => !path.split('/').slice(0, -1).some(isPassedOver));
  checkCount(files.length);
  return { name: first.webkitRelativePath.split('/')[0]!, kind: 'folder', files };
}

/** Folders in which neither a kernel nor sources are looked for. */
function isPassedOver(folder: string): boolean {
  return folder.startsWith('.');
}

function checkCount(count: number): void {
  if (count > MOST_FILES)
    throw new ChoiceProblem(`The folder has more than ${MOST_FILES} files: choose the folder of the lab alone, or the kernel.`);
}

/** Asks the student for a folder; null: none was chosen. Browsers without this have the input. */
export function folderPicker(): (() => Promise<FileSystemDirectoryHandle | null>) | null {
  const { showDirectoryPicker: show } = globalThis as unknown as { showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle> };
  if (show === undefined) return null;
  return async () => {
    try {
      return await show.call(globalThis);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') return null;
      throw error;
    }
  };
}

/** Throws ChoiceProblem. */
async function chosenOfHandle(handle: FileSystemHandle): Promise<Chosen> {
  if (handle.kind === 'file') return chosenOfFile(await (handle as FileSystemFileHandle).getFile());
  const files: ChosenFile[] = [];
  const walk = async (folder: FileSystemDirectoryHandle, path: string, depth: number): Promise<void> => {
    for await (const one of folder.values()) {
      if (one.kind === 'file') files.push({ path: path + one.name, file: await (one as FileSystemFileHandle).getFile() });
      else if (depth < DEEPEST && !isPassedOver(one.name)) await walk(one as FileSystemDirectoryHandle, `${path}${one.name}/`, depth + 1);
      checkCount(files.length);
    }
  };
  await walk(handle as FileSystemDirectoryHandle, '', 0);
  return { name: handle.name, kind: 'folder', files };
}

async function filesOfEntry(top: FileSystemDirectoryEntry): Promise<ChosenFile[]> {
  const files: ChosenFile[] = [];
  const walk = async (folder: FileSystemDirectoryEntry, path: string, depth: number): Promise<void> => {
    for (const one of await entriesOf(folder)) {
      if (one.isFile) files.push({ path: path + one.name, file: await fileOf(one as FileSystemFileEntry) });
      else if (depth < DEEPEST && !isPassedOver(one.name)) await walk(one as FileSystemDirectoryEntry, `${path}${one.name}/`, depth + 1);
      checkCount(files.length);
    }
  };
  await walk(top, '', 0);
  return files;
}

/** The browser gives them in pieces, until there are none. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}
