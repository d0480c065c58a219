import { formatProblem, type Problem } from './problem.ts';

/** A mistake of the person who typed the command: one line on standard error, exit code 2, no stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A rubric with mistakes in it; the message has each with its place, and how many there are. */
export class RubricError extends UsageError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const mistakes = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
    super(`${mistakes} in ${file}\n${problems.map(formatProblem).join('\n')}`);
    this.problems = problems;
  }
}
