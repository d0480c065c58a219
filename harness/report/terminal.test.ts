import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Detail } from '../result/result.ts';
import { check, result, scenario, writableData } from '../testkit/sample-results.ts';
import { terminalReport } from './terminal.ts';

const PLAIN = picocolors.createColors(false);

function lines(...args: Parameters<typeof result>): string[] {
  return terminalReport(result(...args), PLAIN).split('\n');
}

describe('the report in a terminal', () => {
  it('is what a student should read for the mistake that QEMU forgives', () => {
    expect(terminalReport(writableData(), PLAIN)).toBe(
      `writable-data/kernel.elf   15/60   Lab 13: I/O and storage

 ✓ reads-block       5/5  read_block still works
 ✗ write-flags      0/20  The data descriptor is not device-writable
     request #2, OUT, sector 0, after 20,114,331 instructions
       desc 3  header  0x80a31010   16 B  device reads
       desc 4  data    0x80a32200  512 B  device WRITES   expected: device reads
       desc 5  status  0x80a33001    1 B  device writes
     The device answered OK and wrote nothing.
     hint: For a write the device reads the buffer.
 ✗ image            0/15  Sector 0 holds the new text
     the image differs from byte 6 on
     - 00000000  48 65  |He|      found (as it was before the run)
     + 00000000  48 65 6c  |Hel|  expected
 – image-elsewhere  skipped: needs image
 ✓ (one hidden check) 10/10
 machine stopped: console reached "Shell..." · 22,310,118 instructions · 2 requests
`,
    );
  });

  it('says which file was graded where others could have been', () => {
    const kernel = { file: 'lab.elf', sha256: '11', alsoMatched: ['a-old.elf', 'b\u202e.elf', '3.elf', '4.elf', '5.elf', '6.elf'] };
    expect(lines({ kernel })[1]).toBe(
      "note: graded is lab.elf; the rubric's patterns also match a-old.elf, b\\u{202e}.elf, 3.elf, 4.elf, 5.elf and 1 more",
    );
    expect(lines({})[1]).toBe('');
  });

  it('says whose it is, with the columns of the roster that hold something', () => {
    const student = { id: 's1001', name: 'Alice', columns: { section: 'A\u202e', note: ' ', mail: 'a@example.org' }, ids: {} };
    const nameless = { id: 's1002', name: '', columns: { section: 'B' }, ids: {} };
    expect(lines({ students: [student, nameless] })[1]).toBe('Alice (s1001; section: A\\u{202e}; mail: a@example.org), s1002 (section: B)');
  });

  it('names no more of a roster than fits a line', () => {
    const columns = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`column ${index}`, 'x'.repeat(500)]));
    const line = lines({ students: [{ id: 's1001', name: '', columns, ids: {} }] })[1]!;
    expect(line).toMatch(/; and 3 more\)$/);
    expect(line.length).toBeLessThan(6 * 80);
  });

  it('sums up what students do not see', () => {
    expect(lines({ hiddenChecks: { count: 2, score: 10, maxScore: 20 } })).toContain(' ✗ (2 hidden checks) 10/20');
    expect(lines({ hiddenChecks: { count: 1, score: null, maxScore: 5 } })).toContain(' ! (one hidden check) –/5');
  });

  it('shows an instructor what is hidden, and that it is', () => {
    const checks = [check('really-reads', { hidden: true, outcome: 'failed', score: 0, reason: 'it does not', hint: 'Do.' })];
    const scenarios = [scenario(), scenario({ name: 'other-image', hidden: true, stop: { reason: 'poweroff' } })];
    const report = lines({ audience: 'instructor', checks, scenarios });
    expect(report.slice(2, 6)).toEqual([
      ' ✗ really-reads  0/10  Title of really-reads (hidden)',
      '     scenario  write',
      '     it does not',
      '     hint: Do.',
    ]);
    expect(report.at(-2)).toBe(' other-image (hidden): machine stopped: the kernel powered off · 22,310,118 instructions · 2 requests');
  });

  it('says once what is wrong with the submission as a whole', () => {
    const reason = 'no kernel was found';
    const stop = { reason: 'not-bootable', message: reason } as const;
    const checks = ['a', 'b'].map((id) => check(id, { outcome: 'failed', score: 0, reason }));
    const report = lines({ outcome: 'failed', score: 0, reason, kernel: null, checks, scenarios: [scenario({ stop })] });
    expect(report).toEqual(['alice   0/10   Lab 13: I/O and storage', reason, '', ' ✗ a  0/10  Title of a', ' ✗ b  0/10  Title of b', '']);
  });

  it('never shows the fault of the grader as a zero', () => {
    const [head] = lines({ outcome: 'errored', score: null });
    expect(head).toBe('alice/kernel.elf   errored (of 10)   Lab 13: I/O and storage');
  });

  it('shows partial scores with at most two decimals', () => {
    expect(lines({ checks: [check('steps', { outcome: 'failed', score: 10 / 3 })] })).toContain(' ✗ steps  3.33/10  Title of steps');
  });

  it('names the scenarios where there are several', () => {
    const scenarios = [
      scenario({ requests: 1 }),
      scenario({ name: 'again', stop: { reason: 'limit', limit: '10s guest' }, instructions: 1 }),
    ];
    expect(lines({ scenarios }).slice(-3, -1)).toEqual([
      ' write: machine stopped: console reached "Shell..." · 22,310,118 instructions · 1 request',
      ' again: machine stopped: the limit of 10s guest was reached · 1 instruction · 2 requests',
    ]);
  });

  it('says once how several scenarios ended in the same way, with the names of all', () => {
    const why: Detail[] = [{ kind: 'text', text: 'the kernel polls nothing' }];
    const stop = { reason: 'hang' } as const;
    const alike = ['a', 'b', 'c'].map((name) => scenario({ name, stop, why }));
    const longer = scenario({ name: 'd', stop, why, instructions: 5, hidden: true });
    const other = scenario({ name: 'e', stop, why: [{ kind: 'text', text: 'the kernel polls used.idx' }] });
    expect(lines({ scenarios: [...alike, longer, other] }).slice(-6, -1)).toEqual([
      ' in scenarios a, b and c: machine stopped: hang: the kernel provably runs for ever · 22,310,118 instructions · 2 requests',
      ' d (hidden): machine stopped: hang: the kernel provably runs for ever · 5 instructions · 2 requests',
      '   the kernel polls nothing',
      ' e: machine stopped: hang: the kernel provably runs for ever · 22,310,118 instructions · 2 requests',
      '   the kernel polls used.idx',
    ]);
  });

  it('names the scenario of a failed check, and the faults that were put in', () => {
    const failed = check('notices', { outcome: 'failed', score: 0, scenario: 'fails', reason: 'nothing matches' });
    const faults = ['request #2 was made to fail with IOERR'];
    const scenarios = [scenario(), scenario({ name: 'fails', faults })];
    expect(lines({ checks: [check('other'), failed], scenarios }).slice(3, 7)).toEqual([
      ' ✗ notices   0/10  Title of notices',
      '     scenario  fails',
      '     fault     request #2 was made to fail with IOERR',
      '     nothing matches',
    ]);
    // A single scenario needs no name.
    expect(lines({ checks: [failed], scenarios: scenarios.slice(1) }).slice(3, 5)).toEqual([
      `     fault     ${faults[0]}`,
      '     nothing matches',
    ]);
  });

  it('colours outcomes where it may', () => {
    expect(terminalReport(result(), picocolors.createColors(true))).toContain('\u001b[32m✓\u001b[39m');
  });

  it('lets nothing that others wrote reach the terminal as a command', () => {
    const evil = 'x\u001b[2J\r\u202e\n';
    const details: Detail[] = [
      { kind: 'text', text: evil },
      { kind: 'found', text: evil },
      { kind: 'expected', text: evil },
      {
        kind: 'request',
        text: evil,
        rows: [{ descriptor: 0, role: evil, address: evil, length: 0, deviceWritable: true, expected: evil }],
      },
      { kind: 'difference', lines: [{ sign: '+', text: evil, note: evil }] },
    ];
    const bad = check(evil, { title: evil, outcome: 'failed', reason: evil, hint: evil, details });
    const stop = { reason: 'until', console: evil } as const;
    const text = terminalReport(
      result({
        name: evil,
        title: evil,
        reason: `${evil}!`,
        checks: [bad, { ...bad, outcome: 'skipped' }],
        scenarios: [scenario({ stop }), scenario({ name: evil })],
      }),
      PLAIN,
    );
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('x\\x1b[2J\\r');
  });
});
