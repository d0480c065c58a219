/**
 * Whether a build failed because a program is missing on this computer: that is no student's fault. Where the course's own files say what is run
 * (there is a base), what the shell or make cannot find is the grader's to install; where a student's do, they may ask for anything.
 */
import type { SourceFile } from './overlay.ts';

const SHELL = /^[^\s:]*sh: (?:line )?(?:\d+: )?([^\s:]+): (?:command )?not found$/;
const MAKE = /^g?make(?:\[\d+\])?: ([^\s:]+): (?:No such file or directory|Command not found)$/;
/** The program of a step, which the rubric names. */
const STEP = /^prlimit: failed to execute ([^\s:]+): No such file or directory$/;

/** The program's name; null if nothing says that one is missing. */
export function missingTool(output: string, files: readonly SourceFile[], isCourses: boolean): string | null {
  for (const line of output.split('\n')) {
    const [, named] = STEP.exec(line) ?? [];
    const [, asked] = isCourses ? (SHELL.exec(line) ?? MAKE.exec(line) ?? []) : [];
    const tool = named ?? asked;
    if (tool !== undefined && !files.some(({ path }) => path === tool.replace(/^\.\//, ''))) return tool;
  }
  return null;
}
