/** A class in all the forms in which hand-ins come, graded by one command: right points for the right students, and three platforms' gradebooks. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { TestFolder } from '../testkit/command.ts';
import { type Due, type MixedClass, mixedClass } from '../testkit/mixed-class.ts';
import { buildProgram } from '../testkit/program.ts';

const folder = new TestFolder();
afterAll(() => folder.remove(), 120_000);

/** Of a table with a header. */
type Row = Readonly<Record<string, string>>;

describe.skipIf(lacks('bubblewrap', 'RISC-V gcc'))('a class of 40 in mixed forms', () => {
  let made: MixedClass;
  let program: string;
  let first: SpawnSyncReturns<string>;

  const grade = (out: string) => {
    const formats = ['--report', 'csv,moodle,canvas,blackboard', '--moodle-worksheet', made.worksheet];
    const columns = ['--canvas-assignment', 'Lab 13 (77)', '--blackboard-column', 'Lab 13 |4711'];
    const argv = ['grade', made.rubric, ...made.paths, '--out', folder.at(out), '--no-explain', ...formats, ...columns];
    return spawnSync(process.execPath, [program, ...argv], {
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: folder.at('cache') },
    });
  };
  const table = (file: string, delimiter = ','): Row[] => parse(folder.read(`first/${file}`), { bom: true, columns: true, delimiter });
  /** Points by student, of those whose ids begin like that. */
  const points = (...beginnings: string[]) => {
    const all = [...made.due].filter(([id, due]) => typeof due === 'number' && beginnings.some((beginning) => id.startsWith(beginning)));
    return Object.fromEntries(all.map(([id, due]) => [id, String(due)]));
  };

  beforeAll(() => {
    program = buildProgram(folder);
    made = mixedClass(folder);
    first = grade('first');
  }, 600_000);

  it('gives each student what is due', () => {
    expect(first.status).toBe(0);
    const rows = table('class.csv');
    const graded = new Map(rows.map((row) => [row['student id'] || row['submission']!, row]));
    expect([...graded.keys()].sort()).toEqual([...made.due.keys()].sort());
    for (const [student, due] of made.due) expect(given(graded.get(student)!, due), student).toEqual(due);
  });

  it('says once what is nobody’s work', () => {
    const lines = first.stderr.split('\n').filter((line) => line.includes('left out, because'));
    expect(lines.map((line) => line.replace(/^.*because /, '').replace(/: .*/, ''))).toEqual([
      "it is Blackboard's note about an attempt",
      "it is Gradescope's list of submissions",
      'it is hidden (its name begins with a dot)',
      'it is a document',
      'it is a table, such as a roster or a gradebook',
    ]);
  });

  it('fills in the gradebooks of three platforms', () => {
    const moodle = table('class.moodle.csv');
    const grades = moodle.map((row): [string, string] => [row['Identifier']!.replace('Participant ', ''), row['Grade']!]);
    expect(Object.fromEntries(grades)).toEqual({ ...points('11'), 1107: '' });
    const canvas = table('class.canvas.csv').filter((row) => row['ID'] !== '');
    expect(Object.fromEntries(canvas.map((row) => [row['ID'], row['Lab 13 (77)']]))).toEqual(points('22'));
    const blackboard = table('class.blackboard.txt', '\t').filter((row) => row['Username']!.startsWith('u'));
    expect(Object.fromEntries(blackboard.map((row) => [row['Username'], row['Lab 13 |4711']]))).toEqual(points('u33'));
  });

  it('builds nothing a second time', () => {
    expect(first.stderr).toContain('5 built: 4 anew, 1 from the cache');
    // Two of them handed in the same file. The build that ran out of memory is not kept: the next computer may have more.
    expect(grade('second').stderr).toMatch(/5 built: [01] anew, [45] from the cache/);
    expect(folder.read('second/class.csv')).toBe(folder.read('first/class.csv'));
  }, 600_000);
});

/** What is in the row, in the form of what is due. */
function given(row: Row, due: Due): Due {
  if (typeof due === 'number') return Number(row['score']);
  return row['score'] === '0' && due.test(row['reason']!) ? due : new RegExp(`${row['score']}: ${row['reason']}`);
}
