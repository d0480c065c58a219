import { describe, expect, it } from 'vitest';
import type { MachineStop } from '../ports.ts';
import { createTestFinisher } from './test-finisher.ts';

function finish(value: number, width: 2 | 4 = 4, offset = 0): MachineStop[] {
  const stops: MachineStop[] = [];
  createTestFinisher((stop) => stops.push(stop)).write(offset, value, width);
  return stops;
}

describe('test finisher', () => {
  it('passes with exit code 0', () => expect(finish(0x5555)).toEqual([{ reason: 'exit', code: 0 }]));
  it('fails with the code in the upper half', () => expect(finish(0xffff3333)).toEqual([{ reason: 'exit', code: 0xffff }]));
  it('fails with code 0 by a 16-bit store', () => expect(finish(0x3333, 2)).toEqual([{ reason: 'exit', code: 0 }]));
  it('resets', () => expect(finish(0x7777)).toEqual([{ reason: 'reset' }]));
  it('ignores other commands and offsets', () => expect([...finish(0x1234), ...finish(0x5555, 4, 4)]).toEqual([]));
  it('reads as zero, and takes no bytes', () => {
    const device = createTestFinisher(() => {});
    expect(device.read(0, 4)).toBe(0);
    expect(device.widths).toEqual([2, 4]);
  });
});
