/** Which line of a call stack a reader looks at first. */
import type { CodeFrame, CodeStack } from './code-place.ts';

/** A frame whose source line is known, and is not a library's. */
export interface LineFrame extends CodeFrame {
  readonly file: string;
  readonly line: number;
}

export function isOwnLine(frame: CodeFrame): frame is LineFrame {
  return frame.file !== null && frame.line !== null && !frame.library;
}

/** The innermost line that the student wrote; where the course gave all of them, the innermost of these; null if no line is known. */
export function culpritOf({ places }: CodeStack): LineFrame | null {
  const lines = places.flatMap(({ frames }) => frames).filter(isOwnLine);
  return lines.find(({ given }) => given !== true) ?? lines[0] ?? null;
}

/** The file's path below what was handed in, or else as the compiler calls it. */
export function fileOf({ path, file }: LineFrame): string {
  return path ?? file;
}
