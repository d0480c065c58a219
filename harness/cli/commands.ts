/** The commands but for `run`: what there is, by commander. Each command's own file is loaded only when it is asked for. */
import { Command, CommanderError } from 'commander';
import { printableLines } from '../evidence/printable.ts';
import { addCheck } from './check-command.ts';
import { addCompletion } from './completion-command.ts';
import type { Environment } from './environment.ts';
import { BAD_USAGE } from './exit-codes.ts';
import { addGrade } from './grade-command.ts';
import { addInit } from './init-command.ts';
import { addMerge } from './merge-command.ts';
import { addPack } from './pack-command.ts';
import { addRegrade } from './regrade-command.ts';
import { addRubric } from './rubric-commands.ts';
import { VERSION } from './version.ts';
import { addWeb } from './web-command.ts';

const EXAMPLES = `
Examples:
  bootgrade grade rubrics/lab13.yaml submissions/class
  bootgrade grade lab.yaml alice/ bob/ --out graded --strict
  bootgrade regrade lab.yaml reports --out regraded
  bootgrade check                                             a student, in the lab's folder
  bootgrade init lab.yaml                                     a rubric to start from
  bootgrade pack gradescope lab.yaml --out autograder.zip     a platform's own package
  bootgrade rubric check lab.yaml
  bootgrade rubric test lab.yaml
  bootgrade rubric publish lab.yaml --out for-students.yaml
  bootgrade web lab.yaml --out site                           a page to check kernels with
  bootgrade run -machine virt -cpu rv64 -m 1G -nographic -kernel kernel.elf
`;

/** `finish` takes the exit code of the command that ran. */
function commands(environment: Environment, finish: (code: number) => void): Command {
  const program = new Command('bootgrade')
    .description('Boots submitted RISC-V kernels in an emulated machine and grades what their drivers do by a rubric.')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .configureOutput({
      writeOut: environment.out,
      writeErr: environment.err,
      // It quotes what was typed, which a shell may have made of the names of files.
      outputError: (text, write) => write(printableLines(text.replace(/^error: /, 'bootgrade: '))),
    })
    .showHelpAfterError('bootgrade --help says more')
    .exitOverride();
  addGrade(program, environment, finish);
  addMerge(program, environment, finish);
  addRegrade(program, environment, finish);
  addCheck(program, environment, finish);
  // Listed here for --help; its arguments are QEMU's, and never come to be parsed here.
  program
    .command('run')
    .description("boot a kernel, from QEMU's command line (bootgrade run -help)")
    .helpOption(false)
    .argument('[option...]');
  addInit(program, environment, finish);
  addPack(program, environment, finish, (argv) => runCommand(argv, environment));
  addCompletion(program, environment, finish);
  addRubric(program, environment, finish);
  addWeb(program, environment, finish);
  return program;
}

/** Runs one; returns its exit code. */
export async function runCommand(argv: readonly string[], environment: Environment): Promise<number> {
  let code = 0;
  try {
    await commands(environment, (given) => (code = given)).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_USAGE;
    throw error;
  }
}
