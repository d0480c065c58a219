import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_CONTENT, MOST_HELD, OverlayDisk } from './overlay-disk.ts';

function image(bytes: Uint8Array) {
  return { size: bytes.length, read: (offset: number, length: number) => bytes.subarray(offset, offset + length) };
}

describe('OverlayDisk', () => {
  it('leaves the image alone', () => {
    const bytes = new Uint8Array(1024).fill(7);
    const disk = new OverlayDisk(image(bytes));
    disk.write(0, new Uint8Array(512).fill(9));
    disk.read(0, 4).fill(1);
    expect(bytes.every((byte) => byte === 7)).toBe(true);
    expect([...disk.read(510, 4)]).toEqual([9, 9, 7, 7]);
  });

  it('reports the sectors that differ in the end, ascending, and holds only what was written', () => {
    const disk = new OverlayDisk(image(new Uint8Array(64 * 512)));
    disk.write(10 * 512, new Uint8Array(512).fill(1));
    disk.write(2 * 512 + 100, Uint8Array.of(5));
    disk.write(7 * 512, new Uint8Array(512).fill(3));
    disk.write(7 * 512, new Uint8Array(512));
    expect(disk.changed().map(({ sector }) => sector)).toEqual([2, 10]);
    expect(disk.changed()[0]!.bytes[100]).toBe(5);
  });

  it('drops what has no room before it is written, and says so', () => {
    let told = 0;
    const size = MOST_HELD + 4 * 512;
    const disk = new OverlayDisk({ size, read: (_, length) => new Uint8Array(length) }, { full: () => told++ });
    for (let at = 0; at < MOST_HELD; at += 1 << 20) disk.write(at, new Uint8Array(1 << 20));
    expect([disk.overflow, told]).toEqual([undefined, 0]);
    disk.write(MOST_HELD, Uint8Array.of(1));
    expect([disk.overflow, told]).toEqual(['128 MiB', 1]);
    expect([...disk.read(MOST_HELD, 1)]).toEqual([0]);
  });

  it('holds fewer sectors where they are full of data', () => {
    const disk = new OverlayDisk({ size: 2 * MOST_CONTENT, read: (_, length) => new Uint8Array(length) });
    const random = new Uint8Array(1 << 20).fill(0xa5);
    for (let at = 0; at < 2 * MOST_CONTENT; at += 1 << 20) disk.write(at, random);
    expect(disk.overflow).toBe('8 MiB of data (zeroes not counted)');
    expect(disk.changed().length * 512).toBeLessThanOrEqual(MOST_CONTENT + 4096);
  });

  it('behaves as plain memory, over a size that is not a whole number of sectors as well', () => {
    const size = 1300;
    const access = fc
      .integer({ min: 0, max: size - 1 })
      .chain((offset) => fc.tuple(fc.constant(offset), fc.uint8Array({ maxLength: size - offset })));
    fc.assert(
      fc.property(fc.array(access, { maxLength: 8 }), (writes) => {
        const initial = Uint8Array.from({ length: size }, (_, at) => at & 0xff);
        const model = initial.slice();
        const disk = new OverlayDisk(image(initial));
        for (const [offset, bytes] of writes) {
          disk.write(offset, bytes);
          model.set(bytes, offset);
          expect(disk.read(offset, bytes.length)).toEqual(bytes);
        }
        expect(disk.read(0, size)).toEqual(model);
        const rebuilt = initial.slice();
        for (const { sector, bytes } of disk.changed()) rebuilt.set(bytes, sector * 512);
        expect(rebuilt).toEqual(model);
      }),
    );
  });
});
