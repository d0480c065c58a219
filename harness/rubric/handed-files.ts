/** The files of a hand-in that a rubric's checks look at. */
import type { WantedText } from '../vocabulary/submission.ts';
import { type Check, isHidden, type Rubric } from './types.ts';

/** A file as a result has it. */
interface Named {
  readonly name: string;
  readonly each?: true | undefined;
}

/** What the check looks at; null: at no file. */
function wantedBy(check: Check): WantedText | null {
  if (check.kind !== 'file') return null;
  const { path, each = false } = check.expected;
  return { pattern: path, each };
}

/** Each once, in the order of the checks. */
export function wantedTexts({ checks }: Pick<Rubric, 'checks'>): WantedText[] {
  const all = checks.flatMap((check) => wantedBy(check) ?? []);
  return all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
}

function isSame(one: WantedText, other: WantedText): boolean {
  return one.pattern === other.pattern && one.each === other.each;
}

/** Whether the file is one of those that are looked for. */
export function isWanted({ name, each }: Named, wanted: WantedText): boolean {
  return name === wanted.pattern && (each ?? false) === wanted.each;
}

/** Whether only hidden checks look at the file. */
export function isHiddenFile(rubric: Rubric, file: Named): boolean {
  return rubric.checks.every((check) => {
    const wanted = wantedBy(check);
    return wanted === null || !isWanted(file, wanted) || isHidden(check, rubric);
  });
}
