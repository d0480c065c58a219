/** Words and marks that the terminal's report and table share. Every text of a result goes through `clean` before it is printed. */

import type picocolors from 'picocolors';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import { printable } from '../evidence/printable.ts';
import type { Outcome, SubmissionResult } from '../result/result.ts';

/** Formatters of the library `picocolors`: real ones, or ones that do nothing. */
export type Colors = ReturnType<typeof picocolors.createColors>;

const MARKS: Record<Outcome, string> = { passed: '✓', failed: '✗', skipped: '–', errored: '!' };

/** Characters of one text that a report shows. */
const LONGEST = 2000;

export function clean(text: string): string {
  return printable(text, LONGEST);
}

export function paint(colors: Colors, outcome: Outcome, text: string): string {
  switch (outcome) {
    case 'passed':
      return colors.green(text);
    case 'failed':
      return colors.red(text);
    case 'skipped':
      return colors.dim(text);
    case 'errored':
      return colors.yellow(text);
  }
}

export function mark(colors: Colors, outcome: Outcome): string {
  return paint(colors, outcome, MARKS[outcome]);
}

/** Points without a double's noise: at most two decimals. */
export function points(value: number): string {
  return String(Math.round(value * 100) / 100);
}

export function score(given: number | null, max: number): string {
  return given === null ? `–/${points(max)}` : `${points(given)}/${points(max)}`;
}

export function count(value: number, noun: string): string {
  return `${groupedDigits(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** What was graded: the submission, and the kernel's file in it where that says more. */
export function heading({ name, kernel }: SubmissionResult): string {
  const same = kernel === null || name === kernel.file || name.endsWith(`/${kernel.file}`);
  return clean(same ? name : `${name}/${kernel.file}`);
}

/** Files that are named. */
const MOST_FILES = 5;

/** Which file was graded, where the rubric's patterns match others as well; null if they do not. */
export function kernelChoice({ kernel }: SubmissionResult): string | null {
  const others = kernel?.alsoMatched ?? [];
  if (kernel === null || others.length === 0) return null;
  const named = others.slice(0, MOST_FILES).map(clean).join(', ');
  const more = others.length > MOST_FILES ? ` and ${others.length - MOST_FILES} more` : '';
  return `graded is ${clean(kernel.file)}; the rubric's patterns also match ${named}${more}`;
}
