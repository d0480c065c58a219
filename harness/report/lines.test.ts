import picocolors from 'picocolors';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { fixed, indented, laidOut, sentence } from './lines.ts';
import { terminalTable } from './table.ts';
import { terminalReport } from './terminal.ts';

const PLAIN = picocolors.createColors(false);

describe('lines', () => {
  it('are wrapped at words, and go on below their first word', () => {
    expect(laidOut([indented(sentence('one two three four', 'must  '), 2)], 20)).toEqual(['  must  one two', '        three four']);
  });

  it('stay whole where they are code or a table, or where there is no terminal', () => {
    const row = fixed('desc 0  header  0x83291000   16 B  device reads');
    expect(laidOut([row], 20)).toEqual([row.text]);
    expect(laidOut([sentence('one two three four', 'must  ')], null)).toEqual(['must  one two three four']);
  });

  it('do not cut a word that is longer than a line', () => {
    expect(laidOut([sentence('at src/a/very/long/path.rs it fails')], 12)).toEqual(['at', 'src/a/very/long/path.rs', 'it fails']);
  });

  it('are indented less where the beginning takes most of the width', () => {
    expect(laidOut([sentence('one two three', ' ✗ a-long-name  0/20  ')], 30)).toEqual([' ✗ a-long-name  0/20  one two', '        three']);
  });

  it('count columns, not the bytes of colours or the letters of wide characters', () => {
    const colors = picocolors.createColors(true);
    const [first, second] = laidOut([sentence(colors.red('漢字漢字 漢字漢字'), colors.red('x '))], 12);
    expect([first, second].map((line) => stringWidth(line!))).toEqual([10, 10]);
  });
});

describe('a row of a hex dump', () => {
  const bytes = '48 65 6c 6c 6f 20 57 6f 72 6c 64 20 66 72 6f 6d'.split(' ');
  const row = `00000200  ${bytes.join(' ')}  |Hello World from|`;
  const difference = check('image', {
    outcome: 'failed',
    details: [
      {
        kind: 'difference',
        lines: [
          { sign: '-', text: row, note: 'found (as it was before the run)' },
          { sign: '-', text: '*         31 more rows the same' },
        ],
      },
    ],
  });
  const shown = (width: number) =>
    terminalReport(result({ checks: [difference] }), PLAIN, width)
      .split('\n')
      .filter((line) => /^ {5}[- ] /.test(line));

  it('is one line where there is room', () => {
    expect(shown(120)).toEqual([`     - ${row}  found (as it was before the run)`, '     - *         31 more rows the same']);
  });

  it('has the words about it above where there is less', () => {
    expect(shown(90)).toEqual(['     - found (as it was before the run)', `     - ${row}`, '     - *         31 more rows the same']);
  });

  it.each([80, 60])('is two lines at %i columns', (width) => {
    expect(shown(width)).toEqual([
      '     - found (as it was before the run)',
      `     - 00000200  ${bytes.slice(0, 8).join(' ')}`,
      `     -           ${bytes.slice(8).join(' ')}  |Hello World from|`,
      '     - *         31 more rows the same',
    ]);
  });
});

describe('at 60 columns', () => {
  it('a report keeps to them, but for what must not be broken', () => {
    const long = 'The header must be readable for the device, and it is not: the flags of its descriptor have the bit WRITE set. '.repeat(
      3,
    );
    const checks = [
      ...writableData().checks,
      check('a-check-with-a-name', { title: long, outcome: 'failed', reason: long, hint: long, details: [{ kind: 'found', text: long }] }),
    ];
    const lines = terminalReport(result({ checks }), PLAIN, 60).split('\n');
    expect(lines.filter((line) => line.length > 60 && !/^ +(desc \d|[-+] )/.test(line))).toEqual([]);
    const found = lines.findIndex((line) => line.startsWith('     found     The header'));
    expect(lines[found + 1]).toMatch(/^ {15}\S/);
    const hint = lines.findIndex((line) => line.startsWith('     hint: The header'));
    expect(lines[hint + 1]).toMatch(/^ {11}\S/);
  });

  it('a table keeps to them', () => {
    const one = result({ outcome: 'failed', checks: [check('id', { outcome: 'failed', title: 'word '.repeat(30).trim() })] });
    const lines = terminalTable([one, one], PLAIN, 60).split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
  });
});
