/** The commands but for `run`: their arguments, by commander. Each command's file is loaded only when it is asked for. */
import { availableParallelism } from 'node:os';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseShard, type Shard } from '../batch/shard.ts';
import type { Audience } from '../grade/result.ts';
import { addCheck } from './check-command.ts';
import { addCompletion } from './completion-command.ts';
import type { Environment } from './environment.ts';
import { addFormatOptions, chosenFormats, type FormatFlags } from './format-options.ts';
import { addInit } from './init-command.ts';
import { attemptOption, quietly, quietOption, wholeNumber } from './shared-options.ts';
import { BAD_USAGE } from './usage-error.ts';
import { TOOL, VERSION } from './version.ts';

const EXAMPLES = `
Examples:
  bootgrade grade rubrics/lab13.yaml submissions/class
  bootgrade grade lab.yaml alice/ bob/ --out graded --strict
  bootgrade regrade lab.yaml reports --out regraded
  bootgrade check                                             a student, in the lab's folder
  bootgrade init lab.yaml                                     a rubric to start from
  bootgrade rubric check lab.yaml
  bootgrade rubric test lab.yaml
  bootgrade rubric publish lab.yaml --out for-students.yaml
  bootgrade run -machine virt -cpu rv64 -m 1G -nographic -kernel kernel.elf
`;

const GRADE_HELP = `
A SUBMISSION is a kernel's file, a folder in which the rubric's "submission.kernel" finds
one, or a folder of submissions (a class).

Exit code: 0 when grading ran, whatever the scores; 1 with --strict when a submission
failed; 2 for a mistake in the command or in the rubric; 3 when a submission errored; 130
when it was stopped with Ctrl-C (--resume goes on).

What is hidden from students: without --for, what is printed does not show it, and the
record (--out, --json) does. --for student leaves it out of both; --for instructor shows
it in both. Reports for students and for instructors do not mix in one folder.

Examples:
  bootgrade grade lab.yaml class/                             the instructor's record
  bootgrade grade lab.yaml class/ --for student --out handout reports to hand out
  bootgrade grade lab.yaml alice/ --attempt 2                 with the hints of attempt 2
  bootgrade grade lab.yaml class/ --resume                    go on after Ctrl-C, or a crash
  bootgrade grade lab.yaml class/ --roster class.csv          with the students' ids and names
  bootgrade grade lab.yaml class/ --shard 2/8                 the second of eight parts
  bootgrade grade lab.yaml class/ --report html,csv           pages and a table (docs/reports.md)
`;

const MERGE_HELP = `
BLOBs are what "grade --shard" has left in its folder, all shards of one class. The merged
folder is the one that "grade" without --shard would have left.

Exit code: as "grade"; 2 as well where a shard is missing, there twice, or of another
version, rubric or class.

Examples:
  bootgrade grade lab.yaml class/ --shard 1/2 --out part1     on one computer
  bootgrade grade lab.yaml class/ --shard 2/2 --out part2     on another
  bootgrade merge part1/*.blob part2/*.blob --out reports --report csv
`;

const REGRADE_HELP = `
REPORTS is a folder that "grade" or "regrade" has left. Its files stay as they are: the
new reports go to --out, with their evidence. Nothing is booted. A submission whose
evidence does not tell what the rubric now asks is listed, and must be run again.

Exit code: 0 when all were graded again; 1 when some must be run again; 2 for a mistake in
the command or in the rubric; 3 when a submission errored.

Examples:
  bootgrade regrade lab.yaml reports                          who changed, and new reports
  bootgrade regrade lab.yaml reports --for student --out handout
`;

const RUBRIC_HELP = `
Examples:
  bootgrade rubric check lab.yaml
  bootgrade rubric test lab.yaml
`;

const CHECK_HELP = `
Boots nothing. Exit code: 0 for a rubric without mistakes; 2 for one with mistakes, which are
listed with their places.

Examples:
  bootgrade rubric check lab.yaml
`;

const SCHEMA_HELP = `
Examples:
  bootgrade rubric schema --write rubric.schema.json
`;

const TEST_HELP = `
Grades the submissions of the rubric's "expect" block and compares; then changes the
evidence of its reference solution in every way and lists what no check notices.

Exit code: 0 when all is as expected; 1 when a submission got another grade, or no check
notices a change that "blind-spots" does not list; 2 for a mistake in the command or in
the rubric; 3 when a run errored.

Examples:
  bootgrade rubric test rubrics/lab13.yaml
  bootgrade rubric test lab.yaml --all                        list accepted blind spots as well
`;

const PUBLISH_HELP = `
Leaves out hidden checks and scenarios, "expect", hints of later attempts, and all comments
(nobody can tell which of them speaks of what is hidden).

Examples:
  bootgrade rubric publish lab.yaml --out for-students.yaml
`;

interface GradeFlags extends FormatFlags {
  report: string;
  out: string;
  json: boolean;
  strict: boolean;
  explain: boolean;
  for?: Audience;
  attempt: number;
  jobs: number;
  quiet: boolean;
  resume: boolean;
  single: boolean;
  roster?: string;
  shard?: Shard;
}

interface MergeFlags extends FormatFlags {
  report: string;
  out: string;
  json: boolean;
  quiet: boolean;
  strict: boolean;
}

interface RegradeFlags {
  out: string;
  json: boolean;
  quiet: boolean;
  for: Audience;
  attempt?: number;
}

const audience = () => new Option('--for <audience>', 'who the reports are for').choices(['student', 'instructor']);

const jobs = () =>
  new Option('--jobs <number>', 'submissions graded at a time; 1: none in a process of its own')
    .argParser(wholeNumber)
    .default(availableParallelism(), 'all cores');

function shard(text: string): Shard {
  const parsed = parseShard(text);
  if (parsed === undefined) throw new InvalidArgumentError('NUMBER/COUNT is expected, such as 2/8');
  return parsed;
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
  addFormatOptions(program.command('grade'))
    .description('grade submissions by a rubric')
    .argument('<rubric>', "the lab's rubric (YAML)")
    .argument('<submission...>', 'kernels, folders or classes')
    .option('--out <folder>', 'where reports and evidence go', 'reports')
    .option('--json', 'print the results as one JSON document and nothing else', false)
    .option('--strict', 'exit with 1 when a submission failed', false)
    .option('--no-explain', 'do not run what failed once more to name the source lines')
    .addOption(audience())
    .addOption(attemptOption().default(1))
    .addOption(jobs())
    .option('--resume', 'go on with a grading that was interrupted', false)
    .option('--single', 'a folder is one submission, also where there is no kernel in it', false)
    .addOption(quietOption())
    .option('--roster <file>', 'CSV: whose submissions they are')
    .addOption(new Option('--shard <number/count>', 'grade a part of the class, for merge').argParser(shard))
    .addHelpText('after', GRADE_HELP)
    .action(async (rubric: string, submissions: string[], flags: GradeFlags) => {
      const [{ grade }, { machineHost }] = await Promise.all([import('./grade.ts'), import('../run/host.ts')]);
      const formats = chosenFormats(flags.report, flags);
      finish(await grade({ rubric, submissions, ...flags, formats }, quietly(flags, environment), machineHost(TOOL)));
    });
  addFormatOptions(program.command('merge'))
    .description('join what the shards of a grading have left')
    .argument('<blob...>', "the shards' files, shard-1-of-8.blob and so on")
    .option('--out <folder>', 'where reports and evidence go', 'reports')
    .option('--json', 'print the results as one JSON document and nothing else', false)
    .option('--strict', 'exit with 1 when a submission failed', false)
    .addOption(quietOption())
    .addHelpText('after', MERGE_HELP)
    .action(async (blobs: string[], flags: MergeFlags) =>
      finish(
        await (await import('./merge.ts')).merge(
          { blobs, ...flags, formats: chosenFormats(flags.report, flags) },
          quietly(flags, environment),
        ),
      ),
    );
  program
    .command('regrade')
    .description('grade saved evidence again by a changed rubric, without booting, and show who changed')
    .argument('<rubric>', "the lab's rubric, as it is now (YAML)")
    .argument('<reports>', 'the folder of the earlier reports')
    .option('--out <folder>', 'where the new reports go, with their evidence', 'regraded')
    .option('--json', 'print changes and results as one JSON document and nothing else', false)
    .addOption(audience().default('instructor'))
    .addOption(attemptOption())
    .addOption(quietOption())
    .addHelpText('after', REGRADE_HELP)
    .action(async (rubric: string, reports: string, flags: RegradeFlags) =>
      finish(await (await import('./regrade.ts')).regrade({ rubric, reports, ...flags }, quietly(flags, environment))),
    );
  addCheck(program, environment, finish);
  // Listed here for --help; its arguments are QEMU's, and never come to be parsed here.
  program
    .command('run')
    .description("boot a kernel, from QEMU's command line (bootgrade run -help)")
    .helpOption(false)
    .argument('[option...]');
  addInit(program, environment, finish);
  addCompletion(program, environment, finish);
  const rubric = program
    .command('rubric')
    .description('check, test or publish a rubric, or print the schema of rubrics')
    .addHelpText('after', RUBRIC_HELP);
  rubric
    .command('check')
    .description('load a rubric and report every mistake in it')
    .argument('<file>')
    .addHelpText('after', CHECK_HELP)
    .action(async (file: string) => finish(await (await import('./rubric.ts')).rubricCheck(file, environment)));
  rubric
    .command('test')
    .description('hold a rubric against the grades that it expects, and find what no check notices')
    .argument('<file>')
    .option('--all', 'list accepted blind spots as well', false)
    .addHelpText('after', TEST_HELP)
    .action(async (file: string, { all }: { all: boolean }) => {
      const [{ rubricTest }, { machineHost }] = await Promise.all([import('./rubric-test.ts'), import('../run/host.ts')]);
      finish(await rubricTest({ rubric: file, all }, environment, machineHost(TOOL)));
    });
  rubric
    .command('publish')
    .description('write the rubric that students get, without what is hidden')
    .argument('<file>')
    .option('--out <file>', 'write it to a file instead of printing it')
    .addHelpText('after', PUBLISH_HELP)
    .action(async (file: string, { out }: { out?: string }) =>
      finish(await (await import('./rubric.ts')).rubricPublish(file, out, environment)),
    );
  rubric
    .command('schema')
    .description('print the JSON Schema of the rubric language, for editors')
    .option('--write <file>', 'write it to a file instead')
    .addHelpText('after', SCHEMA_HELP)
    .action(async ({ write }: { write?: string }) => finish(await (await import('./rubric.ts')).rubricSchema(write, environment)));
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
