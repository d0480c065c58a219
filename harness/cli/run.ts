/** `bootgrade run`: boots a kernel for a person to use, from QEMU's command line (docs/run.md). */
import { writeSync } from 'node:fs';
import { type EmulatorHost, emulate, processHost } from '../emulator/emulate.ts';
import { printableLines } from '../evidence/printable.ts';
import { HostError } from '../files/system-error.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { BAD_USAGE } from './exit-codes.ts';
import { parseRunArguments } from './qemu-arguments.ts';
import { endLine, exitCode, HOST_FAILED } from './run-end.ts';
import { RUN_HELP } from './run-help.ts';

/** What the command needs from outside; tests bring their own. */
export interface RunHost extends EmulatorHost {
  /** The file descriptor that our own lines go to. */
  readonly stderr: number;
}

const PROCESS: RunHost = { ...processHost(() => process.stdin), stderr: 2 };

/** The command; `argv` is what follows the word `run`. Returns the exit code. */
export async function run(argv: string[], host: RunHost = PROCESS): Promise<number> {
  const say = (line: string) => void writeSync(host.stderr, `bootgrade: ${line}\n`);
  try {
    const settings = parseRunArguments(argv);
    if (settings === 'help') {
      writeSync(host.stdout, RUN_HELP);
      return 0;
    }
    if ('mistakes' in settings) {
      for (const mistake of settings.mistakes) say(printableLines(mistake));
      return BAD_USAGE;
    }
    for (const note of settings.notes) say(printableLines(note));
    const outcome = await emulate(settings, host, say);
    say(endLine(outcome));
    return exitCode(outcome.end);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof HostError)) throw error;
    say(printableLines(error.message));
    return error instanceof UsageError ? BAD_USAGE : HOST_FAILED;
  }
}
