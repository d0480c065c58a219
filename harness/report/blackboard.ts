/**
 * Blackboard Learn: a tab-delimited file for "Work offline: upload", one column of the Grade Center.
 *
 * Rows are matched by Username: the roster's column of this name, or else its id, or the submission's name. A submission that
 * errored has no row, so that its grade stays. Reference: Blackboard's help, "Work offline with grade data" (first row: column names; the column's id stands
 * after a `|` in the name that a download shows).
 */
import type { SubmissionResult } from '../result/result.ts';
import { delimited, pointsCell } from './delimited.ts';
import { hasScore } from './entries.ts';
import { format } from './format.ts';

function usernameOf({ name, student }: SubmissionResult): string {
  return student?.columns['Username'] ?? student?.id ?? name;
}

export const blackboard = format({
  describe: "a tab-delimited file that Blackboard's Grade Center uploads",
  audience: 'record',
  options: {
    column: { value: 'text', required: true, describe: 'the column as a download names it: "Lab 13 [Total Pts: 100 Score] |4711"' },
  },
  parts: [
    {
      scope: 'class',
      extension: 'blackboard.txt',
      render: (subjects, { column }) => {
        const scored = subjects.map(({ result }) => result).filter(hasScore);
        const rows = [['Username', column], ...scored.map((result) => [usernameOf(result), pointsCell(result.score)])];
        return delimited(rows, { delimiter: '\t', bom: false, lineEnd: '\n' });
      },
    },
  ],
});
