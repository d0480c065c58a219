/**
 * The command `bootgrade`: which command was asked for, and how a command's end becomes an exit code. What the
 * command does not need is not loaded: `run` has to start as fast as QEMU does.
 *
 * Exit codes: 0 done; 1 `grade --strict` and something failed; 2 a mistake in the command or in the rubric; 3 the grader's
 * own fault; 130 stopped with Ctrl-C. `bootgrade run` has codes of its own (docs/run.md).
 */
import { constants } from 'node:os';
import { printableLines } from '../evidence/printable.ts';
import { HostError, isHostFault, systemReason } from '../files/system-error.ts';
import { Interruption } from '../grading/ports.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Environment } from './environment.ts';
import { BAD_USAGE, OUR_FAULT } from './exit-codes.ts';

/** The system may refuse what Node itself asks for, such as the files of the program, or memory. */
function hostFault(error: NodeJS.ErrnoException): string {
  if (error instanceof HostError) return error.message;
  return `${[error.syscall ?? 'a part of the work', error.path].filter((part) => part !== undefined).join(' ')} failed: ${systemReason(error)}`;
}

/** A message of one line is wrapped to the terminal; one of several shows lines of a file, which stay as they are. */
async function usageLines(message: string, { columns }: Environment): Promise<string> {
  const shown = printableLines(message);
  if (shown.includes('\n') || columns === undefined) return `bootgrade: ${shown}`;
  const { laidOut, sentence } = await import('../report/lines.ts');
  return laidOut([sentence(shown, 'bootgrade: ', 2)], columns).join('\n');
}

/** Runs a command; returns its exit code. `argv` is what follows the program's name. */
export async function bootgrade(argv: readonly string[], environment: Environment): Promise<number> {
  try {
    if (argv[0] === 'run') return await (await import('./run.ts')).run(argv.slice(1));
    return await (await import('./commands.ts')).runCommand(argv, environment);
  } catch (error) {
    if (error instanceof UsageError) {
      environment.err(`${await usageLines(error.message, environment)}\n`);
      return BAD_USAGE;
    }
    if (error instanceof Interruption) {
      environment.err(`bootgrade: ${printableLines(error.message)}\n`);
      return 128 + constants.signals[error.signal as NodeJS.Signals];
    }
    if (error instanceof HostError || isHostFault(error)) {
      environment.err(`bootgrade: ${printableLines(hostFault(error as Error))}\n`);
      return OUR_FAULT;
    }
    const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
    environment.err(`bootgrade: this is a bug in bootgrade, please report it:\n${printableLines(trace)}\n`);
    return OUR_FAULT;
  }
}
