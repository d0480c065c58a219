/**
 * The program: hands the command line to the commands, and their exit code to the process. It is loaded before all else, and alone: where the
 * system does not let the rest be loaded (too many open files, a disk that fails), that is said in one line.
 */
import { writeSync } from 'node:fs';
import { loadProgram } from './load-program.ts';

/** As in exit-codes.ts. */
const OUR_FAULT = 3;

async function program(): Promise<number> {
  const argv = process.argv.slice(2);
  const { bootgrade, processEnvironment } = await loadProgram(argv[0] === 'run' ? 'run' : 'other');
  return bootgrade(argv, processEnvironment());
}

function notLoaded(error: unknown): number {
  writeSync(
    2,
    `bootgrade: the program cannot be loaded: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)}\n`,
  );
  return OUR_FAULT;
}

// Not process.exit: what was printed into a pipe is still on its way.
void program()
  .catch(notLoaded)
  .then((code) => {
    process.exitCode = code;
  });
