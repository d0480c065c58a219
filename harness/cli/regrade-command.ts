/** `bootgrade regrade` on the command line. */
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { addFormatOptions, chosenFormats, type FormatFlags } from './format-options.ts';
import type { RegradeOptions } from './regrade.ts';
import { attemptOption, audienceOption, jsonOption, outOption, quietly, quietOption, rosterColumnsOption } from './shared-options.ts';

const HELP = `
REPORTS is a folder that "grade" or "regrade" has written. Its files stay as they are: the
new reports go to --out, with their evidence. Nothing is booted. A submission whose
evidence does not answer what the rubric now asks is listed, and must be run again.

Exit code: 0 when all were graded again; 1 when some must be run again; 2 for a mistake in
the command or in the rubric; 3 when a submission errored.

Examples:
  bootgrade regrade lab.yaml reports                          who changed, and new reports
  bootgrade regrade lab.yaml reports --for student --out handout
  bootgrade regrade lab.yaml reports --report html,csv        pages and a table (docs/reports.md)
`;

type Flags = Omit<RegradeOptions, 'rubric' | 'reports' | 'formats'> & FormatFlags & { readonly quiet: boolean };

export function addRegrade(program: Command, environment: Environment, finish: (code: number) => void): void {
  addFormatOptions(program.command('regrade'))
    .description('grade saved evidence again by a changed rubric, without booting, and show who changed')
    .argument('<rubric>', "the lab's rubric, as it is now (YAML)")
    .argument('<reports>', 'the folder of the earlier reports')
    .addOption(outOption('regraded'))
    .addOption(jsonOption('print changes and results as one JSON document and nothing else'))
    .addOption(audienceOption())
    .addOption(attemptOption())
    .addOption(rosterColumnsOption())
    .addOption(quietOption())
    .addHelpText('after', HELP)
    .action(async (rubric: string, reports: string, flags: Flags) => {
      const { regrade } = await import('./regrade.ts');
      finish(await regrade({ rubric, reports, ...flags, formats: chosenFormats(flags) }, quietly(flags, environment)));
    });
}
