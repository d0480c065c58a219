/**
 * Canvas: a CSV for "Import grades" in the gradebook, one assignment's column.
 *
 * Rows are matched by ID, SIS User ID or SIS Login ID: the roster's columns of these names, or else its id, or the submission's
 * name, as SIS Login ID. A cell that is empty changes nothing in Canvas, so a submission that errored keeps the grade that it had. Left out: `EX` (excused), which is the teacher's to give.
 * Reference: Canvas's guide "How do I import grades in the Gradebook?"; its importer finds the header by the columns Student,
 * ID, SIS User ID, SIS Login ID and Section in this order.
 */
import type { SubmissionResult } from '../result/result.ts';
import { type Cell, delimited, pointsCell } from './delimited.ts';
import { format, type Subject } from './format.ts';

export const canvas = format({
  describe: "a CSV that Canvas's gradebook imports",
  audience: 'record',
  options: {
    assignment: {
      value: 'text',
      required: true,
      describe: 'the column, with its id: "Lab 13 (4711)"; without one a new assignment is made',
    },
  },
  parts: [{ scope: 'class', extension: 'canvas.csv', render: (subjects, { assignment }) => gradebook(subjects, assignment) }],
});

function gradebook(subjects: readonly Subject[], assignment: string): string {
  const most = Math.max(0, ...subjects.map(({ result }) => result.maxScore));
  const rows: Cell[][] = [
    ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', assignment],
    ['    Points Possible', null, null, null, null, pointsCell(most)],
    ...subjects.map(({ result }) => studentRow(result)),
  ];
  return delimited(rows, { delimiter: ',', bom: false, lineEnd: '\n' });
}

function studentRow({ name, student, score }: SubmissionResult): Cell[] {
  const column = (label: string) => student?.columns[label] ?? null;
  const login = column('SIS Login ID') ?? student?.id ?? name;
  return [student?.name || name, column('ID'), column('SIS User ID'), login, column('Section'), pointsCell(score)];
}
