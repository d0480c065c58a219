import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed, judgeOne, linesOf } from '../testkit/checks.ts';
import { evidence } from '../testkit/evidence.ts';

const shown = evidence({ console: 'Enter riscv_boot\r\nRead string: Hello Wurld from Image!\r\nTesting block device write...\r\n' });

describe('console', () => {
  it('a text passes where the console contains it', async () => {
    expectPassed(await judgeOne('console: riscv_boot', shown));
    expectPassed(await judgeOne('console: { contains: "riscv_boot\\r\\nRead" }', shown));
  });

  it('a missing text fails and shows the line most like it', async () => {
    const verdict = expectFailed(await judgeOne('console: "Read string: Hello World from Image!"', shown));
    expect(verdict.score).toBe(0);
    expect(linesOf(verdict.details)).toEqual([
      '- Read string: Hello Wurld from Image! line 2',
      '+ Read string: Hello World from Image! expected',
      '                      ^',
    ]);
  });

  it('lays a text below the part of a line that it is like', async () => {
    const logged = evidence({ console: 'a\n[INFO] read sector 12 of the disk\n' });
    expect(linesOf(expectFailed(await judgeOne('console: read sector 21 of the disk', logged)).details)).toEqual([
      '- [INFO] read sector 12 of the disk line 2',
      '+        read sector 21 of the disk expected',
      `  ${' '.repeat('[INFO] read sector '.length)}^`,
    ]);
  });

  it('takes a line for the text that breaks off in it', async () => {
    const broken = evidence({ console: 'sector 0: \nthe end\n' });
    expect(linesOf(expectFailed(await judgeOne('console: "sector 0: hello from sector zero"', broken)).details)).toEqual([
      '- sector 0:  line 1',
      '+ sector 0: hello from sector zero expected',
      `  ${' '.repeat('sector 0: '.length)}^`,
    ]);
  });

  it('marks a difference that nobody sees, and one far to the right', async () => {
    const [found, wanted, mark] = linesOf(expectFailed(await judgeOne('console: "a tab\tb"', evidence({ console: 'a tab b' }))).details);
    expect([found, wanted, mark]).toEqual(['- a tab b line 1', '+ a tab\\tb expected', '       ^']);
    const long = 'x'.repeat(150);
    const far = linesOf(expectFailed(await judgeOne(`console: ${long}AB`, evidence({ console: `${long}AC` }))).details);
    expect(far[0]).toBe(`- …${'x'.repeat(59)}AC line 1`);
    expect(far[2]!.length).toBe(far[0]!.indexOf('C') + 1);
  });

  describe('a text of several lines', () => {
    const three = (middle: string) => evidence({ console: `boot\r\n> first\r\n${middle}third\r\nend\r\n` });
    const wanted = 'console: "first\\r\\nsecond\\r\\nthird"';
    const told = async (console: string) => linesOf(expectFailed(await judgeOne(wanted, three(console))).details);

    it('is shown from the first line that differs, with the lines before it', async () => {
      expect(await told('sekond\r\n')).toEqual(['  first', '- sekond line 3', '+ second expected', '    ^']);
    });

    it('shows a line that is missing, and one too many', async () => {
      expect(await told('')).toEqual(['  first', '+ second expected', '  third']);
      expect(await told('second\r\nextra\r\n')).toEqual(['  first', '  second', '- extra line 4', '  third']);
    });

    it('passes for the same bytes, and says so where only the line ends differ', async () => {
      expectPassed(await judgeOne(wanted, three('second\r\n')));
      const lf = expectFailed(await judgeOne('console: "first\\nsecond"', three('second\r\n')));
      expect(linesOf(lf.details).at(-1)).toContain('different line ends');
    });

    it('costs little where a console repeats it without end', async () => {
      const many = evidence({ console: 'a\n'.repeat(200_000) });
      const started = performance.now();
      expectFailed(await judgeOne(`console: "${'a\\n'.repeat(3000)}b"`, many));
      expect(performance.now() - started).toBeLessThan(3000);
    });
  });

  it('shows the last lines where none is like the text, and says so of an empty console', async () => {
    const verdict = expectFailed(await judgeOne('console: zzz qqq xxx', shown));
    expect(linesOf(verdict.details)).toEqual([
      'expected "zzz qqq xxx"',
      'found no similar line; the console ends with',
      '  1: Enter riscv_boot',
      '  2: Read string: Hello Wurld from Image!',
      '  3: Testing block device write...',
    ]);
    expect(linesOf(expectFailed(await judgeOne('console: x', evidence())).details)[1]).toBe('found nothing: the console stayed empty');
  });

  it('never shows a byte that a terminal acts on, nor a line without end', async () => {
    const hostile = evidence({ console: `\x1b[2J100/100\u202e\x07${'A'.repeat(5000)}\n` });
    const text = linesOf(expectFailed(await judgeOne('console: zzz', hostile)).details).join('\n');
    expect(text).toContain('\\x1b[2J100/100\\u{202e}\\x07AAA');
    for (const unsafe of ['\x1b', '\x07', '\u202e']) expect(text).not.toContain(unsafe);
    expect(text.length).toBeLessThan(400);
  });

  it('matches: a regular expression, line by line, whatever the line ends', async () => {
    expectPassed(await judgeOne('console: { matches: "^Read string: .* from Image!$" }', shown));
    const verdict = expectFailed(await judgeOne('console: { matches: "^string" }', shown));
    expect(verdict.reason).toBe('nothing on the console matches');
  });

  it('matches: linear in the text, where a backtracking engine would never end', async () => {
    const long = evidence({ console: 'a'.repeat(100_000) });
    expectFailed(await judgeOne('console: { matches: "(a*)*b" }', long));
  });

  it('absent: fails with the line that shows it', async () => {
    expectPassed(await judgeOne('console: { absent: panic }', shown));
    const verdict = expectFailed(await judgeOne('console: { absent: Wurld }', shown));
    expect(linesOf(verdict.details)).toEqual(['expected no "Wurld"', 'found line 2: "Read string: Hello Wurld from Image!"']);
  });

  it('in-order: each step has its points; a missing one does not cost those after it', async () => {
    const steps = (second: string) =>
      `console: { in-order: [{ contains: Enter, points: 2 }, { contains: "${second}", points: 3 }, { contains: Testing, points: 5 }] }`;
    expectPassed(await judgeOne(steps('Read'), shown));
    const verdict = expectFailed(await judgeOne(steps('Wrote'), shown));
    expect(verdict.score).toBe(7);
    expect(verdict.reason).toBe('1 of 3 steps missing or out of order');
  });

  it('in-order: a text that only comes earlier is out of order', async () => {
    const verdict = expectFailed(await judgeOne('console: { in-order: [{ contains: Testing }, { contains: Enter }] }', shown));
    expect(verdict.score).toBe(0);
    expect(linesOf(verdict.details)).toEqual([
      'expected step 2: "Enter"',
      'found line 1: "Enter riscv_boot"',
      'It comes too early: before the step that it should follow.',
    ]);
  });

  it('finds text between bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('grüß dich'), Buffer.from([0xc3])]);
    const raw = { ...evidence(), console: bytes.toString('base64') };
    expectPassed(await judgeOne('console: grüß', raw));
  });
});
