/** For tests: every report format, with the options that it needs. */
import { Command } from 'commander';
import { addFormatOptions, chosenFormats, type FormatFlags } from '../cli/format-options.ts';
import { type ChosenFormat, formatNames } from '../report/index.ts';
import type { TestFolder } from './command.ts';

const OPTIONS = {
  '--gradescope-execution-time': '12.5',
  '--classroom50-classroom': 'os-2026',
  '--classroom50-assignment': 'lab13',
  '--classroom50-owner': 'octocat',
  '--classroom50-submission': 'submit/1',
  '--classroom50-commit': 'https://example.org/commit/1',
  '--classroom50-release': 'https://example.org/releases/1',
  '--classroom50-datetime': '2026-10-01T12:00:00Z',
  '--check50-slug': 'os/labs/lab13',
  '--canvas-assignment': 'Lab 13, "I/O" (4711)',
  '--blackboard-column': 'Lab 13 [Total Pts: 100 Score] |4711',
};

/** Moodle's worksheet is written into the folder: a row for each of the names. */
export function everyFormatArguments(folder: TestFolder, names: readonly string[]): string[] {
  const rows = names.map((name, at) => `Participant ${at + 1},${name},,100.00,\n`);
  const worksheet = folder.put('worksheet.csv', `Identifier,Full name,Grade,Maximum Grade,Feedback comments\n${rows.join('')}`);
  return ['--report', formatNames.join(','), ...Object.entries(OPTIONS).flat(), '--moodle-worksheet', worksheet];
}

export function everyFormat(folder: TestFolder, names: readonly string[]): ChosenFormat[] {
  const argv = everyFormatArguments(folder, names);
  return chosenFormats(addFormatOptions(new Command()).parse(argv, { from: 'user' }).opts<FormatFlags>());
}

/** Files beside the record: of each submission (html, md, gradescope, prairielearn, classroom50, check50, autograding), and of the class, with their list. */
export const SUBMISSION_FILES = 7;
export const CLASS_FILES = 12;
