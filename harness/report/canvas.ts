/**
 * Canvas: a CSV for "Import grades" in the gradebook, one assignment's column.
 *
 * Rows are matched by ID, SIS User ID or SIS Login ID: the roster's columns of these names, or else its id, or the submission's
 * name, as SIS Login ID. A cell that is empty changes nothing in Canvas, so a submission that errored keeps the grade that it had,
 * and so does a student without a submission: whether that is a zero is said by Canvas's own policy for missing submissions. Left out: `EX` (excused), which is the teacher's to give.
 * Reference: Canvas's guide "How do I import grades in the Gradebook?"; its importer finds the header by the columns Student,
 * ID, SIS User ID, SIS Login ID and Section in this order.
 */
import type { Student, SubmissionResult } from '../result/result.ts';
import { countedAttempts } from './attempts.ts';
import { type Cell, delimited, pointsCell } from './delimited.ts';
import { format, type Subject } from './format.ts';
import { cellOf, gradebookRows } from './students.ts';

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
  parts: [
    { scope: 'class', extension: 'canvas.csv', render: (subjects, { assignment }, missing) => gradebook(subjects, assignment, missing) },
  ],
});

/** By which Canvas finds a student. */
const IDENTITY = ['ID', 'SIS User ID', 'SIS Login ID'];

function gradebook(subjects: readonly Subject[], assignment: string, missing: readonly Student[]): string {
  const results = countedAttempts(subjects.map(({ result }) => result));
  const most = Math.max(0, ...results.map(({ maxScore }) => maxScore));
  const rows: Cell[][] = [
    ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', assignment],
    ['    Points Possible', null, null, null, null, pointsCell(most)],
    ...gradebookRows(results, IDENTITY).map(({ student, result }) => studentRow(student, result)),
    ...missing.map((student) => studentRow(student, { name: student.id, score: null })),
  ];
  return delimited(rows, { delimiter: ',', bom: false, lineEnd: '\n' });
}

function studentRow(student: Student | null, { name, score }: Pick<SubmissionResult, 'name' | 'score'>): Cell[] {
  const column = (label: string) => cellOf(student, label) || null;
  // Canvas looks for the first of them that is there: a login that is none of Canvas's would find nobody.
  const login = column('SIS Login ID') ?? (column('ID') === null && column('SIS User ID') === null ? (student?.id ?? name) : null);
  return [student?.name || name, column('ID'), column('SIS User ID'), login, column('Section'), pointsCell(score)];
}
