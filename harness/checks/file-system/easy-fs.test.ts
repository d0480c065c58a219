/** The reader of easy-fs, against images laid out as its layout.rs says, sound and broken. */
import { describe, expect, it } from 'vitest';
import { expectFailed, expectPassed } from '../../testkit/checks.ts';
import { EASY_FS_BITMAP, EASY_FS_DATA, EasyFsImage } from '../../testkit/easy-fs-image.ts';
import { judgeImage, soundnessOf } from '../../testkit/image-checks.ts';

const BLOCK = 512;
/** 28 blocks by the inode, 128 by one block of pointers, the rest by two levels of them. */
const LONG = Uint8Array.from({ length: 170 * BLOCK }, (_, index) => index % 251);
const FILES = { initproc: 'hello\n', long: LONG, 'folder/below': 'x' };
const made = () => new EasyFsImage(FILES);
const sound = (image: EasyFsImage) => soundnessOf('easy-fs', image.bytes);

describe('a sound image', () => {
  it('is read through two levels of pointers', async () => {
    expect(await sound(made())).toEqual([]);
    const text = await judgeImage(
      '{ file-system: easy-fs, path: /long, size: 87040, contains: "\\u0000\\u0001\\u0002\\u0003" }',
      made().bytes,
    );
    expectPassed(text);
    expectPassed(await judgeImage('{ file-system: easy-fs, tree: [initproc, long, folder/, folder/below] }', made().bytes));
  });

  it('may have entries that were taken away, and pointers beyond the size', async () => {
    const image = made();
    image.u32(image.inodeAt('initproc') + 8, 9999);
    const root = image.blockOf('') * BLOCK;
    const [first, second] = [image.bytes.slice(root, root + 32), image.bytes.slice(root + 32, root + 64)];
    image.put(root, new Uint8Array(32)).put(root + 32, second);
    // The inode that has lost its name is free as well.
    image.bit(BLOCK, first[28]!, 0).bit(EASY_FS_BITMAP * BLOCK, image.blockOf('initproc') - EASY_FS_DATA, 0);
    expect(await sound(image)).toEqual([]);
  });
});

describe('what is wrong', () => {
  const cases: [string, (image: EasyFsImage) => unknown, string[]][] = [
    [
      'a block of two files',
      (image) => image.u32(image.inodeAt('folder/below') + 4, image.blockOf('initproc')),
      [
        `block ${EASY_FS_DATA + 1} is used by /initproc (inode 1) and by /folder/below (inode 4)`,
        'block 195 is taken in the bitmap, but no file has it',
      ],
    ],
    [
      'a block that is free in the bitmap',
      (image) => image.bit(EASY_FS_BITMAP * BLOCK, 1, 0),
      [`block ${EASY_FS_DATA + 1} is in use by /initproc (inode 1) and is free in the bitmap`],
    ],
    [
      'a block that no file has',
      (image) => image.bit(EASY_FS_BITMAP * BLOCK, 399, 1),
      [`block ${EASY_FS_DATA + 399} is taken in the bitmap, but no file has it`],
    ],
    [
      'an inode that is free, but has a name',
      (image) => image.bit(BLOCK, 4, 0),
      [
        '/folder (inode 3) has an entry "below" that leads to inode 4, which is free',
        'block 195 is taken in the bitmap, but no file has it',
      ],
    ],
    ['an inode without a name', (image) => image.bit(BLOCK, 9, 1), ['inode 9 is in use, but no folder has a name for it']],
    [
      'a size without blocks',
      (image) => image.u32(image.inodeAt('initproc'), 2 * BLOCK),
      ['/initproc (inode 1) has 1024 bytes by its size, for which 1 of 2 blocks are missing'],
    ],
  ];

  it.each(cases)('%s', async (_, breaks, sentences) => {
    const image = made();
    breaks(image);
    expect(await sound(image)).toEqual(sentences);
  });

  it('a file whose block lies outside cannot be read', async () => {
    const image = made();
    image.u32(image.inodeAt('initproc') + 4, 0xffff_ffff);
    expect(expectFailed(await judgeImage('{ file-system: easy-fs, path: /initproc, contains: hello }', image.bytes)).reason).toBe(
      'a file has block 4294967295, but the file system ends before block 419',
    );
  });

  it.each([
    [
      'the magic number',
      (image: EasyFsImage) => image.u32(0, 1),
      'there is no easy-fs on the disk: it does not begin with its magic number',
    ],
    [
      'areas that end beyond it',
      (image: EasyFsImage) => image.u32(20, 401),
      'the areas that the superblock names end at block 420, the file system at block 419',
    ],
    ['a root that is a file', (image: EasyFsImage) => image.u8(image.inodeAt('') + 124, 0), 'inode 0, the root, is not a folder'],
  ])('%s', async (_, breaks, sentence) => {
    const image = made();
    breaks(image);
    expect(await sound(image)).toEqual([sentence]);
  });
});
