/** `bootgrade init` on the command line. */
import type { Command } from 'commander';
import type { Environment } from './environment.ts';

const HELP = `
With --vscode, writes .vscode in a folder instead: a task that checks the kernel, the schema of
rubrics, and a launch entry. Files that exist are left as they are, and what would be in them is
printed.

Exit code: 0 when the file was written; 2 when a file of that name exists, or --qemu has an option
that this machine cannot follow: all of them are said, each with its remedy.

Examples:
  bootgrade init                                              writes rubric.yaml
  bootgrade init rubrics/lab1.yaml
  bootgrade init --qemu "$(make -n qemu)"                     the machine of the lab's Makefile
  bootgrade rubric check rubrics/lab1.yaml                    what to do after each change
  bootgrade init --vscode                                     in the lab's folder: its .vscode
`;

export function addInit(program: Command, environment: Environment, finish: (code: number) => void): void {
  program
    .command('init')
    .description('write a rubric to start from, with comments')
    .argument('[file]', 'a file that does not exist yet (default: rubric.yaml); with --vscode, a folder (default: this one)')
    .option('--qemu <line>', "write the rubric of QEMU's command line, as the course has it")
    .option('--vscode', "set up Visual Studio Code in the lab's folder", false)
    .addHelpText('after', HELP)
    .action(async (file: string | undefined, { vscode, qemu }: { vscode: boolean; qemu?: string }) =>
      finish(
        vscode
          ? (await import('./vscode.ts')).initVscode(file ?? '.', environment)
          : (await import('./init.ts')).init(file ?? 'rubric.yaml', { qemu }, environment),
      ),
    );
}
