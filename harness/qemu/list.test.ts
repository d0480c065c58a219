import { describe, expect, it } from 'vitest';
import { parseList, parseMemory, switchOf } from './list.ts';

const list = (text: string, implied?: string) => Object.fromEntries(parseList('-x', text, implied));

describe('parseList', () => {
  it('reads key=value, with a doubled comma as a comma of the value', () => {
    expect(list('file=a,,b=c.img,if=none')).toEqual({ file: 'a,b=c.img', if: 'none' });
    expect(list('file=a,,,if=none')).toEqual({ file: 'a,', if: 'none' });
  });

  it('knows the first key, and keys that are switches', () => {
    expect(list('virtio-blk-device,drive=x0', 'driver')).toEqual({ driver: 'virtio-blk-device', drive: 'x0' });
    expect(list('file=f,snapshot')).toEqual({ file: 'f', snapshot: 'on' });
  });

  it('refuses a part without a key', () => {
    expect(() => list('file=f,=x')).toThrow('-x file=f,=x: part 2 is not key=value');
  });
});

describe('switchOf', () => {
  it('takes the words of QEMU and no others', () => {
    expect(['on', 'yes', 'true', 'y', 'off', 'no', 'false', 'n'].map((text) => switchOf('-x', 'k', text))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(() => switchOf('-drive', 'readonly', 'maybe')).toThrow('-drive: readonly=maybe: say "on" or "off"');
    expect(() => switchOf('-drive', 'readonly', 'toString')).toThrow('say "on"');
  });
});

describe('parseMemory', () => {
  // 100K: the size of RAM that `info mtree` of QEMU 10 shows.
  it.each([
    ['1G', 2 ** 30],
    ['64', 64 * 2 ** 20],
    ['size=64', 64 * 2 ** 20],
    ['1.5g', 1.5 * 2 ** 30],
    ['100K', 0x1a000],
    ['0', 128 * 2 ** 20],
    ['3072', 3 * 2 ** 30],
    ['1048576B', 2 ** 20],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseMemory(text)).toBe(bytes);
  });

  it.each([
    ['4G', '-m 4G: this machine has at most 3G of RAM'],
    ['1GiB', '-m 1GiB: not a size; write for example 512M or 1G (MiB where the unit is left out)'],
    ['-1', '-m -1: not a size'],
    ['1G,slots=2,maxmem=2G', '-m slots=: this machine has no memory hotplug'],
    ['1G,foo=2', '-m: unknown key "foo"; known: size, slots, maxmem'],
  ])('%s is a mistake', (text, message) => {
    expect(() => parseMemory(text)).toThrow(message);
  });
});
