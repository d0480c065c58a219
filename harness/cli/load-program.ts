/** Loads the program. In a build, load-compiled-program.ts stands in its place (build/program.mjs), which needs to know what will be done. */
export const loadProgram = (_part: ProgramPart): Promise<typeof import('./program.ts')> => import('./program.ts');

/** `run` has to start as fast as QEMU does, so it is a script of its own. */
export type ProgramPart = 'run' | 'other';
