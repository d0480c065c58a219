/** `bootgrade pack` on the command line, and `packed`, which the packages' own scripts run. */
import { Argument, type Command } from 'commander';
import type { Environment } from './environment.ts';
import { BAD_USAGE } from './exit-codes.ts';
import { type PlatformName, platformNamed, platformNames } from './pack/index.ts';

const HELP = `
Platforms:
${platformNames.map((name) => `  ${name.padEnd(14)} ${platformNamed(name).describe}`).join('\n')}

The package has the rubric in it, with all that is hidden, and the files that the rubric names: it
is for the platform, and not for students. The same rubric makes the same bytes.

Examples:
  bootgrade pack gradescope lab13.yaml --out autograder.zip
`;

interface Flags {
  readonly out: string;
  readonly program?: string;
}

export function addPack(
  program: Command,
  environment: Environment,
  finish: (code: number) => void,
  command: (argv: readonly string[]) => Promise<number>,
): void {
  program
    .command('pack')
    .description("make a platform's own package of a rubric")
    .addArgument(new Argument('<platform>').choices(platformNames))
    .argument('<rubric>')
    .requiredOption('--out <path>', 'the archive, or the folder, that is made')
    .option('--program <file>', 'the single file bootgrade.mjs that goes into it (default: the one that is running)')
    .addHelpText('after', HELP)
    .action(async (platform: PlatformName, rubric: string, { out, program: file }: Flags) =>
      finish(await (await import('./pack.ts')).pack({ platform, rubric, out, program: file }, environment)),
    );
  program
    .command('packed', { hidden: true })
    .addArgument(new Argument('<platform>').choices(platformNames.filter((name) => platformNamed(name).grade !== undefined)))
    .argument('<rubric>')
    .argument('<root>')
    .argument('[check]')
    .action(async (name: PlatformName, rubric: string, root: string, check: string | undefined) => {
      const platform = platformNamed(name);
      const place = { root, rubric, environment, command };
      finish((await (check === undefined ? platform.grade?.(place) : platform.check?.(place, check))) ?? BAD_USAGE);
    });
}
