/** A mistake of whoever typed the command: one line on standard error, exit code 2, no stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The exit code for it. */
export const BAD_USAGE = 2;

/** The exit code where this computer failed, or we did. */
export const OUR_FAULT = 3;
