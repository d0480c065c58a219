/** The reader of xv6's file system, against images laid out as its kernel/fs.h says, sound and broken. */
import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed } from '../../testkit/checks.ts';
import { judgeImage, soundnessOf } from '../../testkit/image-checks.ts';
import { XV6_DATA, XV6_LOG, Xv6Image } from '../../testkit/xv6-image.ts';

const BLOCK = 1024;
const FILES = { README: 'hello\n', 'a/b/deep': 'x', long: new Uint8Array(20 * BLOCK).fill(7) };
const made = () => new Xv6Image(FILES);
const sound = (image: Xv6Image, ignore?: string) => soundnessOf('xv6', image.bytes, ignore);

describe('a sound image', () => {
  it('is sound, with blocks of pointers', async () => {
    expect(await sound(made())).toEqual([]);
  });

  it('of the lab on large files has two levels of them', async () => {
    const content = new Uint8Array((11 + 256 + 3) * BLOCK).fill(1);
    content.set([0xab], content.length - 1);
    const image = new Xv6Image({ 'big.file': content }, { direct: 11 });
    expect(await soundnessOf('xv6-big-files', image.bytes)).toEqual([]);
    const hex = '{ hex: "01", length: 4 }';
    expectPassed(
      await judgeImage(`{ file-system: xv6-big-files, path: /big.file, size: ${270 * BLOCK}, contains: "\\u0001" }`, image.bytes),
    );
    expect(expectFailed(await judgeImage(`{ file-system: xv6-big-files, path: /big.file, equals: ${hex} }`, image.bytes)).reason).toBe(
      `/big.file differs from byte 1 on, and has ${270 * BLOCK} bytes instead of 4`,
    );
    // The kernel as it is shipped uses the twelfth pointer for data.
    expect((await soundnessOf('xv6', image.bytes)).length).toBeGreaterThan(0);
  });

  it('may have a root of one block more than it has, as mkfs makes it', async () => {
    const image = made();
    image.u32(image.inodeAt('') + 8, 2 * BLOCK);
    expect(await sound(image)).toEqual([]);
  });
});

describe('a log that was committed, but not written back', () => {
  /** The log's only block is a new version of README's. */
  function logged(): Xv6Image {
    const image = made();
    image.u32(XV6_LOG * BLOCK, 1, image.blockOf('README')).put((XV6_LOG + 1) * BLOCK, 'newer\n');
    return image;
  }

  it('is read as the next boot would recover it', async () => {
    expectPassed(await judgeImage('{ file-system: xv6, path: /README, equals: { text: "newer\\n" } }', logged().bytes));
    expect(await sound(logged())).toEqual([]);
  });

  it.each([
    [[11], "the log's header speaks of 11 blocks, but the log has room for 9"],
    [[1, 400], "the log's header speaks of block 400, but the file system ends before block 400"],
  ])('with a header of %j is told', async (header, sentence) => {
    const image = made();
    image.u32(XV6_LOG * BLOCK, ...header);
    expect(await sound(image)).toEqual([sentence]);
  });
});

describe('what is wrong', () => {
  const cases: [string, (image: Xv6Image) => unknown, string[]][] = [
    [
      'a block of two files',
      (image) => image.u32(image.inodeAt('README') + 12, image.blockOf('long')),
      [
        `block ${XV6_DATA + 5} is used by /README (inode 2) and by /long (inode 6)`,
        `block ${XV6_DATA + 1} is taken in the bitmap, but no file has it`,
      ],
    ],
    [
      'a block outside',
      (image) => image.u32(image.inodeAt('README') + 16, 400),
      ['/README (inode 2) has block 400, but the file system ends before block 400'],
    ],
    [
      'a block of the tables',
      (image) => image.u32(image.inodeAt('README') + 16, 12),
      ['/README (inode 2) has block 12, which belongs to the tables of the file system'],
    ],
    [
      'a block that is free in the bitmap',
      (image) => image.bit(16 * BLOCK, XV6_DATA + 1, 0),
      [`block ${XV6_DATA + 1} is in use by /README (inode 2) and is free in the bitmap`],
    ],
    [
      'neighbouring blocks that no file has',
      (image) => [300, 301, 302].map((block) => image.bit(16 * BLOCK, block, 1)),
      ['blocks 300 to 302 are taken in the bitmap, but no file has them'],
    ],
    [
      'a wrong number of links',
      (image) => image.u16(image.inodeAt('README') + 6, 2),
      ['/README (inode 2) has 2 links by its inode, but 1 leads to it'],
    ],
    [
      "a folder that does not count its folders' ..",
      (image) => image.u16(image.inodeAt('a') + 6, 1),
      ['/a (inode 3) has 1 link by its inode, but 2 lead to it'],
    ],
    ['an inode without a name', (image) => image.u16(image.entryAt('', 2), 0), ['inode 2 is in use, but no folder has a name for it']],
    [
      'a name without an inode',
      (image) => image.u16(image.entryAt('', 2), 60),
      ['/ (inode 1) has an entry "README" that leads to inode 60, which is free', 'inode 2 is in use, but no folder has a name for it'],
    ],
    [
      'a wrong ..',
      (image) => image.u16(image.entryAt('a/b', 1), 1),
      ['/a/b (inode 4) has an entry ".." that leads to inode 1 instead of 3'],
    ],
    [
      'no .',
      (image) => image.put(image.entryAt('a/b', 0) + 2, 'x'),
      ['/a/b (inode 4) has an entry "x" that leads to inode 4, a folder that has a name already', '/a/b (inode 4) has no entry "."'],
    ],
    [
      'a size without blocks',
      (image) => image.u32(image.inodeAt('README') + 8, 3 * BLOCK),
      ['/README (inode 2) has 3072 bytes by its size, for which 2 of 3 blocks are missing'],
    ],
  ];

  it.each(cases)('%s', async (_, breaks, sentences) => {
    const image = made();
    breaks(image);
    expect(await sound(image, '[]')).toEqual(sentences);
  });

  it('a block of pointers that points to itself', async () => {
    const image = new Xv6Image({ long: new Uint8Array(300 * BLOCK).fill(7) }, { direct: 11 });
    const double = image.get32(image.inodeAt('long') + 12 + 4 * 12);
    image.u32(double * BLOCK, double);
    expect((await soundnessOf('xv6-big-files', image.bytes))[0]).toBe(`block ${double} is used twice by /long (inode 2)`);
  });

  it('folders that are below each other, but not below the root', async () => {
    const image = made();
    image.u16(image.entryAt('', 3), 0).u16(image.entryAt('a/b', 1), 3);
    expect(await sound(image, '[links]')).toEqual([3, 4, 5].map((id) => `inode ${id} is in use, but no folder has a name for it`));
  });

  it.each([
    ['the magic number', (image: Xv6Image) => image.u32(BLOCK, 1), 'there is no file system of xv6 on the disk'],
    ['more blocks than the disk has', (image: Xv6Image) => image.u32(BLOCK + 4, 401), 'has 401 blocks, but the disk has 400'],
    ['areas in each other', (image: Xv6Image) => image.u32(BLOCK + 24, 30), 'are not one after the other'],
    ['a root that is a file', (image: Xv6Image) => image.u16(image.inodeAt(''), 2), 'inode 1, the root, is not a folder'],
  ])('%s', async (_, breaks, sentence) => {
    const image = made();
    breaks(image);
    expect((await sound(image)).join()).toContain(sentence);
  });

  it('a disk that is too small for it', async () => {
    expect(await soundnessOf('xv6', new Uint8Array(512))).toEqual(['the file system goes on at byte 1024, but the disk ends at 512']);
  });
});
