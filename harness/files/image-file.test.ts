import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OverlayDisk } from '../run/overlay-disk.ts';
import { openImageFile } from './image-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-file-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function image(bytes: Uint8Array): string {
  const file = join(folder, 'disk.img');
  writeFileSync(file, bytes);
  return file;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

describe('a disk over a file', () => {
  it('reads the file, and writes it at once', () => {
    const file = image(Buffer.alloc(2048, 'a'));
    const disk = openImageFile(file, { readOnly: false });
    expect(disk.size).toBe(2048);
    disk.write(1000, Buffer.from('hello'));
    expect(text(disk.read(999, 7))).toBe('ahelloa');
    expect(readFileSync(file).subarray(999, 1006).toString()).toBe('ahelloa');
    expect(readFileSync(file)).toHaveLength(2048);
    disk.flush();
    disk.close();
  });

  // As `qemu-io -f raw` of QEMU 10 does with a file of 1000 bytes: length 1 KiB, zeroes at the end, 1024 bytes after a write there.
  it('rounds an odd size up to whole sectors, and grows the file only when the last one is written', () => {
    const file = image(Buffer.alloc(1000, 'a'));
    const disk = openImageFile(file, { readOnly: false });
    expect(disk.size).toBe(1024);
    expect([...disk.read(996, 8)]).toEqual([0x61, 0x61, 0x61, 0x61, 0, 0, 0, 0]);
    expect(statSync(file).size).toBe(1000);
    disk.write(512, new Uint8Array(512).fill(0x62));
    expect(readFileSync(file).toString()).toBe('a'.repeat(512) + 'b'.repeat(512));
    disk.close();
  });

  it('opens a file that may only be read', () => {
    const file = image(Buffer.alloc(512, 'a'));
    chmodSync(file, 0o444);
    const disk = openImageFile(file, { readOnly: true });
    expect(disk.readOnly).toBe(true);
    expect(() => disk.write(0, Buffer.from('b'))).toThrow('read-only');
    disk.close();
    expect(text(readFileSync(file))).toBe('a'.repeat(512));
  });

  it('keeps the bytes of a file under an overlay', () => {
    const file = image(Buffer.alloc(1000, 'a'));
    const disk = openImageFile(file, { readOnly: true });
    const overlay = new OverlayDisk(disk);
    overlay.write(510, Buffer.from('xyzzy'));
    expect(text(overlay.read(509, 7))).toBe('axyzzya');
    disk.close();
    expect(text(readFileSync(file))).toBe('a'.repeat(1000));
  });
});

describe('an image that cannot be used', () => {
  it('is not created', () => {
    const file = join(folder, 'none.img');
    expect(() => openImageFile(file, { readOnly: false })).toThrow(`cannot open the image ${file}: no such file`);
    expect(existsSync(file)).toBe(false);
  });

  it('may be a directory, empty, or no file at all', () => {
    expect(() => openImageFile(folder, { readOnly: true })).toThrow(`the image ${folder} is a folder, not an image`);
    expect(() => openImageFile(folder, { readOnly: false })).toThrow(`cannot open the image ${folder}: it is a folder`);
    const empty = image(new Uint8Array());
    expect(() => openImageFile(empty, { readOnly: false })).toThrow(
      `the image ${empty} is empty; make an image of 64 MiB with: truncate -s 64M FILE`,
    );
    expect(() => openImageFile('/dev/null', { readOnly: false })).toThrow('the image /dev/null is not a regular file');
  });
});
