/** Loads the command `run`. In a build, load-compiled-run.ts stands in its place (build.mjs). */
export const loadRun = (): Promise<typeof import('./run.ts')> => import('./run.ts');
