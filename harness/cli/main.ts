/** The program: hands the command line to the commands, and their exit code to the process. */
import { bootgrade } from './bootgrade.ts';
import { processEnvironment } from './environment.ts';

/** Whoever reads our output may stop reading (`| head`): the work goes on, without a word. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

ignoreClosedPipes();
// Not process.exit: what was printed into a pipe is still on its way.
process.exitCode = await bootgrade(process.argv.slice(2), processEnvironment());
