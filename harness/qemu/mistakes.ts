/** What is wrong with a command line: every mistake is noted, and the next part is looked at, so that a person learns of all at once. */
import { UsageError } from '../vocabulary/usage-error.ts';

export class Mistakes {
  /** One line each, with its remedy. */
  readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
  }

  /** What `act` returns; undefined where it throws a UsageError, which is noted. */
  attempt<Value>(act: () => Value): Value | undefined {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      this.add(error.message);
      return undefined;
    }
  }
}
