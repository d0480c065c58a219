import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { InitialImage } from './image.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('InitialImage', () => {
  const image = new InitialImage(4096, [
    { at: 2, bytes: bytes('Hello') },
    { at: 510, bytes: bytes('abcd') },
    { at: 1024, fill: 0xff, length: 512 },
    { at: 2048, fill: 0, length: 1024 },
  ]);

  it('reads extents over zeroes, also in part and across sectors', () => {
    expect(image.read(0, 8)).toEqual(new Uint8Array([0, 0, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0]));
    expect(image.read(4, 2)).toEqual(bytes('ll'));
    expect(image.read(509, 6)).toEqual(new Uint8Array([0, 0x61, 0x62, 0x63, 0x64, 0]));
    expect(image.read(1535, 2)).toEqual(new Uint8Array([0xff, 0]));
    expect(image.read(4096, 0)).toEqual(new Uint8Array(0));
    expect(() => image.read(4095, 2)).toThrow(RangeError);
  });

  it('names the sectors that hold anything, each once', () => {
    expect([...image.nonZeroSectors()].map(({ sector }) => sector)).toEqual([0, 1, 2]);
  });

  it('has an identity by its bytes: as documented, and the same for the same bytes', () => {
    const sector = Buffer.alloc(512);
    sector.write('Hello', 2);
    const expected = createHash('sha256').update('bootgrade/image/v1 1024\n').update(Buffer.alloc(8)).update(sector).digest('hex');
    expect(new InitialImage(1024, [{ at: 2, bytes: bytes('Hello') }]).sha256).toBe(expected);
    expect(
      new InitialImage(1024, [
        { at: 2, bytes: bytes('He') },
        { at: 4, bytes: bytes('llo\0') },
      ]).sha256,
    ).toBe(expected);
    expect(new InitialImage(1024, [{ at: 514, bytes: bytes('Hello') }]).sha256).not.toBe(expected);
    expect(new InitialImage(2048, [{ at: 2, bytes: bytes('Hello') }]).sha256).not.toBe(expected);
  });

  it('with other sectors: has their bytes there, and its own elsewhere', () => {
    const sectors = [1, 2, 5].map((sector) => ({ sector, bytes: new Uint8Array(512).fill(sector) }));
    const changed = image.with(sectors);
    const expected = image.read(0, 4096);
    for (const { sector, bytes: own } of sectors) expected.set(own, sector * 512);
    expect(changed.read(0, 4096)).toEqual(expected);
    for (let at = 0; at < 4096; at += 7)
      expect(changed.read(at, Math.min(600, 4096 - at))).toEqual(expected.subarray(at, Math.min(at + 600, 4096)));
    expect(changed.sha256).toBe(new InitialImage(4096, [{ at: 0, bytes: expected }]).sha256);
    expect(image.read(512, 2)).toEqual(bytes('cd'));
  });

  it('refuses what is not an image', () => {
    expect(() => new InitialImage(512, [{ at: 510, bytes: bytes('abc') }])).toThrow(RangeError);
    expect(() => new InitialImage(100, [])).toThrow(RangeError);
    expect(
      () =>
        new InitialImage(512, [
          { at: 4, bytes: bytes('a') },
          { at: 4, bytes: bytes('b') },
        ]),
    ).toThrow(RangeError);
  });
});
