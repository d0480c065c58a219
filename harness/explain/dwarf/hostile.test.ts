/** Debug information that is cut off, changed or made up: it may cost its lines, and never more than a bounded amount of work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ElfFile, readElf } from '../../run/elf.ts';
import { sampleKernel } from '../../testkit/sample-kernels.ts';
import { StackWalker } from '../call-stack.ts';
import { Budget } from './budget.ts';
import { DebugInfo } from './debug-info.ts';

const KERNEL = sampleKernel('writable-data');
const ELF = readElf(KERNEL);
const ADDRESSES = [0x8020_0000n, 0x8020_072cn, 0x8020_07fan, 0x8020_0158n];
const WORK = 2_000_000;

/** Asks for everything that an explanation asks for. */
function use(elf: ElfFile): DebugInfo {
  const info = new DebugInfo(elf, new Budget(WORK));
  for (const address of ADDRESSES) info.framesAt(address);
  const registers = Array.from({ length: 32 }, (_, n) => 0x8020_4000n + BigInt(8 * n));
  new StackWalker(elf, new Budget(WORK), () => true).walk({ pc: ADDRESSES[1]!, registers, stack: new Uint8Array(4096).fill(0x80) });
  return info;
}

function changed(name: string, change: (bytes: Uint8Array) => Uint8Array): ElfFile {
  const section = ELF.sections.get(name)!;
  return { ...ELF, sections: new Map([...ELF.sections, [name, { ...section, bytes: change(section.bytes) }]]) };
}

const DEBUG_SECTIONS = [...ELF.sections.keys()].filter((name) => name.startsWith('.debug_'));

describe('debug information that is not as it should be', () => {
  it('is there to be changed', () => {
    expect(DEBUG_SECTIONS).toEqual(
      expect.arrayContaining(['.debug_info', '.debug_abbrev', '.debug_line', '.debug_frame', '.debug_rnglists']),
    );
    expect([...use(ELF).notes]).toEqual([]);
  });

  it('may have any bytes changed', () => {
    const mutation = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(fc.constantFrom(...DEBUG_SECTIONS), fc.array(mutation, { minLength: 1, maxLength: 12 }), (name, mutations) => {
        use(
          changed(name, (bytes) => {
            const copy = Uint8Array.from(bytes);
            for (const { at, value } of mutations) copy[at % copy.length] = value;
            return copy;
          }),
        );
      }),
      { numRuns: 1500 },
    );
  });

  it('may end anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DEBUG_SECTIONS), fc.double({ min: 0, max: 1, noNaN: true }), (name, part) => {
        use(changed(name, (bytes) => bytes.subarray(0, Math.floor(bytes.length * part))));
      }),
      { numRuns: 400 },
    );
  });

  it('may be noise', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DEBUG_SECTIONS), fc.uint8Array({ maxLength: 400 }), (name, noise) => {
        use(changed(name, () => noise));
      }),
      { numRuns: 600 },
    );
  });

  it('may be a whole file of noise behind an ELF header', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 40 }), (mutations) => {
        const copy = Uint8Array.from(KERNEL);
        for (const { at, value } of mutations) copy[at % copy.length] = value;
        use(readElf(copy));
      }),
      { numRuns: 400 },
    );
  });
});

/** One unit, of version 4: an abbreviation for the unit, and one for a function with the given attributes. */
function madeUp(functionAttributes: readonly number[], functionEntry: readonly number[]): ElfFile {
  const abbreviations = [1, 0x11, 1, 0, 0, 2, 0x2e, 1, ...functionAttributes, 0, 0, 0];
  const header = [4, 0, 0, 0, 0, 0, 8];
  const entries = [1, ...functionEntry];
  const info = [...word(header.length + entries.length), ...header, ...entries];
  const section = (name: string, bytes: readonly number[]) => [name, { name, address: 0n, bytes: Uint8Array.from(bytes) }] as const;
  return { ...ELF, sections: new Map([section('.debug_info', info), section('.debug_abbrev', abbreviations)]) };
}

function word(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

const LOW_PC = [0x11, 0x01];
const HIGH_PC = [0x12, 0x06];
const ORIGIN = [0x31, 0x13];
const CODE = [...word(0x8020_0000), ...word(0), ...word(0x1000)];

describe('debug information that was made up', () => {
  it('may name a function after itself', () => {
    // The function's entry is at 0x0c; its abstract origin is the same entry.
    const elf = madeUp([...LOW_PC, ...HIGH_PC, ...ORIGIN], [2, ...CODE, ...word(0x0c), 0, 0]);
    expect(new DebugInfo(elf, new Budget()).framesAt(0x8020_0010n)).toMatchObject([{ name: undefined, inlined: false }]);
  });

  it('may nest functions without end', () => {
    const deep = Array.from({ length: 5000 }, () => [2, ...CODE]).flat();
    const info = new DebugInfo(madeUp([...LOW_PC, ...HIGH_PC], deep), new Budget());
    expect(info.framesAt(0x8020_0010n)).toEqual([]);
    expect([...info.notes].join()).toMatch(/malformed/);
  });

  /** A unit that covers everything, with what else it has. */
  function unit(sections: Record<string, Uint8Array>): ElfFile {
    const all = {
      '.debug_abbrev': Uint8Array.from([1, 0x11, 1, 0x10, 0x17, 0, 0, 0]),
      '.debug_info': Uint8Array.from([...word(13), 4, 0, 0, 0, 0, 0, 8, 1, ...word(0), 0]),
      ...sections,
    };
    const named = Object.entries(all).map(([name, bytes]) => [name, { name, address: 0n, bytes }] as const);
    return { ...ELF, sections: new Map(named) };
  }

  /** What reading it costs where nothing bounds it, and what is said where something does. */
  function costOf(elf: ElfFile, addresses = [0x8020_0010n]): { work: number; notes: string } {
    const plenty = 1e12;
    const budget = new Budget(plenty, plenty);
    const info = new DebugInfo(elf, budget);
    for (const address of addresses) info.framesAt(address);
    const poor = new DebugInfo(elf, new Budget((plenty - budget.left) / 2));
    for (const address of addresses) poor.framesAt(address);
    return { work: plenty - budget.left, notes: [...poor.notes].join() };
  }

  /** A unit whose entries are these bytes, `times` over. */
  function repeated(abbreviations: readonly number[], entry: readonly number[], times: number): ElfFile {
    const body = new Uint8Array(1 + entry.length * times);
    body[0] = 1;
    for (let n = 0; n < times; n++) body.set(entry, 1 + n * entry.length);
    const header = [4, 0, 0, 0, 0, 0, 8];
    const info = Uint8Array.from([...word(header.length + body.length), ...header, ...body]);
    return unit({ '.debug_abbrev': Uint8Array.from([1, 0x11, 1, 0, 0, ...abbreviations, 0]), '.debug_info': info });
  }

  const FLAGS = Array.from({ length: 40 }, () => [0x3f, 0x19]).flat();
  it.each<[string, (size: number) => ElfFile]>([
    ['attributes that take no bytes', (size) => repeated([2, 0x34, 0, ...FLAGS, 0, 0], [2], size)],
    ['a number of endless length', (size) => repeated([2, 0x34, 0, 0x3f, 0x0d, 0, 0], [2, ...new Array<number>(size).fill(0x80), 0], 1)],
    ['functions', (size) => repeated([2, 0x2e, 0, ...LOW_PC, ...HIGH_PC, 0, 0], [2, ...CODE], size)],
    ['an endless string', (size) => repeated([2, 0x34, 0, 3, 8, 0, 0], [2, ...new Array<number>(1000).fill(0x61), 0], size / 100)],
  ])('may have many of %s: they are paid for', (_, make) => {
    const [once, twice] = [costOf(make(2000)), costOf(make(4000))];
    expect(once.work).toBeGreaterThan(500);
    expect(twice.work / once.work).toBeGreaterThan(1.8);
    expect(twice.work / once.work).toBeLessThan(2.2);
    expect(twice.notes).toContain('too large');
  });

  it('may be searched again and again: that is paid for, too', () => {
    const elf = repeated([2, 0x2e, 0, ...LOW_PC, ...HIGH_PC, 0, 0], [2, ...CODE], 1000);
    const many = Array.from({ length: 100 }, (_, n) => 0x9020_0000n + BigInt(n));
    expect(costOf(elf, many).work).toBeGreaterThan(100 * 1000);
  });

  it('may be wrong in many units, which are not tried again and again', () => {
    const header = [4, 0, 0, 0, 0, 0, 8];
    const broken = [...word(header.length + 6), ...header, 1, ...word(99_999), 0];
    const info = Uint8Array.from(Array.from({ length: 500 }, () => broken).flat());
    const elf = unit({ '.debug_info': info, '.debug_line': new Uint8Array(10) });
    const many = Array.from({ length: 100 }, (_, n) => 0x8020_0000n + BigInt(n));
    const [once, often] = [costOf(elf, many.slice(0, 1)), costOf(elf, many)];
    expect(once.work).toBeGreaterThan(500 * 500);
    expect(often.work).toBeLessThan(2 * once.work);
  });

  it('may ask for more memory than there is: what is kept is counted', () => {
    const elf = repeated([2, 0x2e, 0, ...LOW_PC, ...HIGH_PC, 0, 0], [2, ...CODE], 5000);
    const info = new DebugInfo(elf, new Budget(1e9, 1_000_000));
    expect(info.framesAt(0x8020_0010n)).toEqual([]);
    expect([...info.notes].join()).toContain('too large');
  });

  it('may have a line program that emits rows for ever', () => {
    // Special opcodes only: a row each, for every byte of a large section.
    const shape = [1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
    const names = [0, 0];
    const program = new Array<number>(6_000_000).fill(0x20);
    const afterLength = [4, 0, ...word(shape.length + names.length), ...shape, ...names];
    const bytes = new Uint8Array(4 + afterLength.length + program.length);
    bytes.set(word(afterLength.length + program.length));
    bytes.set(afterLength, 4);
    bytes.set(program, 4 + afterLength.length);
    const info = new DebugInfo(unit({ '.debug_line': bytes }), new Budget(WORK));
    expect(info.framesAt(0x8020_0010n)).toEqual([]);
    expect([...info.notes].join()).toMatch(/too large|malformed/);
  });
});
