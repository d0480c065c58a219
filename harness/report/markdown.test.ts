import { lexer, marked, type Token, type Tokens } from 'marked';
import { describe, expect, it } from 'vitest';
import { HOSTILE_NAME, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, scenario, writableData } from '../testkit/sample-results.ts';
import { wholeText } from './format.ts';
import { markdown } from './markdown.ts';

const [one, all] = markdown.parts;

function report(of: ReturnType<typeof result>): string {
  if (one?.scope !== 'submission') throw new Error('no part for a submission');
  return one.render(subject(of), {})!;
}

function classTable(...results: ReturnType<typeof result>[]): string {
  if (all?.scope !== 'class') throw new Error('no part for the class');
  const subjects = results.map((of) => subject(of));
  return wholeText(all.render(subjects, {}, []));
}

function tablesOf(found: readonly Token[]): Tokens.Table[] {
  return found.filter((token): token is Tokens.Table => token.type === 'table');
}

function codesOf(found: readonly Token[]): string[] {
  return found.filter((token): token is Tokens.Code => token.type === 'code').map(({ text }) => text);
}

function tokens(text: string): Token[] {
  const found: Token[] = [];
  marked.walkTokens(lexer(text), (token) => void found.push(token));
  return found;
}

describe('whose a submission is', () => {
  const students = [{ id: 's1001', name: 'Alice', columns: { section: 'A_1' }, ids: {} }];

  it('stands below its heading, and in the table of the class', () => {
    const paragraphs = tokens(report(result({ students }))).filter(({ type }) => type === 'paragraph');
    expect(paragraphs.map((one) => marked.parseInline(one.raw))).toContain('Alice (s1001; section: A_1)');
    const [table] = tablesOf(tokens(classTable(result({ students }), result({ name: 'b' }))));
    expect(table?.rows.map(([, who]) => marked.parseInline(who!.text))).toEqual(['alice · Alice (s1001; section: A_1)', 'b']);
  });
});

describe('a submission in Markdown', () => {
  it('has a heading, a table of checks, and what failed in a block each', () => {
    const text = report(writableData());
    const [heading, ...rest] = tokens(text);
    expect(heading).toMatchObject({ type: 'heading', depth: 1, text: '✗ writable-data/kernel.elf: 15/60' });
    const [table] = tablesOf(rest);
    expect(table?.rows.map((row) => row.map((cell) => cell.text))).toEqual([
      ['✓', 'reads-block\\: read\\_block still works', '5/5'],
      ['✗', 'write-flags\\: The data descriptor is not device-writable', '0/20'],
      ['✗', 'image\\: Sector 0 holds the new text', '0/15'],
      ['–', 'image-elsewhere\\: Title of image-elsewhere', 'skipped'],
      ['✓', '(one hidden check)', '10/10'],
    ]);
    const code = codesOf(rest);
    expect(code[0]).toContain('desc 4  data    0x80a32200  512 B  device WRITES   expected: device reads');
    expect(code[0]).toContain('hint: For a write the device reads the buffer.');
    expect(code[1]).toContain('+ 00000000  48 65 6c  |Hel|  expected');
  });

  it('names the scenario of a failed check, and the faults that were put in', () => {
    const failed = check('notices', { outcome: 'failed', scenario: 'fails', reason: 'nothing matches' });
    const scenarios = [scenario(), scenario({ name: 'fails', faults: ['request #2 was made to fail with IOERR'] })];
    const [code] = codesOf(tokens(report(result({ checks: [failed], scenarios }))));
    expect(code).toBe('scenario  fails\nfault     request #2 was made to fail with IOERR\nnothing matches');
  });

  it('says once how several scenarios ended in the same way', () => {
    const why = [{ kind: 'text' as const, text: 'the kernel polls nothing' }];
    const [first, second] = ['a', 'b'].map((name) => scenario({ name, stop: { reason: 'hang' }, why }));
    expect(codesOf(tokens(report(result({ scenarios: [first!, second!] }))))).toEqual([
      'in scenarios a and b: machine stopped: hang: the kernel provably runs for ever · 22,310,118 instructions · 2 requests\n  the kernel polls nothing',
    ]);
  });

  it('makes no markup of what others wrote', () => {
    const found = tokens(report(hostile()));
    const kinds = new Set(found.map(({ type }) => type));
    for (const kind of ['html', 'link', 'image', 'codespan', 'del']) expect(kinds).not.toContain(kind);
    const html = marked.parse(report(hostile()), { async: false });
    expect(html).not.toMatch(/<(script|img|a)\b/);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).toContain('学生');
  });

  it('keeps explanations in their block, whatever fence they hold', () => {
    const code = codesOf(tokens(report(hostile())));
    expect(code[0]).toContain('`````</pre>');
    const fence = check('fence', { outcome: 'failed', reason: '````', details: [{ kind: 'text', text: '# after' }] });
    expect(codesOf(tokens(report(result({ checks: [fence] }))))[0]).toBe('````\n# after');
  });
});

it('lists a class in a table', () => {
  const [table] = tablesOf(tokens(classTable(result(), writableData(), hostile())));
  const rows = table!.rows.map((row) => row.map((cell) => marked.Parser.parseInline(cell.tokens)));
  expect(rows[0]).toEqual(['✓', 'alice', 'passed', '10/10', '']);
  expect(rows[1]?.slice(0, 4)).toEqual(['✗', 'writable-data', 'failed', '15/60']);
  expect(rows[2]?.[1]).toBe(HOSTILE_NAME.replaceAll('"', '&quot;').replaceAll("'", '&#39;'));
  expect(rows[2]?.[3]).toBe('13.33/30.5');
});
