/**
 * Markdown (CommonMark with GitHub's tables): a report for each submission, a table for the class.
 *
 * What others wrote is escaped so that it makes no markup, no link and no mention; explanations stand in code blocks.
 * Reference: CommonMark 0.31 (2.4 backslash escapes, 4.5 fenced code blocks), GitHub Flavored Markdown (4.10 tables, 6.9 autolinks).
 */
import type { SubmissionResult } from '../result/result.ts';
import { shownAttempts } from './attempts.ts';
import { buildLines, warningLines } from './build-lines.ts';
import { stopLines } from './ends.ts';
import { type Entry, entriesOf, PLAIN, unlistedText } from './entries.ts';
import { findingLines } from './findings.ts';
import { format } from './format.ts';
import { plain } from './lines.ts';
import { pointLines } from './point-lines.ts';
import { aboutText } from './students.ts';
import { firstFailure, summary } from './table.ts';
import { clean, heading, kernelChoice, mark, score } from './words.ts';

export const markdown = format({
  describe: 'a Markdown report for each submission, and a table of the class',
  audience: 'record',
  options: {},
  parts: [
    { scope: 'submission', extension: 'md', render: ({ result }) => join(reportBlocks(result, '#')) },
    { scope: 'class', extension: 'md', render: (subjects) => join(tableBlocks(shownAttempts(subjects.map(({ result }) => result)))) },
  ],
});

export function join(blocks: readonly string[]): string {
  return `${blocks.join('\n\n')}\n`;
}

/**
 * One submission: blocks that each stand alone, so that a limit can cut between any two. `level`: the heading's, "#". `first`: the check
 * whose explanation comes before the table of checks; null if they all come after it.
 */
export function reportBlocks(result: SubmissionResult, level: string, first: Entry | null = null): string[] {
  const entries = entriesOf(result);
  const explanation = (entry: Entry) =>
    entry.lines.length === 0 ? [] : [`${level}# ${mark(PLAIN, entry.outcome)} ${escapeMarkdown(entry.label)}`, codeBlock(entry.lines)];
  const findings = findingLines(result, PLAIN).map(plain);
  const choice = kernelChoice(result);
  const built = buildLines(result, PLAIN).map(plain);
  const total = result.score === null ? `errored (of ${result.maxScore})` : score(result.score, result.maxScore);
  return [
    `${level} ${mark(PLAIN, result.outcome)} ${escapeMarkdown(heading(result))}: ${total}`,
    escapeMarkdown(clean(result.title)),
    ...(aboutText(result) === '' ? [] : [escapeMarkdown(aboutText(result))]),
    ...(choice === null ? [] : [escapeMarkdown(choice)]),
    ...(result.reason === null ? [] : [`**${escapeMarkdown(clean(result.reason))}**`]),
    ...(built.length === 0 ? [] : [codeBlock(built)]),
    ...(first === null ? [] : explanation(first)),
    table(
      ['', 'Check', 'Points'],
      entries.map((entry) => [mark(PLAIN, entry.outcome), escapeMarkdown(entry.label), points(entry)]),
    ),
    ...lineBlock(pointLines(result)),
    ...(result.unlistedChecks === null ? [] : [escapeMarkdown(unlistedText(result.unlistedChecks))]),
    ...entries.filter(({ id }) => id !== first?.id).flatMap(explanation),
    ...lineBlock(stopLines(result, PLAIN).map(plain)),
    ...(findings.length === 0 ? [] : [codeBlock(findings)]),
    ...lineBlock(warningLines(result, PLAIN).map(plain)),
  ];
}

/** Several submissions: a table and a count. */
export function tableBlocks(results: readonly SubmissionResult[]): string[] {
  const rows = results.map((result) => [
    mark(PLAIN, result.outcome),
    escapeMarkdown([clean(result.name), aboutText(result)].filter((part) => part !== '').join(' · ')),
    result.outcome,
    score(result.score, result.maxScore),
    escapeMarkdown(firstFailure(result)),
  ]);
  return [table(['', 'Submission', 'Outcome', 'Points', 'First problem'], rows), summary(results)];
}

function points({ outcome, score: given, maxScore }: Entry): string {
  return outcome === 'skipped' || outcome === 'errored' ? outcome : score(given, maxScore);
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return [header, header.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** One line is a paragraph, several are a code block. */
function lineBlock(lines: readonly string[]): string[] {
  return lines.length > 1 ? [codeBlock(lines)] : lines.map(escapeMarkdown);
}

/** A fence longer than any run of backticks inside. */
function codeBlock(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence].join('\n');
}

/** The text as text: with a backslash before whatever could be markup, a link or a mention. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#+|~@:!&$^=]|(?<=\bwww)\./gi, '\\$&');
}
