import { describe, expect, it } from 'vitest';
import { memoryDisk } from './memory-disk.ts';

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

describe('memoryDisk', () => {
  it('reads its initial image, and zeros beyond it', () => {
    const disk = memoryDisk(2048, filled(600, 7));
    expect([...disk.read(598, 4)]).toEqual([7, 7, 0, 0]);
    expect(disk.read(1024, 1024)).toEqual(filled(1024, 0));
  });

  it('keeps what is written at any offset, and leaves the initial image alone', () => {
    const initial = filled(2048, 7);
    const disk = memoryDisk(2048, initial);
    disk.write(510, filled(516, 9));
    expect([...disk.read(508, 4)]).toEqual([7, 7, 9, 9]);
    expect([...disk.read(1024, 4)]).toEqual([9, 9, 7, 7]);
    expect(disk.read(0, 2048).filter((byte) => byte === 9).length).toBe(516);
    expect(initial).toEqual(filled(2048, 7));
  });

  it('does not hold on to the bytes that it was given', () => {
    const disk = memoryDisk(512);
    const bytes = filled(512, 1);
    disk.write(0, bytes);
    bytes.fill(2);
    expect(disk.read(0, 1)[0]).toBe(1);
  });

  it('holds only the sectors that were written', () => {
    const disk = memoryDisk(2 ** 40);
    disk.write(2 ** 39 + 100, filled(512, 1));
    expect([...disk.written.keys()]).toEqual([2 ** 30, 2 ** 30 + 1]);
    expect(disk.read(2 ** 40 - 512, 512)).toEqual(filled(512, 0));
  });

  it('refuses odd sizes and what lies outside', () => {
    expect(() => memoryDisk(1000)).toThrow(RangeError);
    expect(() => memoryDisk(512, filled(513, 0))).toThrow(RangeError);
    const disk = memoryDisk(512);
    expect(() => disk.read(1, 512)).toThrow(RangeError);
    expect(() => disk.write(-1, filled(1, 0))).toThrow(RangeError);
  });
});
