/** `bootgrade check` on the command line. */
import { type Command, Option } from 'commander';
import type { Crew } from '../grading/crew.ts';
import type { CheckOptions } from './check.ts';
import type { Environment } from './environment.ts';
import { addFormatOptions, chosenFormats, type FormatFlags } from './format-options.ts';
import {
  addExplainOptions,
  attemptOption,
  type ExplainFlag,
  explainOf,
  quietly,
  quietOption,
  unsandboxedOption,
} from './shared-options.ts';

type Flags = Omit<CheckOptions, 'path' | 'explain' | 'formats'> & ExplainFlag & FormatFlags & { quiet: boolean };

const HELP = `
Looks for bootgrade.yaml in the folder and above it. Its line "rubric: FILE" names the
course's rubric. Boots the kernel that the rubric's "submission.kernel" finds, and prints
the report, beginning with the first check that failed. Hidden checks are not run. No file is
written, unless --report or --out says so.

Exit code: as "grade": 0 when checking ran, whatever the score; 1 with --strict when a check
failed; 2 for a mistake in the command or in the rubric; 3 when a run errored.

Examples:
  bootgrade check                                             in the lab's folder, or below it
  bootgrade check --watch                                     again after each build
  bootgrade check --console                                   with what the kernel printed
  bootgrade check --report html --out checked                 also as a page, in that folder
  bootgrade check --format gcc                                mistakes as editors read them
  bootgrade check ~/lab13 --strict                            exit with 1 when a check fails
`;

export function addCheck(program: Command, environment: Environment, finish: (code: number) => void): void {
  addFormatOptions(addExplainOptions(program.command('check')), 'write reports to a folder')
    .description('check your own kernel before you hand it in')
    .argument('[path]', "the lab's folder, or a kernel", '.')
    .option('--watch', 'check again whenever the kernel has changed, until Ctrl-C', false)
    .option('--console', 'also print what the kernel printed', false)
    .option('--out <folder>', 'where reports and evidence go (default: "reports", if --report is given)')
    .option('--json', 'print the result as one JSON document and nothing else', false)
    .addOption(
      new Option('--format <format>', 'how the report is printed: gcc is file:line: error: …, for editors').choices(['terminal', 'gcc']),
    )
    .option('--values <list>', 'random values that a report names, NAME=VALUE,NAME=VALUE, instead of those of this kernel')
    .option('--strict', 'exit with 1 when a check failed', false)
    .addOption(attemptOption())
    .addOption(unsandboxedOption())
    .addOption(quietOption())
    .addHelpText('after', HELP)
    .action(async (path: string, flags: Flags) => {
      const formats = flags.report === undefined ? undefined : chosenFormats(flags);
      const options = { path, ...flags, explain: explainOf(flags), ...(formats === undefined ? {} : { formats }) };
      const work = async (crew: Crew) => (await import('./check.ts')).check(options, quietly(flags, environment), crew);
      finish(await environment.withCrew({ jobs: 1, warm: 0 }, work));
    });
}
