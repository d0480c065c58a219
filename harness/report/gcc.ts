/**
 * A result as gcc prints mistakes, `file:line: error: …`, which every editor knows how to jump from: a line for each thing to mend, and the score as
 * the last line. Reference: the GNU Coding Standards, "Formatting Error Messages".
 */
import type { SubmissionResult } from '../result/result.ts';
import { errorsOf, headline, type Remark, warningsOf } from './remarks.ts';
import { clean, score } from './words.ts';

/** `pathOf`: where the student's file is, from the folder in which the command was typed. */
export function gccLines(result: SubmissionResult, pathOf: (file: string) => string): string {
  const remarks = [...errorsOf(result), ...warningsOf(result)].map((remark) => remarkLine(remark, pathOf));
  const total = result.score === null ? 'errored: the grader is at fault' : score(result.score, result.maxScore);
  return [...remarks, `bootgrade: ${clean(result.title)}: ${total}`, ''].join('\n');
}

/** A mistake without a line begins with the program's name, as the GNU Coding Standards have it. */
function remarkLine(remark: Remark, pathOf: (file: string) => string): string {
  const { severity, place } = remark;
  const where =
    place === null ? 'bootgrade' : [pathOf(place.file), place.line, ...(place.column === undefined ? [] : [place.column])].join(':');
  return `${where}: ${severity}: ${headline(remark)}`;
}
