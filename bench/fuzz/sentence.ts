/** Messages for people: one line, of bounded length. What a terminal would act on is escaped where a message is printed (cli/bootgrade.ts). */
import { must, Violation } from './kind.ts';

const LONGEST = 4000;

/** Throws if the message is not such a line. */
export function mustBeSentence(message: string, what: string): void {
  must(message.trim() !== '', `${what} is empty`);
  must(message.length <= LONGEST, `${what} has ${message.length} characters`);
  must(!message.includes('\n'), `${what} has more than one line: ${JSON.stringify(message)}`);
}

/** What the act returns; undefined if it throws an error of one of the classes, with a message for people. Any other error goes on. */
export async function unlessRefused<Result>(
  refusals: readonly (new (message: string) => Error)[],
  act: () => Result | Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof Violation || !refusals.some((refusal) => error instanceof refusal)) throw error;
    mustBeSentence((error as Error).message, `the message of ${(error as Error).name}`);
    return undefined;
  }
}
