/** The reader of FAT12, FAT16 and FAT32: against what mkfs.fat and mtools make, and what fsck.fat says of what is broken. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { expectFailed, expectPassed } from '../../testkit/checks.ts';
import { FatImage } from '../../testkit/fat-image.ts';
import { judgeImage, soundnessOf } from '../../testkit/image-checks.ts';

const BIG = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251);
const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

let folder: string;
const fileOf = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-fat-'));
  mkdirSync(fileOf('folder/below'), { recursive: true });
  writeFileSync(fileOf('BIG.BIN'), BIG);
  writeFileSync(fileOf('lower.txt'), 'lower\n');
  writeFileSync(fileOf('A long name with blanks.text'), 'long\n');
  writeFileSync(fileOf('EMPTY'), '');
  for (let index = 0; index < 60; index++) writeFileSync(fileOf(`folder/below/file number ${index}`), String(index));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether fsck.fat finds nothing to mend. */
function isSoundForFsck(bytes: Uint8Array): boolean {
  writeFileSync(fileOf('checked.img'), bytes);
  return spawnSync('fsck.fat', ['-n', fileOf('checked.img')]).status === 0;
}

describe.skipIf(lacks('dosfstools'))('what mkfs.fat and mtools make', () => {
  it.each([
    ['12', '1440'],
    ['16', '20480'],
    ['32', '40960'],
  ])('is read, and sound: FAT%s of %s KiB', async (bits, kibibytes) => {
    const image = fileOf(`fat${bits}.img`);
    execFileSync('mkfs.fat', ['-F', bits, '-C', image, kibibytes], { stdio: 'pipe' });
    const names = ['BIG.BIN', 'lower.txt', 'A long name with blanks.text', 'EMPTY', 'folder'];
    execFileSync('mcopy', ['-s', '-i', image, ...names.map(fileOf), '::'], { stdio: 'pipe' });
    const bytes = readFileSync(image);
    const judged = (rest: string) => judgeImage(`{ file-system: fat, ${rest} }`, bytes);
    expect(isSoundForFsck(bytes)).toBe(true);
    expect(await soundnessOf('fat', bytes)).toEqual([]);
    expectPassed(await judged(`path: /BIG.BIN, size: 300000, sha256: ${digest(BIG)}`));
    expectPassed(await judged('path: /big.bin, type: file'));
    expectPassed(await judged('path: /A long name with blanks.text, equals: { text: "long\\n" }'));
    expectPassed(await judged('path: /EMPTY, size: 0'));
    expectPassed(await judged('path: /folder/below/file number 59, equals: { text: "59" }'));
    expectPassed(await judged('listing: [A long name with blanks.text, BIG.BIN, EMPTY, folder/, lower.txt]'));
  });
});

describe('a small image', () => {
  const made = () => new FatImage({ 'README.TXT': 'hello\n', 'A/B/DEEP': 'x', EMPTY: '', 'LONG.BIN': BIG.subarray(0, 20_000) });
  const sound = (image: FatImage) => soundnessOf('fat', image.bytes);

  it('is sound, and its files are read', async () => {
    expect(await sound(made())).toEqual([]);
    expectPassed(await judgeImage(`{ file-system: fat, path: /long.bin, sha256: ${digest(BIG.subarray(0, 20_000))} }`, made().bytes));
    expectPassed(await judgeImage('{ file-system: fat, tree: [A/, A/B/, A/B/DEEP, EMPTY, LONG.BIN, README.TXT] }', made().bytes));
  });

  it.skipIf(lacks('dosfstools'))('is sound for fsck.fat', () => expect(isSoundForFsck(made().bytes)).toBe(true));

  // The clusters: README.TXT 2, A 3, A/B 4, A/B/DEEP 5, LONG.BIN 6 to 45.
  const cases: [string, (image: FatImage) => unknown, string[]][] = [
    [
      'a cluster of two files',
      (image) => image.u16(image.entryAt('A/B', 2) + 26, 2),
      ['cluster 2 is used by /README.TXT and by /A/B/DEEP', 'cluster 5 is taken in the table, but no file has it'],
    ],
    ['a chain in a circle', (image) => image.next(45, 6), ['cluster 6 is used twice by /LONG.BIN']],
    [
      'a chain that ends too early',
      (image) => image.next(10, 0xfff),
      [
        '/LONG.BIN has 20000 bytes by its size, for which 35 of 40 clusters are missing',
        'clusters 11 to 45 are taken in the table, but no file has them',
      ],
    ],
    [
      'a chain that is too long',
      (image) =>
        image
          .u32(image.entryAt('', 0) + 28, 3)
          .next(2, 99)
          .next(99, 0xfff),
      ['/README.TXT has 3 bytes by its size, but 2 clusters instead of 1'],
    ],
    [
      'a chain that leads outside',
      (image) => image.next(45, 900),
      ['/LONG.BIN goes on in cluster 900, but clusters have the numbers 2 to 331'],
    ],
    [
      'a chain that goes on in a free cluster',
      (image) => image.next(45, 200),
      ['cluster 200 is in use by /LONG.BIN and is free in the table'],
    ],
    [
      'clusters that no file has',
      (image) => image.next(100, 101).next(101, 0xfff),
      ['clusters 100 to 101 are taken in the table, but no file has them'],
    ],
    [
      'tables that differ',
      (image) => image.next(50, 0xfff, [3]),
      ['copy 2 of the table is different from the first one, from the entry of cluster 50 on'],
    ],
    ['a wrong ..', (image) => image.u16(image.entryAt('A/B', 1) + 26, 4), ['/A/B has an entry ".." that leads to cluster 4 instead of 3']],
    [
      'a folder with a size',
      (image) => image.u32(image.entryAt('', 1) + 28, 512),
      ['/A has 512 bytes by its size, which is 0 for a folder'],
    ],
    [
      'a folder inside itself',
      (image) =>
        image
          .u16(image.entryAt('A/B', 2) + 26, 3)
          .u8(image.entryAt('A/B', 2) + 11, 0x10)
          .u32(image.entryAt('A/B', 2) + 28, 0),
      ['cluster 3 is used by /A and by /A/B/DEEP', 'cluster 5 is taken in the table, but no file has it'],
    ],
  ];

  it.each(cases)('says what is wrong: %s', async (_, breaks, sentences) => {
    const image = made();
    breaks(image);
    expect(await sound(image)).toEqual(sentences);
    if (!lacks('dosfstools')) expect(isSoundForFsck(image.bytes)).toBe(false);
  });

  it('cannot read a file whose chain ends too early', async () => {
    const image = made();
    image.next(10, 0xfff);
    expect(expectFailed(await judgeImage('{ file-system: fat, path: /LONG.BIN, contains: nothing }', image.bytes)).reason).toBe(
      'the file has 20000 bytes by its size, but its chain ends after 5 of 40 clusters',
    );
  });

  it.each([
    ['no signature', (image: FatImage) => image.u16(510, 0), 'there is no FAT on the disk: the first sector does not end with 55 aa'],
    ['more sectors than the disk has', (image: FatImage) => image.u16(19, 400), 'has 400 sectors, but the disk has 339'],
    ['no tables', (image: FatImage) => image.u8(16, 0), 'do not go together'],
    ['a table that is too short', (image: FatImage) => image.u16(22, 0).u32(36, 1), 'do not go together'],
  ])('is refused: %s', async (_, breaks, sentence) => {
    const image = made();
    breaks(image);
    expect(expectFailed(await judgeImage('{ file-system: fat, sound: true }', image.bytes)).reason).toContain(sentence);
  });
});
