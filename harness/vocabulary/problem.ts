/** A mistake in a rubric: what is wrong, where, and what to do about it. */

export const PROBLEM_CODES = [
  'not-yaml',
  'too-large',
  'too-complex',
  'several-documents',
  'duplicate-key',
  'unknown-version',
  'unknown-key',
  'missing-key',
  'one-of',
  'wrong-type',
  'not-text',
  'unknown-name',
  'bad-name',
  'bad-path',
  'out-of-range',
  'bad-unit',
  'bad-hex',
  'bad-regex',
  'unquoted-escape',
  'unknown-cpu',
  'bad-qemu',
  'duplicate-id',
  'unknown-check',
  'unknown-group',
  'unknown-scenario',
  'unknown-drive',
  'unknown-submission',
  'cycle',
  'bad-like',
  'bad-disk-from',
  'points-mismatch',
  'outside-image',
  'overlap',
  'unreadable-file',
  'unbootable',
  'bad-script',
  'bad-random',
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];

export interface Problem {
  code: ProblemCode;
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  message: string;
  remedy?: string;
  /** The offending line, and under it a caret; both cut to what fits a terminal. */
  excerpt: string;
}

/** A problem before its place in the file is known: `path` leads to it from the top of the rubric (or of a check's part). */
export interface Mistake {
  path: readonly PropertyKey[];
  /** The key itself is wrong, not its value. */
  atKey?: boolean;
  code: ProblemCode;
  message: string;
  remedy?: string;
}

/** As a compiler says it: place, message and code; the excerpt; the remedy. */
export function formatProblem(problem: Problem): string {
  const lines = [`${problem.file}:${problem.line}:${problem.column}: ${problem.message} [${problem.code}]`];
  for (const line of problem.excerpt === '' ? [] : problem.excerpt.split('\n')) lines.push(`  ${line}`);
  if (problem.remedy !== undefined) lines.push(`  ${problem.remedy}`);
  return lines.join('\n');
}

const EXCERPT_COLUMNS = 120;

/** `column` from 1. A control character shows as `·`, so that the caret stays under its place. */
export function excerptOf(line: string, column: number): string {
  const start = Math.max(0, Math.min(column - 1 - EXCERPT_COLUMNS / 2, line.length - EXCERPT_COLUMNS));
  const shown = line
    .slice(start, start + EXCERPT_COLUMNS)
    .replace(/\t/g, ' ')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '·');
  return `${shown}\n${' '.repeat(column - 1 - start)}^`;
}
