import { describe, expect, it } from 'vitest';
import { FlatMemory } from '../../testkit/flat-memory.ts';
import { gather, scatter, totalLength, unmappedLength } from './buffer.ts';

const RAM = 0x8000_0000n;
const END = RAM + 0x1000n;

function setup() {
  const memory = new FlatMemory(RAM, 0x1000);
  for (let i = 0; i < 0x1000; i++) memory.bytes[i] = (i % 255) + 1;
  return memory;
}
const ramByte = (offset: number): number => (offset % 255) + 1;

describe('unmappedLength', () => {
  const cases: [string, bigint, number, number][] = [
    ['inside RAM', RAM, 0x1000, 0],
    ['below RAM', 0x1000n, 512, 512],
    ['into RAM', RAM - 3n, 10, 3],
    ['out of RAM', END - 7n, 1000, 993],
    ['over the end of the address space', 0xffff_ffff_ffff_fff0n, 32, 32],
    ['4 GiB long', RAM, 0xffff_ffff, 0xffff_ffff - 0x1000],
    ['one byte', END, 1, 1],
    ['empty', END, 0, 0],
  ];
  it.each(cases)('%s', (_, address, length, expected) => expect(unmappedLength(setup(), { address, length })).toBe(expected));
});

it('addresses wrap at 2^64', () => {
  const memory = new FlatMemory(0n, 16);
  memory.bytes.fill(9);
  const around = { address: 0xffff_ffff_ffff_fffen, length: 4 };
  expect([unmappedLength(memory, around), [...gather(memory, [around], 0, 4)]]).toEqual([2, [0, 0, 9, 9]]);
});

describe('gather', () => {
  const buffers = [
    { address: RAM, length: 4 },
    { address: END - 2n, length: 4 },
    { address: RAM + 100n, length: 3 },
  ];
  it('reads the buffers as one string, zeros where there is no RAM', () => {
    expect(totalLength(buffers)).toBe(11);
    const expected = [1, 2, 3, 4, ramByte(0xffe), ramByte(0xfff), 0, 0, 101, 102, 103];
    expect([...gather(setup(), buffers, 0, 11)]).toEqual(expected);
    expect([...gather(setup(), buffers, 3, 6)]).toEqual(expected.slice(3, 9));
  });
  it('stops at the end', () => {
    expect(gather(setup(), buffers, 9, 100).length).toBe(2);
    expect(gather(setup(), buffers, 11, 5).length).toBe(0);
  });
  it('reads little of a huge buffer', () => {
    expect([...gather(setup(), [{ address: RAM, length: 0xffff_ffff }], 0x10_0000, 2)]).toEqual([0, 0]);
  });
});

describe('scatter', () => {
  it('writes what is RAM and loses the rest', () => {
    const memory = setup();
    const buffers = [
      { address: RAM, length: 2 },
      { address: END - 1n, length: 2 },
      { address: RAM + 10n, length: 2 },
    ];
    scatter(memory, buffers, 1, Uint8Array.of(201, 202, 203, 204));
    expect([memory.bytes[0], memory.bytes[1], memory.bytes[0xfff], memory.bytes[10], memory.bytes[11]]).toEqual([1, 201, 202, 204, 12]);
  });
});
