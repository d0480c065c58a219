import { describe, expect, it } from 'vitest';
import type { HandedFile } from '../result/handed-file.ts';
import { expectFailed, expectPassed, judgeHandIn, linesOf } from '../testkit/checks.ts';

const TEXT = 'Q1: a0 holds 13\n\nQ2: inlined  \n';

const file = (part: Partial<HandedFile> = {}): HandedFile => ({
  name: 'answers.txt',
  hidden: false,
  file: 'lab/answers.txt',
  bytes: 40,
  sha256: '00'.repeat(32),
  text: TEXT,
  problem: null,
  ...part,
});

const judge = (part: string, given: Partial<HandedFile> = {}) => judgeHandIn(`file: { path: answers.txt, ${part} }`, [file(given)]);

describe('file', () => {
  it.each([
    'contains: a0 holds 13',
    'contains: [Q1, Q2]',
    'matches: "^Q2: in.*d *$"',
    'absent: TODO',
    'equals: "Q1: a0 holds 13\\n\\nQ2: inlined"',
    'min-lines: 2',
    'exists: true',
    'contains: Q1, absent: TODO, min-lines: 1',
  ])('passes: %s', async (part) => {
    expectPassed(await judge(part));
  });

  it.each([
    ['contains: Q3', 'it does not hold this text', ['expected "Q3"', 'found a file that begins with "Q1: a0 holds 13"']],
    ['matches: "^Q3"', 'nothing in it matches', ['expected a match of "^Q3"', 'found a file that begins with "Q1: a0 holds 13"']],
    ['absent: inlined', 'it holds this text', ['expected no "inlined"', 'found line 3: "Q2: inlined  "']],
    ['equals: "Q1: a0 holds 13\\nQ2"', 'it holds something else', ['expected line 2: "Q2"', 'found line 2: ""']],
    ['equals: "Q1: a0 holds 13"', 'it holds something else', ['expected line 2: the end', 'found line 2: ""']],
    ['min-lines: 3', 'it is too short', ['expected 3 lines with text, or more', 'found 2 lines']],
  ])('fails: %s', async (part, reason, lines) => {
    const verdict = expectFailed(await judge(part));
    expect(verdict.reason).toBe(`lab/answers.txt: ${reason}`);
    expect(linesOf(verdict.details)).toEqual(lines);
  });

  it('may forbid words of code, which comments and strings may have', async () => {
    const of = (name: string, text: string) => ({ file: name, text });
    expectPassed(await judge('forbids: [goto, unsafe]', of('a.c', '// goto\nint gotos; puts("goto");\n')));
    expectPassed(await judge('forbids: ["\'static", unsafe]', of('a.rs', 'r#"unsafe"#; f::<\'a>()')));
    const verdict = expectFailed(await judge('forbids: [goto, "malloc("]', of('a.c', 'int x;\n  malloc (3); // y\ngoto out;\n')));
    expect(verdict.reason).toBe('a.c: line 3 has "goto", which is forbidden here');
    expect(linesOf(verdict.details)).toEqual([
      'expected no "goto"',
      'found line 3: "goto out;"',
      'expected no "malloc("',
      'found line 2: "  malloc (3); // y"',
    ]);
  });

  it('lists all that is wrong', async () => {
    const verdict = expectFailed(await judge('contains: [Q1, Q3], min-lines: 9'));
    expect(verdict.reason).toBe('lab/answers.txt: 2 things are wrong');
    expect(linesOf(verdict.details)).toEqual(['expected "Q3"', 'expected 9 lines with text, or more', 'found 2 lines']);
  });

  it('fails where there is no file, with the reason of whoever looked', async () => {
    const missing = { file: null, bytes: null, sha256: null, text: null, problem: 'answers.txt was not handed in' };
    expect(expectFailed(await judge('contains: x', missing)).reason).toBe('answers.txt was not handed in');
    expect(expectFailed(await judgeHandIn('file: answers.txt', [file(missing)])).reason).toBe('answers.txt was not handed in');
    expectPassed(await judge('exists: false', missing));
    expect(expectFailed(await judge('exists: false')).reason).toBe('a file is there that must not be');
  });

  it('needs no text to see that a file is there', async () => {
    const large = { text: null, sha256: null, problem: 'answers.txt is too large' };
    expectPassed(await judge('exists: true', large));
    expect(expectFailed(await judge('min-lines: 1', large)).reason).toBe('answers.txt is too large');
  });
});
