/** The options of `grade`, `merge` and `regrade` that concern report formats: made from the formats' table, and read back into it. */
import { type Command, Option } from 'commander';
import { readText } from '../files/named.ts';
import type { FormatOption } from '../report/format.ts';
import { type ChosenFormat, type FormatName, fileFormats, formatNamed, formatNames } from '../report/index.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

/** What commander makes of the flags: by name in camel case. */
export interface FormatFlags {
  /** Left out where nothing is to be written. */
  readonly report?: string;
  readonly [flag: string]: unknown;
}

function flag(format: FormatName, option: string): string {
  return `--${format}-${option}`;
}

function attribute(format: FormatName, option: string): string {
  return new Option(`${flag(format, option)} <x>`).attributeName();
}

/** `--report`, and an option for each that a format declares. `what`: how `--report` is described, before its formats are listed. */
export function addFormatOptions(command: Command, what = 'further reports'): Command {
  const formats = ['json', ...formatNames].join(', ');
  const more = (given: string, earlier: string | undefined) => (earlier === undefined ? given : `${earlier},${given}`);
  command.option('--report <formats>', `${what}, separated by commas: ${formats} (json is always there)`, more);
  for (const format of formatNames) {
    for (const [name, { value, describe }] of Object.entries(formatNamed(format).options)) {
      command.addOption(new Option(`${flag(format, name)} <${value}>`, describe).helpGroup('Options of report formats:'));
    }
  }
  return command;
}

/** The formats that the flags ask for. Throws UsageError for an unknown one, and for options that are missing, wrong or for a format that was not asked for. */
export function chosenFormats(flags: FormatFlags): ChosenFormat[] {
  const names = [...new Set((flags.report ?? 'json').split(',').map((name) => name.trim()))].filter((name) => name !== 'json');
  const unknown = names.find((name) => !Object.hasOwn(fileFormats, name));
  if (unknown !== undefined) throw new UsageError(`--report: unknown format "${unknown}"; known: ${['json', ...formatNames].join(', ')}`);
  const chosen = formatNames.filter((name) => names.includes(name));
  refuseOptionsOfOthers(chosen, flags);
  return chosen.map((name) => {
    const format = formatNamed(name);
    const values = Object.fromEntries(
      Object.entries(format.options).map(([option, declared]) => [option, optionValue(name, option, declared, flags)]),
    );
    const mistake = format.mistake?.(values) ?? null;
    if (mistake !== null) throw new UsageError(mistake);
    return { name, values };
  });
}

function refuseOptionsOfOthers(chosen: readonly FormatName[], flags: FormatFlags): void {
  for (const format of formatNames.filter((name) => !chosen.includes(name))) {
    const stray = Object.keys(formatNamed(format).options).find((option) => flags[attribute(format, option)] !== undefined);
    if (stray !== undefined) throw new UsageError(`${flag(format, stray)}: the report ${format} was not asked for; add --report ${format}`);
  }
}

function optionValue(
  format: FormatName,
  option: string,
  { value, required, describe }: FormatOption,
  flags: FormatFlags,
): string | undefined {
  const given = flags[attribute(format, option)];
  if (typeof given !== 'string') {
    if (required) throw new UsageError(`--report ${format} needs ${flag(format, option)}: ${describe}`);
    return undefined;
  }
  return value === 'file' ? readText(`file of ${flag(format, option)}`, given, MOST_BYTES.option, 'keep') : given;
}
