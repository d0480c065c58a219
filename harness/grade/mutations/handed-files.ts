/** What was handed in beside the kernel, changed: each file missing, and each empty. */
import type { HandedFile } from '../../result/handed-file.ts';
import { replaced } from './kind.ts';

export interface FilesMutation {
  name: string;
  what: string;
  files: HandedFile[];
}

export function handedFileMutations(files: readonly HandedFile[]): FilesMutation[] {
  return files.flatMap((file, index): FilesMutation[] => {
    if (file.file === null) return [];
    const missing = { ...file, file: null, bytes: null, sha256: null, text: null, problem: `${file.name} was not handed in` };
    const empty = { ...file, bytes: 0, text: '', problem: null };
    // Of several files that a glob matches, none has to be there.
    const name = file.each === true ? file.file : file.name;
    const emptied = { name: `files/${name}/empty`, what: `${name} is empty`, files: replaced(files, index, empty) };
    if (file.each === true) return [emptied];
    return [{ name: `files/${name}/missing`, what: `${name} was not handed in`, files: replaced(files, index, missing) }, emptied];
  });
}
