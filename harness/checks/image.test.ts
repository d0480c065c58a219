import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed, judgeOne, linesOf } from '../testkit/checks.ts';
import { evidence, image } from '../testkit/evidence.ts';

/** A sector that begins with a text. */
function sector(text: string): string {
  return Buffer.concat([Buffer.from(text), Buffer.alloc(512 - Buffer.byteLength(text))]).toString('hex');
}

/** A sector in which no row is like the one before it. */
const ROWS = ['1', '2', '3', '4', '5', '6', '7', '8'];
const DIFFERENT_ROWS = `${ROWS.map((row) => `${row}0`.repeat(16)).join('')}${'ff'.repeat(384)}`;

const changed = (sectors: Record<string, string>) => evidence({ images: [image({ changed: sectors })] });

// The disk of the tests holds "Hello World" at byte 0.
describe('image equals', () => {
  const written = 'image: { drive: blk, at: 0, equals: { text: "Hello, Disk!", length: 512 } }';

  it('passes where the bytes are there, and zeroes up to the length', async () => {
    expectPassed(await judgeOne(written, changed({ 0: sector('Hello, Disk!') })));
    expectFailed(await judgeOne(written, changed({ 0: sector('Hello, Disk!!') })));
  });

  it('without a length only compares the bytes given, across sectors', async () => {
    const part = 'image: { at: 510, equals: { hex: "01 02 03 04" } }';
    const first = `${'00'.repeat(510)}0102`;
    const second = `0304${'ff'.repeat(510)}`;
    expectPassed(await judgeOne(part, changed({ 0: first, 1: second })));
    expectFailed(await judgeOne(part, changed({ 0: first })));
  });

  it('shows two dumps, and that nothing happened', async () => {
    const verdict = expectFailed(await judgeOne(written, changed({})));
    expect(verdict.reason).toBe('the image differs from byte 5 on');
    expect(linesOf(verdict.details)).toEqual([
      '- 00000000  48 65 6c 6c 6f 20 57 6f 72 6c 64 00 00 00 00 00  |Hello World.....| found (as it was before the run)',
      '+ 00000000  48 65 6c 6c 6f 2c 20 44 69 73 6b 21 00 00 00 00  |Hello, Disk!....| expected',
    ]);
  });

  it('names the sector that got the bytes instead', async () => {
    const told = async (sectors: Record<string, string>) =>
      linesOf(expectFailed(await judgeOne(written, changed(sectors))).details).filter((line) => line.includes('they were written there'));
    expect(await told({ 5: sector('Hello, Disk!') })).toEqual([
      'Sector 5 holds the expected bytes: they were written there, and not to sector 0.',
    ]);
    expect(await told({ 5: sector('Hello, Disk!'), 7: sector('Hello, Disk! And more.') })).toEqual([
      'Sectors 5, 7 hold the expected bytes: they were written there, and not to sector 0.',
    ]);
    expect(await told({ 5: sector('Hello, World!') })).toEqual([]);
    const zeroes = 'image: { drive: blk, at: 0, equals: { hex: "00", length: 512 } }';
    expect(linesOf(expectFailed(await judgeOne(zeroes, changed({ 5: sector('') }))).details).join()).not.toContain(
      'they were written there',
    );
  });

  it('starts the dump where the difference is, and bounds it', async () => {
    const verdict = expectFailed(await judgeOne('image: { at: 512, equals: { hex: "00", length: 2048 } }', changed({ 2: DIFFERENT_ROWS })));
    const lines = linesOf(verdict.details);
    expect(verdict.reason).toBe('the image differs from byte 1024 on');
    // Eight rows of what was found, and the same 128 bytes as they should be.
    expect(lines.slice(0, 8).map((line) => line.slice(0, 14))).toEqual(ROWS.map((row, index) => `- 000004${index}0  ${row}0`));
    expect(lines[0]).toMatch(/ found$/);
    expect(lines[8]).toMatch(/^\+ 00000400 {2}00 00 .* expected$/);
    expect(lines.slice(9)).toEqual(['+ *         7 more rows of zeroes', 'More bytes differ, the next at 1152.']);
  });

  it('folds equal rows, and then shows more of them', async () => {
    const verdict = expectFailed(
      await judgeOne(
        'image: { at: 512, equals: { text: "abc", length: 512 } }',
        changed({ 1: `${'2e'.repeat(256)}${'00'.repeat(240)}7e` }),
      ),
    );
    expect(linesOf(verdict.details)).toEqual([
      `- 00000200 ${' 2e'.repeat(16)}  |${'.'.repeat(16)}| found`,
      '- *         15 more rows the same',
      `+ 00000200  61 62 63${' 00'.repeat(13)}  |abc.............| expected`,
      `+ 00000210 ${' 00'.repeat(16)}  |${'.'.repeat(16)}|`,
      '+ *         14 more rows of zeroes',
      `  00000300 ${' 00'.repeat(16)}  |${'.'.repeat(16)}|`,
      '  *         14 more rows of zeroes',
      `- 000003f0  7e${' 00'.repeat(15)}  |~${'.'.repeat(15)}|`,
      `+ 000003f0 ${' 00'.repeat(16)}  |${'.'.repeat(16)}|`,
    ]);
  });

  it('shows two equal rows as they are', async () => {
    const [first, second, third] = linesOf(
      expectFailed(await judgeOne('image: { at: 512, equals: { hex: "00", length: 32 } }', changed({ 1: 'ff'.repeat(32) }))).details,
    );
    expect([first, second, third].map((line) => line!.slice(0, 10))).toEqual(['- 00000200', '- 00000210', '+ 00000200']);
  });
});

describe('image unchanged', () => {
  const elsewhere = 'image: { drive: blk, unchanged: true, except: [{ at: 0, length: 512 }] }';

  it('passes where only the exceptions changed', async () => {
    expectPassed(await judgeOne('image: { unchanged: true }', changed({})));
    expectPassed(await judgeOne(elsewhere, changed({ 0: sector('anything') })));
  });

  it('fails where another sector changed, and shows it', async () => {
    const verdict = expectFailed(await judgeOne(elsewhere, changed({ 0: sector('x'), 7: sector('oops'), 2: sector('no') })));
    expect(verdict.reason).toBe('bytes changed that should not have, in 2 sectors: 2, 7');
    expect(linesOf(verdict.details)[0]).toBe('- 00000400  6e 6f 00 00 00 00 00 00 00 00 00 00 00 00 00 00  |no..............| found');
  });

  it('counts bytes, not sectors: an exception may end within one', async () => {
    const part = (length: number) => `image: { unchanged: true, except: [{ at: 0, length: ${length} }] }`;
    const afterwards = changed({ 0: sector('HELLO World') });
    expectPassed(await judgeOne(part(5), afterwards));
    expectFailed(await judgeOne(part(4), afterwards));
  });

  it('a sector that holds what it held before is unchanged', async () => {
    expectPassed(await judgeOne('image: { unchanged: true }', changed({ 0: sector('Hello World') })));
  });
});
