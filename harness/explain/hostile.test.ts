/** Debug information that is changed anywhere, through a whole explanation: the answers may lose their lines, and take a bounded amount of work. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../machine/testkit/random.ts';
import { readElf } from '../run/elf.ts';
import { sampleKernel } from '../testkit/sample-kernels.ts';
import { KernelCode } from './code.ts';
import { Budget } from './dwarf/budget.ts';
import { KernelFile, kernelFile } from './kernel-file.ts';

/** Changed kernels of each sample, and changes in each. */
const CASES = 40;
const CHANGES = 30;
/** Units of work for one explanation. */
const WORK = 40_000_000;

/** Where sections of debug information, symbols and their tables lie in the file. */
function debugParts(kernel: Uint8Array): { from: number; length: number }[] {
  const file = Buffer.from(kernel);
  const sections = [...readElf(kernel).sections.values()].filter(({ name }) => /^\.(debug_|symtab|strtab|eh_frame)/.test(name));
  return sections.filter(({ bytes }) => bytes.length > 0).map(({ bytes }) => ({ from: file.indexOf(bytes), length: bytes.length }));
}

function changed(kernel: Uint8Array, parts: readonly { from: number; length: number }[], random: Random): Uint8Array {
  const copy = Uint8Array.from(kernel);
  for (let change = 0; change < CHANGES; change++) {
    const { from, length } = random.pick(parts);
    const at = from + random.below(length);
    copy[at] = random.below(2) === 0 ? copy[at]! ^ (1 << random.below(8)) : random.pick([0, 0x7f, 0x80, 0xff]);
  }
  return copy;
}

/** Offsets in an ELF64 section header, and its size (System V gABI). */
const [TYPE, OFFSET, SIZE, LINK, HEADER] = [4, 24, 32, 40, 64];

it('symbols may all have a long name: it is read when somebody asks for it', () => {
  const names = Buffer.alloc(8192, 'x');
  names[8191] = 0;
  const symbol = Buffer.alloc(24);
  symbol.writeUInt32LE(4100, 0);
  symbol.set([2, 0, 1, 0], 4);
  const symbols = Buffer.concat(new Array<Buffer>(200_000).fill(symbol));
  const headers = Buffer.alloc(3 * HEADER);
  const place = (index: number, type: number, offset: number, size: number) => {
    headers.writeUInt32LE(type, index * HEADER + TYPE);
    headers.writeBigUInt64LE(BigInt(offset), index * HEADER + OFFSET);
    headers.writeBigUInt64LE(BigInt(size), index * HEADER + SIZE);
    headers.writeUInt32LE(1, index * HEADER + LINK);
  };
  const file = Buffer.concat([Buffer.alloc(HEADER), names, symbols, headers]);
  place(1, 3, HEADER, names.length);
  place(2, 2, HEADER + names.length, symbols.length);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeBigUInt64LE(BigInt(file.length - headers.length), 40);
  file.writeUInt16LE(HEADER, 58);
  file.writeUInt16LE(3, 60);
  file.writeUInt16LE(1, 62);
  file.set(headers, file.length - headers.length);
  const kept = readElf(file).symbols;
  expect(kept).toHaveLength(200_000);
  // What changes in the file afterwards is seen, so nobody has kept 200,000 names.
  expect(kept[7]!.name).toHaveLength(4091);
  file.fill('y', HEADER + 4100, HEADER + 4110);
  expect(kept[7]!.name.slice(0, 11)).toBe('yyyyyyyyyyx');
});

describe.each([
  ['writable-data', 0x8020_07fan],
  ['ostd-writable-data', 0xffff_ffff_8024_7592n],
])('%s with its debug information changed', (name, pc) => {
  it('is explained as far as it goes, with bounded work', () => {
    const kernel = sampleKernel(name);
    const parts = debugParts(kernel);
    expect(parts.length).toBeGreaterThan(5);
    const registers = Array.from({ length: 32 }, (_, n) => pc + BigInt(8 * n));
    const snapshot = { pc, registers, stack: new Uint8Array(16_384).fill(0x80) };
    expect(new KernelCode(kernelFile(kernel)).stack(snapshot).places[0]!.frames[0]!.line).toBeGreaterThan(0);
    const random = new Random(13);
    for (let index = 0; index < CASES; index++) {
      const budget = new Budget(WORK);
      const { places, notes } = new KernelCode(new KernelFile(changed(kernel, parts, random), budget)).stack(snapshot);
      expect(places[0]!.address).toBe(`0x${pc.toString(16)}`);
      expect(budget.left >= 0 || notes.some((note) => note.includes('too large'))).toBe(true);
    }
  }, 120_000);
});
