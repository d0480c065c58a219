/** Rosters: a table is read or refused with a line, and what its cells hold does no harm in a report. */
import { assignStudents } from '../../../harness/batch/owners.ts';
import { RosterError } from '../../../harness/batch/roster.ts';
import { person } from '../../../harness/submission/platforms/exported.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { gradedSample } from '../graded-samples.ts';
import { type Kind, must } from '../kind.ts';
import { Lots } from '../lots.ts';
import { anyWord, bytesOf, changedOften, changedText, textOf } from '../mutate.ts';
import { mustBeReportable } from '../reports.ts';
import { unlessRefused } from '../sentence.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave/lab', '__proto__', 'é', 'x'];
const HANDED_IN = NAMES.map((name) => ({
  name,
  entries: [],
  people: name === 'x' ? [person({ id: 's1', name: 'alice', ids: { ID: '1' } })] : [],
}));
const HEADERS = [
  ...['submission,student id,name,section', 'Student,ID,SIS User ID,SIS Login ID,Section,submission', 'id;path;full name'],
  ...['folder\tid\tname', 'submission,id', 'name,id,submission,id'],
];

function table(random: Random): string {
  const header = random.pick(HEADERS);
  const delimiter = /[,;\t]/.exec(header)![0];
  const width = header.split(delimiter).length;
  const quoted = (cell: string): string => (random.below(8) ? cell : `"${cell}"`);
  const cell = (row: number): string =>
    quoted(random.pick([() => random.pick(NAMES), () => `s${row}`, () => `${row}`, () => anyWord(random)])());
  const rows = Array.from({ length: random.below(12) }, (_, row) => Array.from({ length: width }, () => cell(row)).join(delimiter));
  return [header, ...rows].join(random.below(4) ? '\n' : '\r\n');
}

export const roster: Kind = {
  describe: 'rosters, their cells and their quotation marks',
  bound: { seconds: 5 },
  make: (random) => bytesOf(changedOften(table(random), random, changedText)),
  async check(input) {
    const assignment = await unlessRefused([RosterError], () => assignStudents(textOf(input), HANDED_IN));
    if (assignment === undefined) return;
    const { students, strangers } = assignment;
    must(
      NAMES.every((name) => strangers.includes(name) || students.has(name)),
      'a submission is neither a student’s nor a stranger’s',
    );
    if (!new Lots(input).oneIn(8)) return;
    const { result } = await gradedSample('passes');
    for (const [name, owners] of students) mustBeReportable({ ...result, name, students: [...owners] }, []);
  },
};
