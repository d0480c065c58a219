/** `bootgrade web` on the command line. */
import type { Command } from 'commander';
import type { Environment } from './environment.ts';

const HELP = `
Writes a page with which students check their kernels in a browser, with nothing installed
(docs/web.md). It is a folder of plain files for any web server; it works offline as well,
and sends nothing anywhere. What "rubric publish" leaves out is not in it.

A folder that is not empty is refused, unless this command has made it: then the page is
renewed, and other files in it stay as they are.

Exit code: 0 when the page was written; 2 for a mistake in the command or in the rubric.

Examples:
  bootgrade web lab.yaml --out site/lab13
  bootgrade web lab.yaml --out site/lab13 --title "Lab 13, spring"
`;

export function addWeb(program: Command, environment: Environment, finish: (code: number) => void): void {
  program
    .command('web')
    .description('write a page on which students check their kernels in a browser')
    .argument('<rubric>', "the lab's rubric (YAML)")
    .requiredOption('--out <folder>', 'a folder that is empty, or was made by this command')
    .option('--title <text>', "what the page is called (default: the rubric's title)")
    .addHelpText('after', HELP)
    .action(async (rubric: string, { out, title }: { out: string; title?: string }) =>
      finish(await (await import('./web.ts')).web({ rubric, out, title: title ?? null }, environment)),
    );
}
