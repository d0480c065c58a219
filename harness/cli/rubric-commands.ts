/** `bootgrade rubric …` on the command line. */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { Crew } from '../grading/crew.ts';
import type { Environment } from './environment.ts';
import { jobsOption, unsandboxedOption } from './shared-options.ts';

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
Grades the submissions of the rubric's "expect" block and compares the grades. Then changes
the evidence of the reference solution in many ways, one after the other, and lists the
changes that no check notices.

Exit code: 0 when all is as expected; 1 when a submission got a different grade, or no check
notices a change that "blind-spots" does not list; 2 for a mistake in the command or in
the rubric; 3 when a run errored.

Examples:
  bootgrade rubric test rubrics/lab13.yaml
  bootgrade rubric test lab.yaml --all                        list each change, and what is accepted
`;

const PUBLISH_HELP = `
Leaves out hidden checks and scenarios, "expect", hints of later attempts, and all comments,
since a comment may speak of what is hidden.

Examples:
  bootgrade rubric publish lab.yaml --out for-students.yaml
`;

export function addRubric(program: Command, environment: Environment, finish: (code: number) => void): void {
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
    .description('compare grades with those that the rubric expects, and find mistakes that no check notices')
    .argument('<file>')
    .option('--all', 'list each change, and accepted blind spots as well', false)
    .addOption(jobsOption())
    .addOption(unsandboxedOption())
    .addHelpText('after', TEST_HELP)
    .action(async (file: string, { all, jobs, unsandboxed }: { all: boolean; jobs: number; unsandboxed: boolean }) => {
      const work = async (crew: Crew) =>
        (await import('./rubric-test.ts')).rubricTest({ rubric: file, all, jobs, unsandboxed }, environment, crew);
      finish(await environment.withCrew({ jobs, warm: availableParallelism() }, work));
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
}
