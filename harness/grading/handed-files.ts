/** What a hand-in has of the files that a rubric's checks look at. */
import type { HandedFile } from '../result/handed-file.ts';
import { handedFileNames, isHiddenFile } from '../rubric/handed-files.ts';
import type { Rubric } from '../rubric/types.ts';
import type { TextFile } from '../submission/text-search.ts';

/** Each file once, in the order of the checks. `look` says what one holds. */
export function handedFiles(rubric: Rubric, look: (pattern: string) => TextFile): HandedFile[] {
  return handedFileNames(rubric).map((name) => ({ name, hidden: isHiddenFile(rubric, name), ...look(name) }));
}
