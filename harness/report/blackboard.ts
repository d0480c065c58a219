/**
 * Blackboard Learn: a tab-delimited file for "Work offline: upload", one column of the Grade Center.
 *
 * Rows are matched by Username: the roster's column of this name, or else its id, or the submission's name. A submission that
 * errored has no row, so that its grade stays, nor has a student without a submission: Blackboard shows those as what they are. Reference: Blackboard's help, "Work offline with grade data" (first row: column names; the column's id stands
 * after a `|` in the name that a download shows).
 */
import type { Student, SubmissionResult } from '../result/result.ts';
import { countedAttempts } from './attempts.ts';
import { delimited, pointsCell } from './delimited.ts';
import { hasScore } from './entries.ts';
import { format } from './format.ts';
import { cellOf, gradebookRows } from './students.ts';

const USERNAME = 'Username';

function usernameOf(student: Student | null, { name }: SubmissionResult): string {
  return cellOf(student, USERNAME) ?? student?.id ?? name;
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
        const scored = countedAttempts(subjects.map(({ result }) => result)).filter(hasScore);
        const students = gradebookRows(scored, [USERNAME]).map(({ student, result }) => [
          usernameOf(student, result),
          pointsCell(result.score),
        ]);
        const rows = [[USERNAME, column], ...students];
        return delimited(rows, { delimiter: '\t', bom: false, lineEnd: '\n' });
      },
    },
  ],
});
