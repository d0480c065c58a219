/** The program, but for the files that Node starts (main.ts, worker-main.ts), which load this one. */
export { bootgrade } from './bootgrade.ts';
export { processEnvironment } from './environment.ts';
/** For the build. */
export { codeToKeep } from './kept-core.ts';

/** What a worker process does. */
export const work = async (): Promise<void> => (await import('./grade-worker.ts')).work();
