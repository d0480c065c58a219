/**
 * The program: hands the command line to the commands, and their exit code to the process. It is loaded before all else, and alone: where the
 * system does not let the rest be loaded (too many open files, a disk that fails), that is said in one line.
 */
import { writeSync } from 'node:fs';

/** As in exit-codes.ts. */
const OUR_FAULT = 3;

try {
  const [{ bootgrade }, { processEnvironment }] = await Promise.all([import('./bootgrade.ts'), import('./environment.ts')]);
  // Not process.exit: what was printed into a pipe is still on its way.
  process.exitCode = await bootgrade(process.argv.slice(2), processEnvironment());
} catch (error) {
  process.exitCode = OUR_FAULT;
  writeSync(
    2,
    `bootgrade: the program cannot be loaded: ${error instanceof Error ? error.message.replaceAll('\n', ' ') : String(error)}\n`,
  );
}
