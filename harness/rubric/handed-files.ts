/** The files of a hand-in that a rubric's checks look at. */
import { type Check, isHidden, type Rubric } from './types.ts';

/** Name or glob of the file that the check looks at; null: it looks at none. */
function fileOf(check: Check): string | null {
  return check.kind === 'file' ? check.expected.path : null;
}

/** Names or globs, each once. */
export function handedFileNames({ checks }: Pick<Rubric, 'checks'>): string[] {
  return [...new Set(checks.flatMap((check) => fileOf(check) ?? []))];
}

/** Whether only hidden checks look at the file. */
export function isHiddenFile(rubric: Rubric, name: string): boolean {
  return rubric.checks.every((check) => fileOf(check) !== name || isHidden(check, rubric));
}
