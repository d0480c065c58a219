/**
 * The command `bootgrade`: which command was asked for, and how a command's end becomes an exit code. Each command's file is
 * loaded only when it is asked for.
 *
 * Exit codes: 0 done; 1 `grade --strict` and something failed; 2 a mistake in the command or in the rubric; 3 the grader's
 * own fault. `bootgrade run` has codes of its own (docs/run.md).
 */
import { Command, CommanderError } from 'commander';
import { printable } from '../evidence/printable.ts';
import type { Environment } from './environment.ts';
import { HostError } from './files.ts';
import { UsageError } from './usage-error.ts';
import { TOOL, VERSION } from './version.ts';

const USAGE = 2;
const OUR_FAULT = 3;

/** Characters of one line of a message: paths may be long, and hold anything. */
const LONGEST_LINE = 4000;

const EXAMPLES = `
Examples:
  bootgrade grade rubrics/lab13.yaml submissions/class
  bootgrade grade lab.yaml alice/ bob/ --out graded --strict
  bootgrade rubric check lab.yaml
  bootgrade run -machine virt -cpu rv64 -m 1G -nographic -kernel kernel.elf
`;

const GRADE_HELP = `
A SUBMISSION is a kernel's file, a folder in which the rubric's "submission.kernel" finds
one, or a folder of submissions (a class).

Exit code: 0 when grading ran, whatever the scores; 1 with --strict when a submission
failed; 2 for a mistake in the command or in the rubric; 3 when a submission errored.
`;

interface GradeFlags {
  out: string;
  json: boolean;
  strict: boolean;
}

/** `finish` takes the exit code of the command that ran. */
function commands(environment: Environment, finish: (code: number) => void): Command {
  const program = new Command('bootgrade')
    .description('Boots submitted RISC-V kernels in machines of its own and grades what their drivers do, by a rubric.')
    .version(VERSION)
    .addHelpText('after', EXAMPLES)
    .configureOutput({
      writeOut: environment.out,
      writeErr: environment.err,
      outputError: (text, write) => write(text.replace(/^error: /, 'bootgrade: ')),
    })
    .showHelpAfterError('bootgrade --help says more')
    .exitOverride();
  program
    .command('grade')
    .description('grade submissions by a rubric')
    .argument('<rubric>', "the lab's rubric (YAML)")
    .argument('<submission...>', 'kernels, folders or classes')
    .option('--out <folder>', 'where reports and evidence go', 'reports')
    .option('--json', 'print the results as one JSON document and nothing else', false)
    .option('--strict', 'exit with 1 when a submission failed', false)
    .addHelpText('after', GRADE_HELP)
    .action(async (rubric: string, submissions: string[], flags: GradeFlags) => {
      const [{ grade }, { machineHost }] = await Promise.all([import('./grade.ts'), import('../run/host.ts')]);
      finish(await grade({ rubric, submissions, ...flags }, environment, machineHost(TOOL)));
    });
  // Listed here for --help; its arguments are QEMU's, and never come to be parsed here.
  program
    .command('run')
    .description("boot a kernel, from QEMU's command line (bootgrade run -help)")
    .helpOption(false)
    .argument('[option...]');
  const rubric = program.command('rubric').description('check a rubric, or print the schema of rubrics');
  rubric
    .command('check')
    .description('load a rubric and report every mistake in it')
    .argument('<file>')
    .action(async (file: string) => finish(await (await import('./rubric.ts')).rubricCheck(file, environment)));
  rubric
    .command('schema')
    .description('print the JSON Schema of the rubric language, for editors')
    .option('--write <file>', 'write it to a file instead')
    .action(async ({ write }: { write?: string }) => finish(await (await import('./rubric.ts')).rubricSchema(write, environment)));
  return program;
}

/** Runs a command; returns its exit code. `argv` is what follows the program's name. */
export async function bootgrade(argv: readonly string[], environment: Environment): Promise<number> {
  try {
    if (argv[0] === 'run') return await (await import('./run.ts')).run(argv.slice(1));
    let code = 0;
    await commands(environment, (given) => (code = given)).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    if (error instanceof UsageError) {
      environment.err(
        `bootgrade: ${error.message
          .split('\n')
          .map((line) => printable(line, LONGEST_LINE))
          .join('\n')}\n`,
      );
      return USAGE;
    }
    if (error instanceof HostError) {
      environment.err(`bootgrade: ${printable(error.message, LONGEST_LINE)}\n`);
      return OUR_FAULT;
    }
    environment.err(`bootgrade: this is a bug in bootgrade, please report it:\n${error instanceof Error ? error.stack : String(error)}\n`);
    return OUR_FAULT;
  }
}
