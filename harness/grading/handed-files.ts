/** What a hand-in has of the files that a rubric's checks look at. */
import type { HandedFile } from '../result/handed-file.ts';
import { isHiddenFile, wantedTexts } from '../rubric/handed-files.ts';
import type { Rubric } from '../rubric/types.ts';
import type { TextFile } from '../submission/text-search.ts';
import type { WantedText } from '../vocabulary/submission.ts';

/** Each file once, in the order of the checks. `look` says what those hold that are wanted. */
export function handedFiles(rubric: Rubric, look: (wanted: WantedText) => readonly TextFile[]): HandedFile[] {
  return wantedTexts(rubric).flatMap((wanted) => {
    const name = { name: wanted.pattern, ...(wanted.each ? { each: true as const } : {}) };
    return look(wanted).map((text) => ({ ...name, hidden: isHiddenFile(rubric, name), ...text }));
  });
}
