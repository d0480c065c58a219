/** Where the program begins that is one file (build/single-file.mjs): the command, or one of its worker processes. */
import { WORKER_WORD } from '../batch/parts-of-one-file.ts';

if (process.argv[2] === WORKER_WORD && process.send !== undefined) void import('./worker-main.ts');
else void import('./main.ts');
