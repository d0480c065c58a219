/** `bootgrade merge` on the command line. */
import type { Command } from 'commander';
import type { Environment } from './environment.ts';
import { addFormatOptions, chosenFormats, type FormatFlags } from './format-options.ts';
import type { MergeOptions } from './merge.ts';
import { jsonOption, outOption, quietly, quietOption, strictOption } from './shared-options.ts';

const HELP = `
BLOBs are the files that "grade --shard" has written, of all shards of one class. The
merged folder is the same as that of "grade" without --shard.

Exit code: as "grade"; also 2 when a shard is missing or is named twice, or when the shards
differ in version, rubric or class.

Examples:
  bootgrade grade lab.yaml class/ --shard 1/2 --out part1     on one computer
  bootgrade grade lab.yaml class/ --shard 2/2 --out part2     on another
  bootgrade merge part1/*.blob part2/*.blob --out reports --report csv
`;

type Flags = Omit<MergeOptions, 'blobs' | 'formats'> & FormatFlags & { readonly quiet: boolean };

export function addMerge(program: Command, environment: Environment, finish: (code: number) => void): void {
  addFormatOptions(program.command('merge'))
    .description('merge the blobs that the shards of a grading have written')
    .argument('<blob...>', "the shards' files, shard-1-of-8.blob and so on")
    .addOption(outOption('reports'))
    .addOption(jsonOption())
    .addOption(strictOption())
    .addOption(quietOption())
    .addHelpText('after', HELP)
    .action(async (blobs: string[], flags: Flags) => {
      const { merge } = await import('./merge.ts');
      finish(await merge({ blobs, ...flags, formats: chosenFormats(flags) }, quietly(flags, environment)));
    });
}
