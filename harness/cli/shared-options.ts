/** Options that several commands have. */
import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Explain } from '../grading/run-submission.ts';
import type { Environment } from './environment.ts';

/** Without the option there is one for each core. */
export function jobsOption(): Option {
  return new Option('--jobs <number>', 'submissions graded at a time, each in a process of its own')
    .argParser(wholeNumber)
    .default(availableParallelism(), 'all cores');
}

/** A number from 1. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('a number from 1 is expected');
}

export function attemptOption(): Option {
  return new Option('--attempt <number>', "which of the student's attempts this is: decides which hints are shown").argParser(wholeNumber);
}

export function unsandboxedOption(): Option {
  return new Option('--unsandboxed', 'build what was handed in without any protection').default(false);
}

export function outOption(folder: string): Option {
  return new Option('--out <folder>', 'where reports and evidence go').default(folder);
}

export function jsonOption(describe = 'print the results as one JSON document and nothing else'): Option {
  return new Option('--json', describe).default(false);
}

export function strictOption(): Option {
  return new Option('--strict', 'exit with 1 when a submission failed').default(false);
}

export function audienceOption(): Option {
  return new Option('--for <audience>', 'who the reports are for').choices(['student', 'instructor']);
}

export function rosterColumnsOption(): Option {
  const describe = 'columns of the roster that results keep besides id and name, separated by commas';
  return new Option('--roster-columns <names>', `${describe} (default: all for instructors, none for students)`).argParser((text) =>
    text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  );
}

export interface ExplainFlag {
  /** Left out where neither option is given. */
  explain?: boolean;
}

export function addExplainOptions(command: Command): Command {
  return command
    .option('--explain', 'also look for races between driver and device, even if the rubric does not ask for it: runs everything twice')
    .option('--no-explain', 'do not run failed scenarios a second time to find the source lines');
}

export function explainOf({ explain }: ExplainFlag): Explain {
  return explain === undefined ? 'failures' : explain ? 'everything' : 'nothing';
}

export function quietOption(): Option {
  return new Option('--quiet', 'print nothing but mistakes, and what --json asks for').default(false);
}

/** The environment, silent where the user wants that. Mistakes are printed anyway. */
export function quietly({ quiet, json }: { quiet: boolean; json: boolean }, environment: Environment): Environment {
  if (!quiet) return environment;
  const { out, err, colors, withCrew } = environment;
  return { out: json ? out : () => {}, err, colors, progress: false, quiet, withCrew };
}
