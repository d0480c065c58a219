/**
 * GitHub Actions: workflow commands that annotate the student's source lines, and a job summary.
 *
 * The commands take effect when a step prints them: `cat` the file. The summary is Markdown to append to the file that
 * GITHUB_STEP_SUMMARY names. Both stay within what GitHub takes from a step, and say so where they leave something out.
 * Reference: GitHub's documentation, "Workflow commands for GitHub Actions" (annotations, job summaries: 1 MiB a step).
 */

import type { SubmissionResult } from '../result/result.ts';
import { type Entry, entriesOf } from './entries.ts';
import { format, type Subject } from './format.ts';
import { join, reportBlocks, tableBlocks } from './markdown.ts';
import { errorsOf, type Remark, warningsOf } from './remarks.ts';
import { clean, score } from './words.ts';

/** Annotations of one kind that GitHub keeps of a step. */
const MOST_OF_A_KIND = 10;
/** UTF-8 bytes of a step's summary; beyond them GitHub refuses it whole. */
const SUMMARY_BYTES = 1024 * 1024;
/** Characters of an annotation's title and message that are worth showing. */
const TITLE = 200;
const MESSAGE = 4000;

const LEFT_OUT = '_What follows is left out: a job summary holds at most 1 MiB._';

export const github = format({
  describe: 'GitHub Actions: annotations to print (class.github.txt) and a job summary (class.github.md)',
  audience: 'print',
  options: {},
  parts: [
    { scope: 'class', extension: 'github.txt', render: annotations },
    { scope: 'class', extension: 'github.md', render: jobSummary },
  ],
});

/** Workflow commands, one a line: an error for each run that ended badly and each check that failed, warnings of rules that the driver breaks, and a notice with the score. */
function annotations(subjects: readonly Subject[]): string {
  const several = subjects.length > 1;
  const commandsOf = (remarksOf: (result: SubmissionResult) => Remark[]) =>
    subjects.flatMap(({ result }) => remarksOf(result).map((remark) => remarkCommand(remark, several ? `${clean(result.name)}: ` : '')));
  const errors = commandsOf(errorsOf);
  const warnings = commandsOf(warningsOf);
  const notices = several ? [] : subjects.map(({ result }) => scoreNotice(result));
  const rest = errors.length - MOST_OF_A_KIND;
  const more =
    rest > 0 ? [command('notice', {}, `${rest} more are in the job summary: GitHub shows ${MOST_OF_A_KIND} errors of a step`)] : [];
  return [...errors.slice(0, MOST_OF_A_KIND), ...warnings.slice(0, MOST_OF_A_KIND), ...more, ...notices, ''].join('\n');
}

function remarkCommand({ severity, place, title, lines }: Remark, prefix: string): string {
  const { file, line, column } = place ?? {};
  const where = file === undefined || line === undefined ? {} : { file, line, ...(column === undefined ? {} : { col: column }) };
  return command(severity, { ...where, title: cut(`${prefix}${title}`, TITLE) }, cut(lines.join('\n'), MESSAGE));
}

function scoreNotice(result: SubmissionResult): string {
  const total = result.score === null ? 'errored: the grader is at fault' : score(result.score, result.maxScore);
  return command(
    'notice',
    { title: cut(clean(result.title), TITLE) },
    result.reason === null ? total : `${total}\n${clean(result.reason)}`,
  );
}

/** `::error file=a.c,line=3,title=…::message`. */
function command(kind: 'error' | 'warning' | 'notice', properties: Readonly<Record<string, string | number>>, message: string): string {
  const given = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
  return `::${kind}${given.length === 0 ? '' : ` ${given.join(',')}`}::${escapeData(message)}`;
}

function escapeData(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
}

function cut(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/**
 * One submission's report, whose first problem comes first, or the class's table and the report of each that did not pass; cut between two
 * blocks.
 */
function jobSummary(subjects: readonly Subject[]): string {
  const results = subjects.map(({ result }) => result);
  const reports = results.length === 1 ? results : results.filter(({ outcome }) => outcome !== 'passed');
  function* blocks(): Iterable<string> {
    if (results.length !== 1) yield* tableBlocks(results);
    if (results.length === 1) for (const result of reports) yield* reportBlocks(result, '#', firstProblem(result));
    else for (const result of reports) yield* reportBlocks(result, '##');
  }
  return join(fitting(blocks(), SUMMARY_BYTES));
}

function firstProblem(result: SubmissionResult): Entry | null {
  return entriesOf(result).find(({ outcome, lines }) => lines.length > 0 && (outcome === 'failed' || outcome === 'errored')) ?? null;
}

/** As many of the first blocks as there is room for; further blocks are not even made. */
function fitting(blocks: Iterable<string>, limit: number): string[] {
  const encoder = new TextEncoder();
  const bytes = (text: string) => encoder.encode(text).length + 2;
  const kept: string[] = [];
  let size = 0;
  for (const block of blocks) {
    kept.push(block);
    size += bytes(block);
    if (size <= limit) continue;
    while (size > limit - bytes(LEFT_OUT)) size -= bytes(kept.pop()!);
    return [...kept, LEFT_OUT];
  }
  return kept;
}
