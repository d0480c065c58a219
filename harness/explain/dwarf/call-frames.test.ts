/** Call frame information by hand: which entry holds an address, and programs that want more than there is. */
import { describe, expect, it } from 'vitest';
import type { ElfFile } from '../../run/elf.ts';
import { Budget } from './budget.ts';
import { CallFrames } from './call-frames.ts';

const word = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
const double = (value: number) => [...word(value), ...word(0)];

/** What all functions have in common: version 1, data alignment -8, return address in x1; the frame begins at sp. */
const COMMON = [...word(16), ...word(0xffff_ffff), 1, 0, 1, 0x78, 1, 0x0c, 2, 0, 0, 0, 0, 0];

function entry(low: number, size: number, program: readonly number[] | Uint8Array): number[] {
  return [...word(4 + 16 + program.length), ...word(0), ...double(low), ...double(size), ...program];
}

function elfOf(entries: readonly (readonly number[])[]): ElfFile {
  const bytes = Uint8Array.from([COMMON, ...entries].flat());
  return {
    code: [],
    areas: [],
    segments: [],
    symbols: [],
    units: [],
    sections: new Map([['.debug_frame', { name: '.debug_frame', address: 0n, bytes }]]),
  };
}

const REGISTERS = Array.from({ length: 32 }, (_, n) => BigInt(0x1000 + 16 * n));
/** `offset x1, 1`: the return address lies 8 bytes below the frame. */
const SAVED = [0x81, 1];

const callerAt = (frames: CallFrames, pc: number) => frames.caller(BigInt(pc), REGISTERS, (address) => address)?.pc;

describe('call frame information', () => {
  it('is found by address, in whatever order its entries stand', () => {
    const frames = new CallFrames(elfOf([entry(0x300, 0x10, SAVED), entry(0x100, 0x10, SAVED), entry(0x200, 0x10, [])]), new Budget());
    expect(callerAt(frames, 0x104)).toBe(0x1020n - 8n);
    expect(callerAt(frames, 0x30f)).toBe(0x1020n - 8n);
    // Where nothing is said, the return address is still in x1.
    expect(callerAt(frames, 0x200)).toBe(0x1010n);
    expect([0xff, 0x110, 0x310].map((pc) => callerAt(frames, pc))).toEqual([undefined, undefined, undefined]);
  });

  it('takes the first of several entries for one address', () => {
    const frames = new CallFrames(elfOf([entry(0x100, 0x10, SAVED), entry(0x100, 0x10, [])]), new Budget());
    expect(callerAt(frames, 0x100)).toBe(0x1020n - 8n);
  });

  it('is searched in a number of steps that does not grow with the entries', () => {
    const many = Array.from({ length: 2000 }, (_, n) => entry(16 * n, 16, SAVED));
    const budget = new Budget();
    const frames = new CallFrames(elfOf(many), budget);
    callerAt(frames, 0);
    const before = budget.left;
    for (let n = 0; n < 100; n++) callerAt(frames, 16 * n);
    expect((before - budget.left) / 100).toBeLessThan(100);
  });

  it('knows the registers that there are, whatever a program sets', () => {
    // Each of a million registers is set, and all are remembered 64 times.
    const sets = Array.from({ length: 1_000_000 }, (_, n) => [0x08, 0x80 | (n & 0x7f), 0x80 | ((n >>> 7) & 0x7f), n >>> 14]).flat();
    const remembers = new Array<number>(64).fill(0x0a);
    const program = new Uint8Array(sets.length + remembers.length);
    program.set(sets);
    program.set(remembers, sets.length);
    const bytes = new Uint8Array(COMMON.length + 24 + program.length);
    bytes.set([...COMMON, ...word(20 + program.length), ...word(0), ...double(0x100), ...double(0x10)]);
    bytes.set(program, COMMON.length + 24);
    const elf: ElfFile = {
      code: [],
      areas: [],
      segments: [],
      symbols: [],
      units: [],
      sections: new Map([['.debug_frame', { name: '.debug_frame', address: 0n, bytes }]]),
    };
    const budget = new Budget();
    expect(callerAt(new CallFrames(elf, budget), 0x100)).toBe(0x1010n);
    // Four bytes, and so four reads, for each: nothing is paid for remembering what nobody asks for.
    expect(40_000_000 - budget.left).toBeLessThan(6_000_000);
  });

  it('may remember states without end, which is refused', () => {
    const frames = new CallFrames(elfOf([entry(0x100, 0x10, new Array<number>(65).fill(0x0a))]), new Budget());
    expect(() => callerAt(frames, 0x100)).toThrow('malformed');
  });
});
