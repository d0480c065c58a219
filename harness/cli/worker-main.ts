/** Where a worker process begins. */
import { loadProgram } from './load-program.ts';

void loadProgram('other').then(({ work }) => work());
