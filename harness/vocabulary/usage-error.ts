/** A mistake of whoever typed the command: one line on standard error, exit code 2, no stack trace. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
