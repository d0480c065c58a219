import { describe, expect, it } from 'vitest';
import { assignStudents } from './roster.ts';

describe('a roster', () => {
  it('says whose a submission is, who is missing, and what is nobody’s', () => {
    const text = 'submission,student id,name\nalice,s1,"Doe, Alice"\n,s2,Bob\ncarol,s3,Carol\n';
    expect(assignStudents(text, ['alice', 'mallory'])).toEqual({
      students: new Map([['alice', { id: 's1', name: 'Doe, Alice', columns: {} }]]),
      missing: [
        { id: 's2', name: 'Bob', columns: {} },
        { id: 's3', name: 'Carol', columns: {} },
      ],
      strangers: ['mallory'],
    });
  });

  it('finds its columns by name, in any order, and keeps the others', () => {
    const text = '\ufeffSection;Full_Name;STUDENT-ID;Path\r\n 1 ;Jürgen Größe;007;./section/jg/\r\n';
    expect(assignStudents(text, ['section/jg']).students.get('section/jg')).toEqual({
      id: '007',
      name: 'Jürgen Größe',
      columns: { Section: ' 1 ' },
    });
  });

  it('has only those of the others that are asked for', () => {
    const text = 'submission,id,Section,SIS Login ID,notes\na,1,A,doe,late again\n';
    const columns = (kept: readonly string[]) => assignStudents(text, ['a'], kept).students.get('a')?.columns;
    expect(columns([])).toEqual({});
    expect(columns(['sis_login-id', 'Section'])).toEqual({ 'SIS Login ID': 'doe', Section: 'A' });
    expect(() => columns(['group'])).toThrow('line 1: no other column is called "group" (there are: Section, SIS Login ID, notes)');
    expect(() => columns(['id'])).toThrow('no other column is called "id"');
  });

  it('may be a gradebook’s export with a column for the submission', () => {
    const columns = { 'SIS Login ID': 'doe' };
    const canvas = 'submission,Student,ID,SIS Login ID\na,"Doe, Alice",4711,doe\n';
    expect(assignStudents(canvas, ['a']).students.get('a')).toEqual({ id: '4711', name: 'Doe, Alice', columns });
    const own = 'submission,Student,ID,student-id,SIS Login ID\na,"Doe, Alice",4711,s1,doe\n';
    expect(assignStudents(own, ['a']).students.get('a')).toEqual({ id: 's1', name: 'Doe, Alice', columns: { ...columns, ID: '4711' } });
    expect(assignStudents('submission,student\na,s1\n', ['a']).students.get('a')).toEqual({ id: 's1', name: '', columns: {} });
  });

  it('does without names, and with line breaks in a field', () => {
    const text = 'submission\tid\tnote\na\t1\t"two\nlines"\nb\t2\t=cmd\n';
    const { students } = assignStudents(text, ['a', 'b']);
    expect([...students.values()]).toEqual([
      { id: '1', name: '', columns: { note: 'two\nlines' } },
      { id: '2', name: '', columns: { note: '=cmd' } },
    ]);
  });

  it.each([
    ['', /it is empty/],
    ['id,name\n1,A\n', /line 1: no column is called "submission" \(there are: id, name\)/],
    ['submission,name\na,A\n', /line 1: no column is called "id"/],
    ['submission,id,ID\na,1,1\n', /line 1: several columns could be the id: id, ID/],
    ['submission,id\na,1\nb,1\n', /line 3: the student 1 is in line 2 already/],
    ['submission,id\na,1\n./a/,2\n', /line 3: the submission a is in line 2 already/],
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
});
