/** `bootgrade grade` on the command line. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseShard, type Shard } from '../batch/shard.ts';
import { listFolder } from '../files/read.ts';
import type { Crew } from '../grading/crew.ts';
import { parseMoment } from '../vocabulary/moment.ts';
import type { Environment } from './environment.ts';
import { addFormatOptions, chosenFormats, type FormatFlags } from './format-options.ts';
import type { GradeOptions } from './grade.ts';
import {
  addExplainOptions,
  attemptOption,
  audienceOption,
  type ExplainFlag,
  explainOf,
  jobsOption,
  jsonOption,
  outOption,
  quietly,
  quietOption,
  rosterColumnsOption,
  strictOption,
  unsandboxedOption,
} from './shared-options.ts';

const HELP = `
A SUBMISSION is a kernel's file, a folder in which the rubric's "submission.kernel" finds
one, or a folder of submissions (a class), such as what a learning platform exports.

Exit code: 0 when grading ran, whatever the scores; 1 with --strict when a submission
failed; 2 for a mistake in the command or in the rubric; 3 when a submission errored; 130
when it was stopped with Ctrl-C (--resume goes on).

What is hidden from students: without --for, it is not printed, but it is in the record
(--out, --json). With --for student it is in neither, with --for instructor in both.
Reports for students and for instructors need different folders.

Examples:
  bootgrade grade lab.yaml class/                             the instructor's record
  bootgrade grade lab.yaml class/ --for student --out handout reports to hand out
  bootgrade grade lab.yaml alice/ --attempt 2                 with the hints of attempt 2
  bootgrade grade lab.yaml class/ --resume                    go on after Ctrl-C, or a crash
  bootgrade grade lab.yaml class/ --roster class.csv          with the students' ids and names
  bootgrade grade lab.yaml class/ --shard 2/8                 the second of eight parts
  bootgrade grade lab.yaml alice/kernel.elf --explain         races for memory as well
  bootgrade grade lab.yaml class/ --report html,csv           pages and a table (docs/reports.md)
`;

interface Flags extends Omit<GradeOptions, 'rubric' | 'submissions' | 'formats' | 'explain'>, ExplainFlag, FormatFlags {
  readonly quiet: boolean;
  readonly jobs: number;
}

/** Folders in one that make it look like a class: the folder of a single project has fewer. */
const CLASS_FOLDERS = 5;

/**
 * How many submissions these look like, before the rubric says what a submission is; 0: like one, which needs no worker. Workers that are
 * started on a wrong guess cost a tenth of a second; so do workers that are missing.
 */
function apparentSubmissions(paths: readonly string[]): number {
  if (paths.length !== 1) return paths.length;
  try {
    const folders = listFolder(paths[0]!).filter(({ kind }) => kind === 'folder').length;
    return folders >= CLASS_FOLDERS ? folders : 0;
  } catch {
    return 0;
  }
}

function shard(text: string): Shard {
  const parsed = parseShard(text);
  if (parsed === undefined) throw new InvalidArgumentError('NUMBER/COUNT is expected, such as 2/8');
  return parsed;
}

function moment(text: string): string {
  if (parseMoment(text) === null) throw new InvalidArgumentError('a day, a time and a zone are expected, such as 2026-12-01T23:59+08:00');
  return text;
}

export function addGrade(program: Command, environment: Environment, finish: (code: number) => void): void {
  addExplainOptions(addFormatOptions(program.command('grade')))
    .description('grade submissions by a rubric')
    .argument('<rubric>', "the lab's rubric (YAML)")
    .argument('<submission...>', 'kernels, folders or classes')
    .addOption(outOption('reports'))
    .addOption(jsonOption())
    .addOption(strictOption())
    .addOption(audienceOption())
    .addOption(attemptOption().default(undefined, "what a platform's export says, else 1"))
    .addOption(jobsOption())
    .addOption(
      new Option('--deadline <time>', "when submissions are due, e.g. 2026-12-01T23:59+08:00 (default: the rubric's)").argParser(moment),
    )
    .addOption(unsandboxedOption())
    .option('--at <commit>', 'read repositories at this commit (default: the last before the deadline, if there is one)')
    .option('--resume', 'go on with a grading that was interrupted', false)
    .option('--single', 'take each folder for one submission, even if it has no kernel', false)
    .addOption(quietOption())
    .option('--roster <file>', 'CSV file that says whose submissions they are')
    .addOption(rosterColumnsOption())
    .addOption(new Option('--shard <number/count>', 'grade a part of the class, for merge').argParser(shard))
    .addHelpText('after', HELP)
    .action(async (rubric: string, submissions: string[], flags: Flags) => {
      const formats = chosenFormats(flags);
      const options = { rubric, submissions, ...flags, explain: explainOf(flags), formats };
      const work = async (crew: Crew) => (await import('./grade.ts')).grade(options, quietly(flags, environment), crew);
      finish(await environment.withCrew({ jobs: flags.jobs, warm: apparentSubmissions(submissions) }, work));
    });
}
