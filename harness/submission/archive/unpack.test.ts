import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tar, tarGz, type ZipMember, zip } from '../../testkit/archives.ts';
import type { Tree } from '../tree.ts';
import { Budget, type Limits } from './budget.ts';
import { unpack } from './unpack.ts';

const LIMITS: Limits = { entries: 100, bytes: 1 << 20, ratio: 50, harmless: 1 << 16 };
let root: string;
let made = 0;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-unpack-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function unpacked(bytes: Buffer, limits: Partial<Limits> = {}) {
  const archive = join(root, `archive-${made++}`);
  writeFileSync(archive, bytes);
  const folder = join(root, `contents-${made}`);
  mkdirSync(folder);
  return unpack(archive, folder, new Budget({ ...LIMITS, ...limits }, bytes.length));
}

/** Every path to its content, or to what it is. */
async function files(bytes: Buffer, limits: Partial<Limits> = {}): Promise<Record<string, string>> {
  const result = await unpacked(bytes, limits);
  if ('problem' in result) throw new Error(result.problem);
  expect(result.problems).toEqual([]);
  return Object.fromEntries(walk(result.tree, ''));
}

function walk(tree: Tree, folder: string): [string, string][] {
  return tree.list(folder)!.flatMap(({ name, kind }): [string, string][] => {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (kind === 'folder') return walk(tree, path);
    const opened = tree.open(path);
    return [[path, 'path' in opened ? readFileSync(opened.path, 'utf8') : opened.problem]];
  });
}

/** The one sentence that says what is wrong. */
async function problem(bytes: Buffer, limits: Partial<Limits> = {}): Promise<string> {
  const result = await unpacked(bytes, limits);
  if ('problem' in result) return result.problem;
  return result.problems.map((one) => one.problem).join('; ');
}

/** A tar with lab/kernel.elf, "the kernel", as liblzma 5 and zstd 1.5 compress it. */
const XZ =
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Af/AE5dADYYSG/FwT+O0BPcvFzYk26GD0i8s+vN+vyyQgSo/EatXtKey4yrH/MqXzJhm2gQ8Me5RarnsqtLFldsYyMM8F0wXMqQ+7UQ+fWgslDDAAAAACHGS/tC6jx1AAFqgBAAAADsH8WLscRn+wIAAAAABFla';
const ZSTD = 'KLUv/QRoTQIAgoMLEKDt3E8Wkfm/tVZAgoHlxBQGQRf0b4fgi36wyTy570L+O/P8v9WqWG1O2UhoAwggMDXPAfH54wEwMk8dUPLCJQKHQ6ZXB4w1dlk=';

const KERNEL = { name: 'lab/kernel.elf', data: 'the kernel\n' };

describe('what is read', () => {
  it('is a zip, deflated or stored, with or without the fields for large ones', async () => {
    const members: ZipMember[] = [
      { name: 'lab/', mode: 0o40755 },
      { ...KERNEL, mode: 0o100755 },
      { name: 'stored', data: 'as it is', method: 0 },
    ];
    const wanted = { 'lab/kernel.elf': 'the kernel\n', stored: 'as it is' };
    expect(await files(zip(members))).toEqual(wanted);
    expect(await files(zip(members, { zip64: true }))).toEqual(wanted);
  });

  it('is a tar, compressed by gzip, xz or zstd', async () => {
    const wanted = { 'lab/kernel.elf': 'the kernel\n' };
    expect(await files(tar([KERNEL]))).toEqual(wanted);
    expect(await files(tarGz([{ name: 'lab', type: '5' }, KERNEL]))).toEqual(wanted);
    expect(await files(Buffer.from(XZ, 'base64'))).toEqual(wanted);
    expect(await files(Buffer.from(ZSTD, 'base64'))).toEqual(wanted);
  });

  it('keeps for a build who may execute a file, and when it was changed', async () => {
    const result = await unpacked(tar([{ name: 'configure', mode: 0o755 }, { name: 'notes' }]));
    if ('problem' in result) throw new Error(result.problem);
    const modes = ['configure', 'notes'].map((file) => {
      const opened = result.tree.open(file);
      if (!('path' in opened)) throw new Error(opened.problem);
      const { mode, mtimeMs } = statSync(opened.path);
      return [mode & 0o777, mtimeMs];
    });
    // The members' time: octal 15000000000 seconds.
    expect(modes).toEqual([
      [0o700, 0o15000000000 * 1000],
      [0o600, 0o15000000000 * 1000],
    ]);
  });

  it('follows links that stay inside, as cargo leaves them', async () => {
    const members = [
      { name: 'target/deps/lab-1', data: 'the kernel' },
      { name: 'target/lab', type: '1', target: 'target/deps/lab-1' },
      { name: 'kernel.elf', type: '2', target: './target/../target/lab' },
      { name: 'gone', type: '2', target: 'nothing' },
      { name: 'round', type: '2', target: 'round' },
    ];
    expect(await files(tar(members))).toEqual({
      'target/deps/lab-1': 'the kernel',
      'target/lab': 'the kernel',
      'kernel.elf': 'the kernel',
      gone: 'gone is a symbolic link that leads to nothing',
      round: 'round is a symbolic link that leads to nothing',
    });
    const linked = zip([
      { name: 'out', data: 'x' },
      { name: 'kernel.elf', data: 'out', mode: 0o120777 },
    ]);
    expect(await files(linked)).toEqual({ out: 'x', 'kernel.elf': 'x' });
  });
});

describe('names', () => {
  const namesOf = async (bytes: Buffer) => Object.keys(await files(bytes)).sort();

  it('are UTF-8 in NFC where the archive says so, or where they can be', async () => {
    expect(await namesOf(zip([{ name: 'ju\u0308rgen.elf', flags: 0x800 }]))).toEqual(['j\u00fcrgen.elf']);
    expect(await namesOf(zip([{ name: 'ju\u0308rgen.elf' }]))).toEqual(['j\u00fcrgen.elf']);
    expect(await namesOf(tar([{ name: 'ju\u0308rgen.elf' }]))).toEqual(['j\u00fcrgen.elf']);
  });

  it.each([
    // As the code pages of the Unicode Consortium have these bytes.
    ['code page 437', 'J\\x81rgen Gr\\x94\\xe1e.elf', 'Jürgen Größe.elf'],
    ['Shift-JIS', '\\x93\\x63\\x92\\x86/\\x83\\x5c\\x81\\x5b\\x83\\x58.c', '田中/ソース.c'],
    ['GBK', '\\xd5\\xc5\\xc8\\xfd/\\xca\\xb5\\xd1\\xe9.c', '张三/实验.c'],
  ])('are read in %s where a zip does not say', async (_, escaped, wanted) => {
    const bytes = Buffer.from(
      escaped.replace(/\\x([0-9a-f]{2})/g, (__, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      'latin1',
    );
    expect(await namesOf(zip([{ name: bytes, data: 'x' }]))).toEqual([wanted]);
  });

  it("are a zip's Unicode names where it has both", async () => {
    // Info-ZIP's field 0x7075: version, the CRC-32 of the other name, the name.
    const other = Buffer.from('J\x81rgen', 'latin1');
    const name = Buffer.from('Jürgen 田');
    const extra = Buffer.alloc(9);
    extra.writeUInt16LE(0x7075, 0);
    extra.writeUInt16LE(5 + name.length, 2);
    extra[4] = 1;
    // crc32 -a of the bytes 4a 81 72 67 65 6e.
    extra.writeUInt32LE((await import('node:zlib')).crc32(other), 5);
    expect(await namesOf(zip([{ name: other, data: 'x', extra: Buffer.concat([extra, name]) }]))).toEqual(['Jürgen 田']);
  });

  it('are Latin-1 in a tar that is not UTF-8', async () => {
    expect(await namesOf(tar([{ name: Buffer.from('J\xfcrgen Gr\xf6\xdfe', 'latin1') }]))).toEqual(['Jürgen Größe']);
  });

  it('have folders where a program for Windows wrote a backslash', async () => {
    expect(await namesOf(zip([{ name: 'lab\\kernel.elf', data: 'x' }]))).toEqual(['lab/kernel.elf']);
    expect(await namesOf(zip([{ name: 'lab\\kernel.elf', data: 'x', mode: 0o100644 }]))).toEqual(['lab\\kernel.elf']);
  });

  it('may be long, as pax has them', async () => {
    const name = `${'deep/'.repeat(40)}kernel.elf`;
    const packed = pack();
    packed.entry({ name }, 'x');
    packed.finalize();
    const pieces: Buffer[] = [];
    for await (const piece of packed) pieces.push(piece as Buffer);
    expect(await namesOf(Buffer.concat(pieces))).toEqual([name]);
  });
});

describe('what is refused', () => {
  const HARM = 'as only archives have that were made to do harm, or by a broken program';

  it.each([
    ['an absolute path', [{ name: '/etc/passwd', data: 'x' }], `/etc/passwd is an absolute path, ${HARM}`],
    ['a climbing path', [{ name: 'a/../../x', data: 'x' }], `a/../../x leads out of the archive, ${HARM}`],
    [
      'a symbolic link that climbs',
      [{ name: 'a/k', type: '2', target: '../../k' }],
      'a/k is a symbolic link that leads out of the archive',
    ],
    ['an absolute symbolic link', [{ name: 'k', type: '2', target: '/etc/passwd' }], 'k is a symbolic link that leads out of the archive'],
    [
      'a hard link to elsewhere',
      [{ name: 'k', type: '1', target: '/etc/passwd' }],
      'k is a hard link to /etc/passwd, which is not a file before it in the archive',
    ],
    [
      'a device',
      [{ name: 'k', type: '3' }],
      'k is a device, a pipe or a file of a kind that is not read; only files and folders can be handed in',
    ],
    [
      'a pipe',
      [{ name: 'k', type: '6' }],
      'k is a device, a pipe or a file of a kind that is not read; only files and folders can be handed in',
    ],
    ['the same name twice', [{ name: 'k' }, { name: './k' }], 'it holds ./k twice'],
    ['one name in two forms', [{ name: '\u00fc' }, { name: 'u\u0308' }], 'it holds \u00fc twice'],
    ['names in two cases', [{ name: 'lab/K.elf' }, { name: 'lab/k.elf' }], 'lab/k.elf and K.elf differ only in upper and lower case'],
    ['a file that is a folder', [{ name: 'a' }, { name: 'a/b' }], 'a/b lies in something that is not a folder'],
  ])('in a tar: %s', async (_, members, wanted) => {
    expect(await problem(tar(members))).toBe(wanted);
  });

  it('in a tar: what is no file, with bytes of its own, which end and are passed over', async () => {
    const data = 'x'.repeat(100_000);
    for (const type of ['S', '1', '2', '3', '5', '6']) {
      const result = await unpacked(tar([{ name: 'k', type, data, target: 'nothing' }, KERNEL]));
      // A folder has no bytes, whatever its header says: what follows is then no header.
      if ('problem' in result) expect([type, result.problem]).toEqual(['5', expect.stringMatching(/^it is damaged: /)]);
      else expect(result.tree.open(KERNEL.name), type).toHaveProperty('path');
    }
  });

  it.each<[string, ZipMember[], string]>([
    ['an absolute path', [{ name: '/etc/passwd', data: 'x' }], `/etc/passwd is an absolute path, ${HARM}`],
    ['a path on a drive', [{ name: 'C:\\x', data: 'x' }], `C:/x is an absolute path, ${HARM}`],
    ['a climbing path', [{ name: '../x', data: 'x' }], `../x leads out of the archive, ${HARM}`],
    ['a climbing path of Windows', [{ name: '..\\x', data: 'x' }], `../x leads out of the archive, ${HARM}`],
    ['a link that climbs', [{ name: 'k', data: '../k', mode: 0o120777 }], 'k is a symbolic link that leads out of the archive'],
    [
      'a device',
      [{ name: 'k', mode: 0o20644 }],
      'k is a device, a pipe or a file of a kind that is not read; only files and folders can be handed in',
    ],
    ['a password', [{ name: 'k', data: 'x', flags: 1 }], 'k is encrypted; pack it again without a password'],
    [
      'another compression',
      [{ name: 'k', data: 'x', method: 12 }],
      'k is compressed by method 12 of zip, and only "deflate" is read; pack it again',
    ],
    ['a wrong checksum', [{ name: 'k', data: 'x', claims: { crc: 1 } }], 'the checksum of a file in it is wrong'],
    ['a name too long', [{ name: 'x'.repeat(256), data: 'x' }], 'it holds a name that is too long for a file'],
    ['a NUL in a name', [{ name: 'a\0b', data: 'x' }], `a name in it holds a NUL, ${HARM}`],
    ['folders without end', [{ name: `${'a/'.repeat(101)}b` }], 'it holds folders inside folders, more than 100 deep'],
  ])('in a zip: %s', async (_, members, wanted) => {
    expect(await problem(zip(members))).toBe(wanted);
  });

  it('in a zip: less than it says', async () => {
    expect(await problem(zip([{ name: 'k', data: 'x', claims: { size: 1000 } }]))).toMatch(/^it is damaged: /);
  });

  it('too many entries', async () => {
    expect(await problem(tar(Array.from({ length: 101 }, (_, index) => ({ name: `f${index}` }))))).toBe(
      'it holds more than 100 files and folders',
    );
  });

  it('too many bytes, before they are all unpacked', async () => {
    const large = Buffer.alloc(4 << 20, 'no bomb, just large: its bytes do not repeat so often');
    const wanted = 'its files have more than 1 MiB';
    expect(await problem(zip([{ name: 'large', data: large, method: 0 }]))).toBe(wanted);
    expect(await problem(tar([{ name: 'large', data: large }]))).toBe(wanted);
  });

  it('more than so many times its own size', async () => {
    const zeros = Buffer.alloc(1 << 19);
    const wanted = 'it unpacks to more than 50 times its own size, as archives do that are made to fill a disk';
    expect(await problem(zip([{ name: 'zeros', data: zeros }]))).toBe(wanted);
    expect(await problem(zip([{ name: 'zeros', data: zeros, claims: { size: 10 } }]))).toMatch(/^it is damaged/);
    expect(await problem(gzipSync(tar([{ name: 'zeros', data: zeros }])))).toBe(wanted);
  });

  it('what it is not', async () => {
    expect(await problem(Buffer.from('a text'))).toBe('it is not an archive');
    expect(await problem(Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'))).toBe(
      'it is a RAR archive, which is not read: hand in a .zip or a .tar.gz',
    );
    expect(await problem(gzipSync('a text'))).toMatch(/^it (is damaged|ends too early)/);
  });

  it('what was cut off, wherever that was', async () => {
    const members = [KERNEL, { name: 'second', data: 'more' }];
    const archives = {
      zip: zip(members),
      tar: tar(members),
      gzip: tarGz(members),
      xz: Buffer.from(XZ, 'base64'),
      zstd: Buffer.from(ZSTD, 'base64'),
    };
    for (const [kind, whole] of Object.entries(archives)) {
      // A tar may lack its second empty block.
      const last = kind === 'tar' ? whole.length - 513 : whole.length - 1;
      for (let length = 300; length <= last; length += kind === 'tar' ? 64 : 7) {
        expect(await problem(whole.subarray(0, length)), `${kind}, ${length} bytes`).toMatch(/^it (is|ends)|^$/);
        expect(await problem(whole.subarray(0, length)), `${kind}, ${length} bytes`).not.toBe('');
      }
    }
  });
});
