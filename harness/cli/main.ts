/** The program: hands the command line to the commands, and their exit code to the process. */
import { bootgrade } from './bootgrade.ts';
import { processEnvironment } from './environment.ts';

// Not process.exit: what was printed into a pipe is still on its way.
process.exitCode = await bootgrade(process.argv.slice(2), processEnvironment());
