/** `bootgrade init` on the command line. */
import type { Command } from 'commander';
import type { Environment } from './environment.ts';

const HELP = `
Exit code: 0 when the file was written; 2 when a file of that name exists.

Examples:
  bootgrade init                                              writes rubric.yaml
  bootgrade init rubrics/lab1.yaml
  bootgrade rubric check rubrics/lab1.yaml                    what to do after each change
`;

export function addInit(program: Command, environment: Environment, finish: (code: number) => void): void {
  program
    .command('init')
    .description('write a rubric to start from, with comments')
    .argument('[file]', 'a file that does not exist yet', 'rubric.yaml')
    .addHelpText('after', HELP)
    .action(async (file: string) => finish((await import('./init.ts')).init(file, environment)));
}
