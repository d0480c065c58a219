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

  it('shows the end of the console once, after the last of several that are missing', async () => {
    for (const key of ['all', 'in-order']) {
      const list = `console: { ${key}: [{ matches: "^ok 1$" }, { contains: zzz qqq xxx }, { matches: "^ok 2$" }] }`;
      const label = key === 'all' ? 'text' : 'step';
      expect(linesOf(expectFailed(await judgeOne(list, shown)).details)).toEqual([
        `expected ${label} 1: a match of "^ok 1$"`,
        `expected ${label} 2: "zzz qqq xxx"`,
        `expected ${label} 3: a match of "^ok 2$"`,
        'found the console ends with',
        '  1: Enter riscv_boot',
        '  2: Read string: Hello Wurld from Image!',
        '  3: Testing block device write...',
      ]);
      expect(linesOf(expectFailed(await judgeOne(list, evidence())).details).slice(2)).toEqual([
        `expected ${label} 3: a match of "^ok 2$"`,
        'found nothing: the console stayed empty',
      ]);
    }
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

  describe('steps may be expressions', () => {
    const run = evidence({ console: 'grüß\r\nticks: 95\r\nticks: 104\r\nbye\r\n' });

    it('each is looked for after the one before, and its condition decides which match counts', async () => {
      const steps = 'console: { in-order: [grüß, { matches: "^ticks: (\\\\d+)$", where: { 1: { min: 100 } } }, { contains: bye }] }';
      expectPassed(await judgeOne(steps, run));
      const again = 'console: { in-order: [{ matches: "ticks: 104$" }, { matches: "^ticks" }] }';
      expect(expectFailed(await judgeOne(again, run)).reason).toBe('1 of 2 steps missing or out of order');
    });

    it('one that comes too early is shown where it is', async () => {
      const verdict = expectFailed(await judgeOne('console: { in-order: [bye, { matches: "^ticks: 9" }] }', run));
      expect(linesOf(verdict.details)).toEqual([
        'expected step 2: a match of "^ticks: 9"',
        'found line 2: "ticks: 95"',
        'It comes too early: before the step that it should follow.',
      ]);
    });

    it('goes on at the right byte after a line with characters of several bytes, and with bytes that are not UTF-8', async () => {
      const bytes = Buffer.concat([
        Buffer.from('€ 𝄞 '),
        Buffer.from([0xff, 0xc3]),
        Buffer.from('12é!x\r\ny'),
        Buffer.from([0xe2]),
        Buffer.from('z'),
      ]);
      const odd = { ...evidence(), console: bytes.toString('base64') };
      expectPassed(await judgeOne('console: { in-order: [{ matches: "1(2)é" }, "!x", { matches: "^y" }, z] }', odd));
      expectFailed(await judgeOne('console: { in-order: [{ matches: "1(2)é!" }, "!x"] }', odd));
    });
  });

  describe('where: conditions on what a group matches', () => {
    const times = evidence({ console: 'slept 95 ms\nslept 1o4 ms\nslept 0x70 ms by init\n' });
    const slept = (where: string) => `console: { matches: "^slept (?P<time>\\\\w+) ms(.*)$", where: { ${where} } }`;

    it.each(['1: { min: 95, max: 96 }', 'time: { is: 112 }', '1: { min: 100 }, 2: { is: " by init" }'])('%s holds', async (where) => {
      expectPassed(await judgeOne(slept(where), times));
    });

    it.each(['1: { min: 100, max: 110 }', 'time: { is: 104 }', '1: { max: 100 }, 2: { is: " by init" }'])('%s does not', async (where) => {
      expectFailed(await judgeOne(slept(where), times));
    });

    it('shows the nearest matches and what is wrong with them', async () => {
      const verdict = expectFailed(await judgeOne(slept('time: { min: 100, max: 110 }'), times));
      expect(verdict.reason).toBe('nothing on the console matches with these values');
      expect(linesOf(verdict.details)).toEqual([
        'expected a match of "^slept (?P<time>\\w+) ms(.*)$" (group time: from 100 to 110)',
        'found line 1: "slept 95 ms": group time is "95", not from 100 to 110',
        'found line 2: "slept 1o4 ms": group time is "1o4", not from 100 to 110',
        'found line 3: "slept 0x70 ms by init": group time is "0x70", not from 100 to 110',
      ]);
    });
  });

  describe('a line that ends with another word', () => {
    const run = evidence({ console: '$ test\r\ntest1 FAIL\r\ntest2 OK\r\na (b): bad\r\nmore\r\nmore\r\nmore\r\n$ ' });
    const shownOf = async (expression: string) =>
      linesOf(expectFailed(await judgeOne(`console: { matches: '${expression}' }`, run)).details);

    it('is shown beside the one that is expected, without the end of the console', async () => {
      expect(await shownOf('^test1 OK$')).toEqual(['expected a match of "^test1 OK$"', 'found line 2: "test1 FAIL"']);
      expect(await shownOf('^a \\(b\\): ok$')).toEqual(['expected a match of "^a \\(b\\): ok$"', 'found line 4: "a (b): bad"']);
    });

    it.each(['^test3 OK$', '^more: OK$', '^test1$', 'test1 OK$', '^test1 (OK|ok)$', '^test\\d OK!$'])(
      'is not there for %s',
      async (expression) => {
        expect(await shownOf(expression)).toContain('  8: $ ');
      },
    );
  });

  describe('all: in any order', () => {
    const part = (texts: string) => `console: { all: [${texts}] }`;

    it('passes where all of it is there, whatever the order', async () => {
      expectPassed(await judgeOne(part('Testing, { contains: Enter }, { matches: "^Read" }'), shown));
    });

    it('each text with points earns its own', async () => {
      const verdict = expectFailed(
        await judgeOne(part('{ contains: Testing, points: 2 }, { contains: World, points: 3 }, { matches: "^Enter", points: 5 }'), shown),
      );
      expect(verdict.score).toBe(7);
      expect(verdict.reason).toBe('1 of 3 texts missing');
      expect(linesOf(verdict.details)[0]).toBe('expected text 2: "World"');
    });

    it('without points it is all or nothing', async () => {
      expect(expectFailed(await judgeOne(part('Testing, World'), shown)).score).toBe(0);
    });

    it('tells of the first ten that are missing', async () => {
      const verdict = expectFailed(await judgeOne(part(Array.from({ length: 13 }, (_, at) => `no-${at}-qq`).join(', ')), shown));
      expect(linesOf(verdict.details).filter((line) => line.startsWith('expected'))).toHaveLength(10);
      expect(linesOf(verdict.details).at(-1)).toBe('And 3 more that are not shown here.');
    });
  });

  describe('what must not be there', () => {
    it('absent may be an expression', async () => {
      expectPassed(await judgeOne('console: { absent: { matches: "^panic" } }', shown));
      const verdict = expectFailed(await judgeOne('console: { absent: { matches: "W.rld" } }', shown));
      expect(verdict.reason).toBe('something on the console matches');
      expect(linesOf(verdict.details)).toEqual(['expected no match of "W.rld"', 'found line 2: "Read string: Hello Wurld from Image!"']);
    });

    it('none shows each that is there', async () => {
      expectPassed(await judgeOne('console: { none: [panic, { matches: "^scause" }] }', shown));
      const verdict = expectFailed(await judgeOne('console: { none: [panic, Enter, { matches: "^Testing" }] }', shown));
      expect(verdict.reason).toBe('the console shows 2 of 3 that must not be there');
      expect(linesOf(verdict.details).slice(0, 2)).toEqual(['expected no "Enter"', 'found line 1: "Enter riscv_boot"']);
    });
  });

  describe('count', () => {
    const rounds = evidence({ console: 'ping\r\npong\r\nping\r\n' });

    it.each(['is: 2', 'min: 2', 'max: 2', 'min: 1, max: 3'])('%s holds for two', async (bounds) => {
      expectPassed(await judgeOne(`console: { count: { contains: ping, ${bounds} } }`, rounds));
      expectPassed(await judgeOne(`console: { count: { matches: "^p.ng$", where: { 0: { is: ping } }, ${bounds} } }`, rounds));
    });

    it('says how often and where', async () => {
      const verdict = expectFailed(await judgeOne('console: { count: { contains: ping, is: 3 } }', rounds));
      expect(verdict.reason).toBe('the console shows it 2 times');
      expect(linesOf(verdict.details)).toEqual(['expected 3 times "ping"', 'found 2 times: lines 1, 3']);
    });

    it('does not count what overlaps, and shows the nearest line for none', async () => {
      expectPassed(await judgeOne('console: { count: { contains: aa, is: 2 } }', evidence({ console: 'aaaaa' })));
      const verdict = expectFailed(await judgeOne('console: { count: { contains: pinging, min: 1 } }', rounds));
      expect(verdict.reason).toBe('the console never shows it');
      expect(linesOf(verdict.details)[0]).toBe('expected at least 1 time "pinging"');
      const none = expectFailed(await judgeOne('console: { count: { matches: "^gong$", is: 2 } }', rounds));
      expect(linesOf(none.details).filter((line) => line.startsWith('expected'))).toEqual(['expected 2 times a match of "^gong$"']);
      expectPassed(await judgeOne('console: { count: { contains: panic, is: 0 } }', rounds));
    });
  });

  describe('a part of the console', () => {
    const shell = evidence({ console: 'boot\r\n$ echo hi\r\nhi\r\n$ ls\r\n.  1\r\nREADME  2\r\n$ echo hi\r\nho\r\n$ ' });

    it('after a text, until another comes next', async () => {
      expectPassed(await judgeOne('console: { contains: hi, after: echo hi, until-next: "$ " }', shell));
      expectFailed(await judgeOne('console: { contains: ho, after: echo hi, until-next: "$ " }', shell));
      expectPassed(await judgeOne('console: { contains: ho, after: [echo hi, echo hi], until-next: "$ " }', shell));
      expectPassed(await judgeOne('console: { absent: ho, after: { matches: "^\\\\$ ls$" }, until-next: { matches: "^\\\\$" } }', shell));
      expectPassed(await judgeOne('console: { count: { contains: hi, is: 1 }, after: [ls, "$ "] }', shell));
    });

    it('from a text to another, with both', async () => {
      expectPassed(await judgeOne('console: { in-order: ["$ ls", README], from: "$ ls", to: README }', shell));
      const verdict = expectFailed(await judgeOne('console: { contains: README, from: "$ ls", to: halted }', shell));
      expect(verdict.reason).toBe('the console does not show the text up to which the check looks');
    });

    it('that does not begin fails, even for what must not be there', async () => {
      const verdict = expectFailed(await judgeOne('console: { absent: panic, after: "$ cat" }', shell));
      expect(verdict.reason).toBe('the console does not show the text where the check begins to look');
    });

    it('is named by its lines in a report', async () => {
      const verdict = expectFailed(await judgeOne('console: { contains: README.md, after: "$ ls", until-next: "$ " }', shell));
      expect(linesOf(verdict.details)).toEqual([
        '- README  2 line 6',
        '+ README.md expected',
        '        ^',
        'The check looks at lines 4 to 6 of the console alone: after "$ ls", until "$ " comes next.',
      ]);
    });
  });

  describe('equals: all of a part', () => {
    const listing = (text: string) => evidence({ console: `$ ls\r\n${text}$ ` });
    const check = (expected: string) => `console: { equals: "${expected}", after: "$ ls", until-next: "$ " }`;

    it('passes whatever the line ends, blanks at the ends of lines and empty lines around it', async () => {
      expectPassed(await judgeOne(check('a 1\\nb  2\\n'), listing('\r\na 1  \r\nb  2\t\r\n\r\n')));
      expectFailed(await judgeOne(check('a 1\\nb 2\\n'), listing('a 1\r\nb  2\r\n')));
      expectFailed(await judgeOne(check('a\\nb'), listing('a\r\n\r\nb\r\n')));
    });

    it('shows the first line that differs, and what comes after it', async () => {
      const verdict = expectFailed(await judgeOne(check('one\\ntwo\\nthree\\nfour'), listing('one\r\ntwu\r\nthree\r\n')));
      expect(verdict.reason).toBe('the output differs from what is expected in its line 2');
      expect(linesOf(verdict.details).slice(0, -1)).toEqual(['  one', '- twu line 3', '+ two expected', '    ^', '  three', '+ four']);
    });

    it('shows lines that are too many, and says where there is nothing', async () => {
      const more = expectFailed(await judgeOne(check('one'), listing('one\r\ntwo\r\n')));
      expect(more.reason).toBe('the output has more lines than expected');
      expect(linesOf(more.details).slice(0, 2)).toEqual(['  one', '- two line 3']);
      const nothing = expectFailed(await judgeOne(check('one\\ntwo'), listing('')));
      expect(nothing.reason).toBe('there is no output');
    });

    it('costs little and shows little of an output without end', async () => {
      const started = performance.now();
      const verdict = expectFailed(await judgeOne(check('x\\n'.repeat(5000)), listing('y\r\n'.repeat(300_000))));
      expect(performance.now() - started).toBeLessThan(5000);
      expect(linesOf(verdict.details).length).toBeLessThan(30);
    });
  });

  describe('takes: time between two texts', () => {
    const slept = (count: number | null, console = 'sleep 10\r\nawake\r\n') =>
      evidence({
        console,
        facts: { counts: [{ of: 'nanoseconds', systemCall: null, between: { from: 'sleep 10', to: awake }, count }], memory: [] },
      });
    const awake = 'awake';
    const check = (bounds: string) => `console: { takes: { ${bounds} }, from: sleep 10, to: awake }`;

    it('passes within its bounds', async () => {
      for (const bounds of ['min: 900ms, max: 2s', 'min: 1s, max: 1s', 'min: 1000000us', 'max: 1s'])
        expectPassed(await judgeOne(check(bounds), slept(1e9)));
    });

    it('says how long it took, and where', async () => {
      const verdict = expectFailed(await judgeOne(check('min: 900ms, max: 2s'), slept(12_345_678)));
      expect(verdict.reason).toBe('it takes 12.35 ms, too short');
      expect(linesOf(verdict.details)).toEqual([
        'expected from 900 ms to 2 s of the guest\'s time from "sleep 10" to "awake"',
        'found 12.346 ms',
        'found line 1: "sleep 10"',
        'found line 2: "awake"',
      ]);
      expect(expectFailed(await judgeOne(check('max: 2s'), slept(3e9))).reason).toBe('it takes 3 s, too long');
    });

    it('says which text is missing', async () => {
      const verdict = expectFailed(await judgeOne(check('max: 2s'), slept(null, 'awake\r\nsleep 10\r\nawoke\r\n')));
      expect(verdict.reason).toBe('the console never shows "awake" after "sleep 10"');
      expect(expectFailed(await judgeOne(check('max: 2s'), slept(null, 'awake'))).reason).toBe('the console never shows "sleep 10"');
    });
  });

  it('finds text between bytes that are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('grüß dich'), Buffer.from([0xc3])]);
    const raw = { ...evidence(), console: bytes.toString('base64') };
    expectPassed(await judgeOne('console: grüß', raw));
  });
});
