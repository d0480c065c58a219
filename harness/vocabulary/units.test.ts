import { describe, expect, it } from 'vitest';
import { parseLimit, parseSize } from './units.ts';

describe('sizes', () => {
  it('are powers of 1024, as QEMU has them', () => {
    expect(parseSize('4K')).toBe(4096);
    expect(parseSize('64M')).toBe(67_108_864);
    expect(parseSize('1G')).toBe(1_073_741_824);
  });

  it('need their unit, and no other', () => {
    for (const text of ['64', '64MB', '64 M', '64m', '0M', '1.5G', '-1M', '', '99999999999G']) expect(parseSize(text)).toBeNull();
  });
});

describe('limits', () => {
  it('are guest time or instructions (powers of 1000)', () => {
    expect(parseLimit('10s guest')).toEqual({ text: '10s guest', nanoseconds: 10_000_000_000 });
    expect(parseLimit('250ms guest')).toEqual({ text: '250ms guest', nanoseconds: 250_000_000 });
    expect(parseLimit('10G instructions')).toEqual({ text: '10G instructions', nanoseconds: 10_000_000_000 });
    expect(parseLimit('500 instructions')).toEqual({ text: '500 instructions', nanoseconds: 500 });
  });

  it('need both number and unit', () => {
    for (const text of ['10s', '10G', '10 s guest', '10s host', '0s guest', '10m guest', '', '99999999999s guest'])
      expect(parseLimit(text)).toBeNull();
  });
});
