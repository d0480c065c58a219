/** What a rubric can ask about files of a disk, and what a student reads where they are different. On xv6's file system. */
import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed, judgeOne, linesOf } from '../testkit/checks.ts';
import { evidence } from '../testkit/evidence.ts';
import { judgeImage } from '../testkit/image-checks.ts';
import { Xv6Image } from '../testkit/xv6-image.ts';

const LINES = 'one\ntwo\nthree\n';
/** As sha256sum has it. */
const SHA256_OF_LINES = 'b6285c57e8797db5d4c51c80d6f11938afda9b11c6a003549709189e9b4b92a2';

const disk = () =>
  new Xv6Image({
    README: LINES,
    'bin/sh': new Uint8Array(5000).fill(0x7f),
    'bin/empty/': '',
    numbers: Uint8Array.from({ length: 40 }, (_, index) => index),
  });

const judged = (rest: string) => judgeImage(`{ file-system: xv6, ${rest} }`, disk().bytes);
const reasonOf = async (rest: string) => expectFailed(await judged(rest)).reason;
const told = async (rest: string) => linesOf(expectFailed(await judged(rest)).details);

describe('a file', () => {
  it.each([
    'path: /README',
    'path: /bin/sh, type: file, size: 5000, links: 1',
    'path: /bin, type: folder, links: 2',
    'path: /README, equals: { text: "one\\ntwo\\nthree\\n" }, contains: two',
    `path: /README, sha256: ${SHA256_OF_LINES}`,
    'path: /numbers, size: { min: 40 }, contains: "\\u0003\\u0004"',
    'path: /nothing, absent: true',
    'path: /README/below, absent: true',
  ])('is as it should be: %s', async (rest) => expectPassed(await judged(rest)));

  it.each([
    ['path: /bin/ls', 'there is no /bin/ls'],
    ['path: /README/a', '/README is not a folder, but a file'],
    ['path: /README, absent: true', '/README is there, and should not be: a file of 14 bytes'],
    ['path: /bin/sh, size: 67382272', '/bin/sh has 5000 bytes (5 blocks), the rubric wants 67382272 bytes (65803 blocks)'],
    ['path: /bin/sh, size: { min: 6000 }', '/bin/sh has 5000 bytes (5 blocks), the rubric wants at least 6000 bytes (6 blocks)'],
    ['path: /bin, type: file', '/bin is a folder, the rubric wants a file'],
    ['path: /README, links: 2', '/README has 1 link by its inode, the rubric wants 2'],
    ['path: /bin, contains: x', '/bin is a folder, and no contents of it are compared'],
    [`path: /numbers, sha256: ${SHA256_OF_LINES}`, '/numbers holds something else'],
  ])('is different: %s', async (rest, reason) => expect(await reasonOf(rest)).toBe(reason));

  it('that is not there is looked for beside what is there', async () => {
    expect(await told('path: /bin/ls')).toEqual(['found in /bin: empty/  sh']);
    expect(await told('path: /bin/empty/x')).toEqual(['found in /bin/empty: nothing']);
  });

  it('of text is compared line by line', async () => {
    expect(await reasonOf('path: /README, equals: { text: "one\\n2\\nthree\\n" }')).toBe(
      '/README differs from byte 4 on, and has 14 bytes instead of 12',
    );
    expect(await told('path: /README, equals: { text: "one\\n2\\nthree\\n" }')).toEqual([
      '  one',
      '- two found',
      '+ 2 expected',
      '  three',
    ]);
  });

  it('of other bytes is compared as dumps, and so is a line end that is missing', async () => {
    const [first] = await told('path: /numbers, equals: { hex: "00 01 02", length: 40 }');
    expect(first).toBe('- 00000000  00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f  |................| found');
    const [text] = await told('path: /README, equals: { text: "one\\ntwo\\nthree" }');
    expect(text).toBe('- 00000000  6f 6e 65 0a 74 77 6f 0a 74 68 72 65 65 0a        |one.two.three.| found');
  });

  it('that lacks a text shows how it begins', async () => {
    expect(await told('path: /README, contains: four')).toEqual([
      'expected "four"',
      'found 14 bytes, beginning with "one\\ntwo\\nthree\\n"',
    ]);
  });

  it('with several things wrong has all of them told', async () => {
    expect(await reasonOf('path: /README, links: 2, size: 3')).toBe('/README has 14 bytes (1 blocks), the rubric wants 3 bytes (1 blocks)');
    expect(await told('path: /README, links: 2, size: 3')).toEqual(['/README has 1 link by its inode, the rubric wants 2.']);
  });

  it('is read with what the run has changed', async () => {
    const made = disk();
    const sector = made.blockOf('README') * 2;
    const changed = { [String(sector)]: Buffer.from('One\ntwo\nthree\n').toString('hex') };
    const part = '{ file-system: xv6, path: /README, contains: One }';
    expectFailed(await judgeImage(part, made.bytes));
    expectPassed(await judgeImage(part, made.bytes, changed));
  });

  it('is not there where the disk has no such file system', async () => {
    const verdict = expectFailed(await judgeOne('image: { file-system: xv6, path: /README }', evidence()));
    expect(verdict.reason).toBe('there is no file system of xv6 on the disk: block 1 does not begin with its magic number');
  });
});

describe('a listing', () => {
  it.each([
    'listing: [README, bin/, numbers]',
    'listing: [numbers, bin/, README]',
    'path: /bin, listing: [sh, empty/]',
    'path: /bin/empty, listing: []',
    'tree: [README, bin/, bin/empty/, bin/sh, numbers]',
    'path: /bin, tree: [sh, empty/]',
    'listing: [README], others: true',
  ])('is as it should be: %s', async (rest) => expectPassed(await judged(rest)));

  it('that is different is shown as a diff', async () => {
    expect(await reasonOf('listing: [README, bin/, log]')).toBe('/ misses log and has numbers too many');
    expect(await told('listing: [README, bin/, log]')).toEqual(['  README', '  bin/', '- numbers found', '+ log expected']);
    expect(await told('tree: [README, bin/, bin/sh, numbers]')).toEqual([
      '  README',
      '  bin/',
      '- bin/empty/ found',
      '  bin/sh',
      '  numbers',
    ]);
    expect(await reasonOf('listing: [README, a, b, c, d], others: true')).toBe('/ misses a, b, c and 1 more');
  });

  it('says what is no folder, and what is not there', async () => {
    expect(await reasonOf('path: /README, listing: []')).toBe('/README is not a folder, but a file');
    expect(await reasonOf('path: /lib, tree: []')).toBe('there is no /lib');
  });

  it('shows names that would be something else on a terminal, or in the listing, as they are', async () => {
    const made = new Xv6Image({ ab: '', cd: '' });
    made.put(made.entryAt('', 2) + 2, '\x1b[2J').put(made.entryAt('', 3) + 2, 'a/b');
    const verdict = expectFailed(await judgeImage('{ file-system: xv6, listing: [] }', made.bytes));
    expect(linesOf(verdict.details)).toEqual(['- "\\x1b[2J" found', '- "a/b"']);
  });

  it('tells an entry that leads nowhere', async () => {
    const made = new Xv6Image({ ab: '', cd: '' });
    made.u16(made.entryAt('', 2), 63).u16(made.entryAt('', 3), 999);
    const verdict = expectFailed(await judgeImage('{ file-system: xv6, listing: [ab, cd] }', made.bytes));
    expect(linesOf(verdict.details).slice(0, 2)).toEqual([
      '- ab (its entry leads to inode 63, which is free) found',
      '- cd (its entry leads to inode 999, which does not exist)',
    ]);
    expect(expectFailed(await judgeImage('{ file-system: xv6, path: /ab }', made.bytes)).reason).toBe(
      '/ab cannot be read: its entry leads to inode 63, which is free',
    );
  });

  it('of folders in a circle ends', async () => {
    const made = new Xv6Image({ 'a/b/': '' });
    made.u16(made.entryAt('a', 2), 1);
    const verdict = expectFailed(await judgeImage('{ file-system: xv6, tree: [] }', made.bytes));
    expect(verdict.reason).toBe('the folder a/b contains itself');
  });
});

describe('soundness', () => {
  it('passes where all is well, and lists what is not', async () => {
    expectPassed(await judged('sound: true'));
    const made = disk();
    made.bit(16 * 1024, made.blockOf('README'), 0).bit(16 * 1024, 300, 1);
    const verdict = expectFailed(await judgeImage('{ file-system: xv6, sound: true }', made.bytes));
    const [first, second] = linesOf(verdict.details);
    expect(first).toMatch(/^block \d+ is in use by \/README \(inode 2\) and is free in the bitmap$/);
    expect(second).toBe('block 300 is taken in the bitmap, but no file has it');
    expect(verdict.reason).toBe(`the file system has 2 problems, first: ${first}`);
    expect(expectFailed(await judgeImage('{ file-system: xv6, sound: true, ignore: [lost] }', made.bytes)).reason).toBe(first);
    expectPassed(await judgeImage('{ file-system: xv6, sound: true, ignore: [lost, bitmap] }', made.bytes));
  });
});
