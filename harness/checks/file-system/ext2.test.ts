/** The reader of ext2, ext3 and ext4: against what mke2fs makes, what debugfs breaks, and what e2fsck says of it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { expectFailed, expectPassed } from '../../testkit/checks.ts';
import { EXT2_BLOCK_BITMAP, Ext2Image } from '../../testkit/ext2-image.ts';
import { judgeImage, soundnessOf } from '../../testkit/image-checks.ts';

const BLOCK = 1024;
const BIG = Uint8Array.from({ length: 700_000 }, (_, index) => (index * 7) % 251);
const SHA256_OF_BIG = createHash('sha256').update(BIG).digest('hex');

let folder: string;
const fileOf = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-ext2-'));
  mkdirSync(fileOf('tree/a/b'), { recursive: true });
  writeFileSync(fileOf('tree/hello'), 'hello\n', { mode: 0o640 });
  writeFileSync(fileOf('tree/big'), BIG);
  linkSync(fileOf('tree/hello'), fileOf('tree/a/hard'));
  symlinkSync('../hello', fileOf('tree/a/short'));
  symlinkSync('x'.repeat(100), fileOf('tree/a/long'));
  // A file with a hole at its beginning.
  writeFileSync(fileOf('tree/sparse'), '');
  truncateSync(fileOf('tree/sparse'), 300_000);
  writeFileSync(fileOf('tree/sparse'), 'end', { flag: 'a' });
  for (let index = 0; index < 150; index++) writeFileSync(fileOf(`tree/a/b/file-${index}`), String(index));
});
afterAll(() => rmSync(folder, { recursive: true }));

function mke2fs(name: string, ...options: string[]): Uint8Array {
  execFileSync('mke2fs', ['-q', '-F', ...options.slice(0, -1), '-d', fileOf('tree'), fileOf(name), options.at(-1)!], { stdio: 'pipe' });
  return readFileSync(fileOf(name));
}

/** Whether e2fsck finds nothing to mend. */
function isSoundForE2fsck(bytes: Uint8Array): boolean {
  writeFileSync(fileOf('checked.img'), bytes);
  return spawnSync('e2fsck', ['-fn', fileOf('checked.img')]).status === 0;
}

describe.skipIf(lacks('e2fsprogs'))('what mke2fs makes', () => {
  it.each([
    ['ext2 with small blocks', ['-t', 'ext2', '-b', '1024', '8M']],
    ['ext2 in its first form', ['-t', 'ext2', '-r', '0', '-b', '2048', '8M']],
    ['ext2 of several groups', ['-t', 'ext2', '-b', '1024', '-g', '2048', '16M']],
    ['ext3', ['-t', 'ext3', '-b', '1024', '16M']],
    ['ext4', ['-t', 'ext4', '32M']],
  ])('is read, and sound: %s', async (name, options) => {
    const bytes = mke2fs('made.img', ...options);
    const judged = (rest: string) => judgeImage(`{ file-system: ext2, ${rest} }`, bytes);
    expect(await soundnessOf('ext2', bytes), name).toEqual([]);
    expectPassed(await judged('path: /hello, equals: { text: "hello\\n" }, mode: "0640", links: 2, type: file'));
    expectPassed(await judged(`path: /big, size: 700000, sha256: ${SHA256_OF_BIG}`));
    expectPassed(await judged(`path: /sparse, size: 300003, sha256: ${sha256Of('tree/sparse')}`));
    expectPassed(await judged('path: /a/short, type: link, equals: { text: ../hello }'));
    expectPassed(await judged('path: /a/b/file-149, equals: { text: "149" }'));
    expectPassed(await judged('listing: [a/, big, hello, lost+found/, sparse]'));
    expectPassed(await judged(`path: /a, listing: [b/, hard, long -> ${'x'.repeat(100)}, short -> ../hello]`));
  });
});

function sha256Of(name: string): string {
  return createHash('sha256')
    .update(readFileSync(fileOf(name)))
    .digest('hex');
}

describe.skipIf(lacks('e2fsprogs'))('what debugfs breaks', () => {
  const hello = /\/hello \(inode \d+\)|\/a\/hard \(inode \d+\)/;
  it.each([
    ['set_inode_field /hello links_count 7', [hello, /has 7 links by its inode, but 2 lead to it/]],
    ['set_inode_field /big size 5', [/^\/big \(inode \d+\) has 5 bytes by its size, but blocks beyond them$/m]],
    ['set_inode_field /big blocks 2', [/^\/big \(inode \d+\) has 2 sectors by its inode, but its blocks are \d+ of them$/m]],
    ['set_inode_field /hello block[0] 5', [hello, /has block 5, which belongs to the tables of the file system/]],
    ['set_inode_field /hello block[0] 99999', [hello, /has block 99999, but the file system ends before block 8192/]],
    ['freei /big', [/^\/big \(inode \d+\) is in use, and the inode is free in the bitmap$/m]],
    ['freeb 1000', [/^block 1000 is in use by .* and is free in the bitmap$/m]],
    ['setb 8000 3', [/^blocks 8000 to 8002 are taken in the bitmap, but no file has them$/m]],
    ['clri /big', [/has an entry "big" that leads to inode \d+, which is free/]],
    ['unlink /big', [/^inode \d+ is in use, but no folder has a name for it$/m]],
    ['set_bg 0 free_inodes_count 3', [/^group 0 has 3 free inodes by its descriptor, but \d+ when they are counted$/m]],
  ])('is found, by e2fsck as well: %s', async (command, sentences) => {
    mke2fs('broken.img', '-t', 'ext2', '-b', '1024', '8M');
    execFileSync('debugfs', ['-w', '-R', command, fileOf('broken.img')], { stdio: 'pipe' });
    const bytes = readFileSync(fileOf('broken.img'));
    const told = (await soundnessOf('ext2', bytes)).join('\n');
    for (const sentence of sentences) expect(told).toMatch(sentence);
    expect(isSoundForE2fsck(bytes)).toBe(false);
  });
});

describe('a small image', () => {
  const made = () => new Ext2Image({ README: 'hello\n', 'a/b/deep': 'x', long: BIG.subarray(0, 100 * BLOCK) });
  const sound = (image: Ext2Image) => soundnessOf('ext2', image.bytes);

  it('is sound, and its files are read through a block of pointers', async () => {
    expect(await sound(made())).toEqual([]);
    const digest = createHash('sha256')
      .update(BIG.subarray(0, 100 * BLOCK))
      .digest('hex');
    expectPassed(await judgeImage(`{ file-system: ext2, path: /long, sha256: ${digest} }`, made().bytes));
    expectPassed(await judgeImage('{ file-system: ext2, tree: [README, a/, a/b/, a/b/deep, long] }', made().bytes));
  });

  it.skipIf(lacks('e2fsprogs'))('is sound for e2fsck', () => expect(isSoundForE2fsck(made().bytes)).toBe(true));

  it.each([
    [
      'a block of two files',
      (image: Ext2Image) => image.u32(image.inodeAt('README') + 40, image.blockOf('long')),
      /^block \d+ is used by \/README \(inode 11\) and by \/long \(inode 15\)$/,
    ],
    [
      'a block of pointers that points to itself',
      (image: Ext2Image) => image.u32(image.get32(image.inodeAt('long') + 88) * BLOCK, image.get32(image.inodeAt('long') + 88)),
      /^block \d+ is used twice by \/long \(inode 15\)$/,
    ],
    [
      'a folder inside itself',
      (image: Ext2Image) => image.u32(image.blockOf('a/b') * BLOCK + 24, image.ids.get('a')!),
      /^\/a\/b \(inode 13\) has an entry "deep" that leads to inode 12, a folder that has a name already$/,
    ],
    [
      'an entry of no length',
      (image: Ext2Image) => image.u16(image.blockOf('a/b') * BLOCK + 4, 0),
      /^\/a\/b \(inode 13\) cannot be read: block 0 of the folder has an entry of a wrong length at byte 0$/,
    ],
    [
      'bits after the last block',
      (image: Ext2Image) => image.bit(EXT2_BLOCK_BITMAP * BLOCK, 8000, 0),
      /^the bitmap of blocks of group 0 has free bits after its last one$/,
    ],
  ])('says what is wrong: %s', async (_, breaks, sentence) => {
    const image = made();
    breaks(image);
    expect((await sound(image))[0]).toMatch(sentence);
    if (!lacks('e2fsprogs')) expect(isSoundForE2fsck(image.bytes)).toBe(false);
  });

  it.each([
    ['the magic number', (image: Ext2Image) => image.u16(BLOCK + 56, 1), 'there is no ext2 on the disk'],
    ['more blocks than the disk has', (image: Ext2Image) => image.u32(BLOCK + 4, 401), 'has 401 blocks, but the disk has 400'],
    ['no blocks in a group', (image: Ext2Image) => image.u32(BLOCK + 32, 0), 'do not go together'],
    ['a table outside', (image: Ext2Image) => image.u32(2 * BLOCK + 8, 5000), 'a file or a table has block 5000'],
  ])('is refused: %s', async (_, breaks, sentence) => {
    const image = made();
    breaks(image);
    expect(expectFailed(await judgeImage('{ file-system: ext2, sound: true }', image.bytes)).reason).toContain(sentence);
  });
});
