import { describe, expect, it } from 'vitest';
import { type Person, person } from '../submission/platforms/exported.ts';
import { assignStudents as assign, exportedStudents } from './owners.ts';
import type { Columns } from './roster.ts';

/** Of submissions that no export says anything of. */
const assignStudents = (text: string, names: readonly string[], kept?: Columns) =>
  assign(
    text,
    names.map((name) => ({ name, entries: [], people: [] })),
    kept,
  );

/** The only student of a submission. */
const ownerOf = (text: string, name: string, kept?: Columns) => {
  const owners = assignStudents(text, [name], kept).students.get(name);
  expect(owners).toHaveLength(1);
  return owners?.[0];
};

describe('a roster', () => {
  it('says whose a submission is, who is missing, and what is nobody’s', () => {
    const text = 'submission,student id,name\nalice,s1,"Doe, Alice"\n,s2,Bob\ncarol,s3,Carol\n';
    expect(assignStudents(text, ['alice', 'mallory'])).toEqual({
      students: new Map([['alice', [{ id: 's1', name: 'Doe, Alice', columns: {}, ids: {} }]]]),
      missing: [
        { id: 's2', name: 'Bob', columns: {}, ids: {} },
        { id: 's3', name: 'Carol', columns: {}, ids: {} },
      ],
      strangers: ['mallory'],
    });
  });

  it('finds a file that was handed in alone without its ending, unless that can mean two', () => {
    const text = 'submission,student id\ns1001,1\n';
    expect(ownerOf(text, 's1001.c')?.id).toBe('1');
    expect(assignStudents(text, ['s1001.c', 's1001.elf']).strangers).toEqual(['s1001.c', 's1001.elf']);
    expect([...assignStudents(text, ['s1001', 's1001.c']).students.keys()]).toEqual(['s1001']);
  });

  it('finds its columns by name, in any order, and keeps the others', () => {
    const text = '\ufeffSection;Full_Name;STUDENT-ID;Path\r\n 1 ;Jürgen Größe;007;./section/jg/\r\n';
    expect(ownerOf(text, 'section/jg')).toEqual({
      id: '007',
      name: 'Jürgen Größe',
      columns: { Section: ' 1 ' },
      ids: {},
    });
  });

  it('has only those of the others that are asked for', () => {
    const text = 'submission,id,Section,SIS Login ID,notes\na,1,A,doe,late again\n';
    const columns = (kept: readonly string[]) => ownerOf(text, 'a', kept)?.columns;
    expect(columns([])).toEqual({});
    expect(columns(['sis_login-id', 'Section'])).toEqual({ 'SIS Login ID': 'doe', Section: 'A' });
    expect(() => columns(['group'])).toThrow('line 1: no other column is called "group" (there are: Section, SIS Login ID, notes)');
    expect(() => columns(['id'])).toThrow('no other column is called "id"');
  });

  it('may be a gradebook’s export with a column for the submission', () => {
    const columns = { 'SIS Login ID': 'doe' };
    const canvas = 'submission,Student,ID,SIS Login ID\na,"Doe, Alice",4711,doe\n';
    expect(ownerOf(canvas, 'a')).toEqual({ id: '4711', name: 'Doe, Alice', columns, ids: {} });
    const own = 'submission,Student,ID,student-id,SIS Login ID\na,"Doe, Alice",4711,s1,doe\n';
    expect(ownerOf(own, 'a')).toEqual({ id: 's1', name: 'Doe, Alice', columns: { ...columns, ID: '4711' }, ids: {} });
    expect(ownerOf('submission,student\na,s1\n', 'a')).toEqual({ id: 's1', name: '', columns: {}, ids: {} });
  });

  it('does without names, and with line breaks in a field', () => {
    const text = 'submission\tid\tnote\na\t1\t"two\nlines"\nb\t2\t=cmd\n';
    const { students } = assignStudents(text, ['a', 'b']);
    expect([...students.values()].flat()).toEqual([
      { id: '1', name: '', columns: { note: 'two\nlines' }, ids: {} },
      { id: '2', name: '', columns: { note: '=cmd' }, ids: {} },
    ]);
  });

  it.each([
    ['', /it is empty/],
    ['id,name\n1,A\n', /line 1: no column is called "submission" \(there are: id, name\)/],
    ['submission,name\na,A\n', /line 1: no column is called "id"/],
    ['submission,id,ID\na,1,1\n', /line 1: several columns could be the id: id, ID/],
    ['submission,id\na,1\nb,1\n', /line 3: the student 1 is in line 2 already/],
    ['submission,id\na,\n', /line 2: the student's id is empty/],
    ['submission,id\na,1,x\n', /line 2/],
    ['submission,id\n"a,1\n', /[Qq]uot/],
    ['submission,id\r\n"a"\n,1\r\n', /^[^\n]*Invalid Closing Quote[^\n]*$/],
    ['submission,"i\nd"\na,1\n', /^line 1: no column is called "id" \(there are: submission, i\\nd\)$/],
  ])('%j is refused', (text, message) => {
    expect(() => assignStudents(text, ['a', 'b'])).toThrow(message);
  });

  it('is refused in a message of bounded length, whatever it holds', () => {
    expect(() => assignStudents('x'.repeat(5000), [])).toThrow(/^line 1: no column.{100,1000}$/);
  });

  it('may have rows without any text, and Excel’s line about the separator, and says the right line all the same', () => {
    const text = '\ufeffsep=;\r\nsubmission;id;name\r\na;1;A\r\n;;\r\n\r\n ; ;\r\nb;2;B\r\n';
    expect([...assignStudents(text, ['a', 'b']).students.values()].flat().map(({ id }) => id)).toEqual(['1', '2']);
    expect(() => assignStudents(`${text}c;;C\r\n`, [])).toThrow(/^line 8: the student's id is empty$/);
    expect(() => assignStudents('submission,id,name\na\n', [])).toThrow(/^line 2: it has 1 cells, and the header 3$/);
  });

  it('finds a submission whose name has its accents as letters of their own', () => {
    expect(ownerOf('submission,id\né,1\n', 'e\u0301')?.id).toBe('1');
    expect(ownerOf('submission,id\ne\u0301,1\n', 'é')?.id).toBe('1');
  });

  it('gives a submission that several lines name to all of those students', () => {
    const { students, missing } = assignStudents('submission,id\na,1\n./a/,2\n,3\n', ['a']);
    expect(students.get('a')?.map(({ id }) => id)).toEqual(['1', '2']);
    expect(missing.map(({ id }) => id)).toEqual(['3']);
  });
});

describe('an export', () => {
  const handedIn = (people: readonly Person[], entries: readonly string[] = []) => [{ name: 'x', entries, people }];
  const canvas = person({ id: '17', name: 'doealice', ids: { ID: '17' } });

  it('says whose a submission is without a roster', () => {
    expect(exportedStudents(handedIn([canvas])).students).toEqual(
      new Map([['x', [{ id: '17', name: 'doealice', columns: {}, ids: { ID: '17' } }]]]),
    );
  });

  it.each([
    ['Canvas’s id', 'Student,ID,Section\n"Roe, Bob",16,A\n"Doe, Alice",17,A\n', canvas, '17'],
    ['Canvas’s name, whose spaces and commas are gone', 'name,student id\nAlice Doe,s1\nBob Roe,s2\n', canvas, 's1'],
    [
      'Blackboard’s user name',
      'Last Name,First Name,Username\nDoe,Alice,U1001\n',
      person({ id: 'u1001', ids: { Username: 'u1001' } }),
      'U1001',
    ],
    ['Gradescope’s e-mail address', 'id,Email\ns1,Alice@example.org\n', person({ id: 'x', email: 'alice@example.org' }), 's1'],
    [
      'GitHub’s user name',
      'identifier,github_username,name\ns1,Alice,\n',
      person({ id: 'alice', ids: { 'GitHub username': 'alice' } }),
      's1',
    ],
    [
      'Moodle’s number in its worksheet',
      'Identifier,Full name,ID number\nTeilnehmer/in101,A,s0\nParticipant 101,Alice,s1\n',
      person({ id: '101', name: 'Other', ids: { Identifier: '101' } }),
      's1',
    ],
    ['the submission’s own name', 'submission,id\nx,s1\n', person({ id: '?' }), 's1'],
    ['the name of an entry', 'submission,id\nx_1_assignsubmission_file_,s1\n', person({ id: '?' }), 's1'],
  ])('is joined to a roster by %s', (_, text, one, id) => {
    const { students, missing, strangers } = assign(text, handedIn([one], ['x_1_assignsubmission_file_']));
    expect(students.get('x')).toMatchObject([{ id, ids: one.ids }]);
    expect(missing.map((student) => student.id)).not.toContain(id);
    expect(strangers).toEqual([]);
  });

  it('is not joined by a number of another kind, nor by a name that two have', () => {
    const moodle = person({ id: '101', name: 'Alice', ids: { Identifier: '101' } });
    const text = 'student id,name\n101,Bob\n102,Alice\n103,alice\n';
    expect(assign(text, handedIn([moodle]))).toMatchObject({
      students: new Map([['x', [{ id: '101', name: 'Alice', columns: {}, ids: { Identifier: '101' } }]]]),
      strangers: ['x'],
    });
  });

  it('has each member of a group, known to the roster or not', () => {
    const people = [person({ id: '1', ids: { SID: '1' } }), person({ id: '9', name: 'Guest', ids: { SID: '9' } })];
    const { students, strangers } = assign('sid,name\n1,Alice\n2,Bob\n', handedIn(people));
    expect(students.get('x')).toMatchObject([
      { id: '1', name: 'Alice' },
      { id: '9', name: 'Guest' },
    ]);
    expect(strangers).toEqual([]);
  });
});
