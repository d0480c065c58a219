import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ElfOptions, writeElf } from '../testkit/elf-writer.ts';
import { parseElf } from './elf.ts';
import { GuestFileError, type GuestFileErrorCode } from './error.ts';

function codeOf(bytes: Uint8Array): GuestFileErrorCode | 'accepted' {
  try {
    parseElf(bytes, 'kernel');
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GuestFileError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.code;
  }
}

describe('a good ELF file', () => {
  test('segments go to their physical addresses; the rest of their memory is to be zero', () => {
    const elf = parseElf(
      writeElf({
        entry: 0x8020_0004n,
        segments: [
          { address: 0x8030_0000n, bytes: Uint8Array.of(5, 6), memorySize: 0x1000n },
          { address: 0x8020_0000n, bytes: Uint8Array.of(1, 2, 3, 4) },
          { address: 0n, bytes: Uint8Array.of(9), type: 0x7000_0003 }, // RISC-V attributes: not loaded
        ],
      }),
      'kernel',
    );
    expect(elf).toEqual({
      segments: [
        { address: 0x8030_0000n, bytes: Uint8Array.of(5, 6), memorySize: 0x1000n },
        { address: 0x8020_0000n, bytes: Uint8Array.of(1, 2, 3, 4), memorySize: 4n },
      ],
      lowest: 0x8020_0000n,
      entry: 0x8020_0004n,
    });
  });

  test('an empty segment is not loaded but counts for the lowest address, as in QEMU', () => {
    const elf = parseElf(writeElf({ segments: [{ address: 0x8030_0000n, bytes: Uint8Array.of(1) }, { address: 0x8010_0000n }] }), 'kernel');
    expect(elf.lowest).toBe(0x8010_0000n);
    expect(elf.segments).toHaveLength(1);
  });

  test('bss alone is a segment', () => {
    const { segments } = parseElf(writeElf({ segments: [{ address: 0x8020_0000n, memorySize: 1n << 40n }] }), 'kernel');
    expect(segments).toEqual([{ address: 0x8020_0000n, bytes: new Uint8Array(0), memorySize: 1n << 40n }]);
  });

  test('the symbols of riscv-tests are found, and none where there is none', () => {
    const symbols = { _start: 0x8000_0000n, tohost: 0x8000_1000n, tohosts: 1n, fromhost: 0x8000_1040n };
    expect(parseElf(writeElf({ symbols }), 'kernel')).toMatchObject({ tohost: 0x8000_1000n });
    expect(parseElf(writeElf({ symbols: { main: 4n, toho: 5n } }), 'kernel').tohost).toBeUndefined();
  });

  test('a view into a larger buffer is read from its own start', () => {
    const file = writeElf();
    const within = new Uint8Array(file.length + 7);
    within.set(file, 7);
    expect(parseElf(within.subarray(7), 'kernel')).toEqual(parseElf(file, 'kernel'));
  });
});

describe('a file that cannot be booted', () => {
  const four = Uint8Array.of(1, 2, 3, 4);
  const cases: readonly [string, ElfOptions, GuestFileErrorCode][] = [
    ['32-bit', { class: 1 }, 'elf-class'],
    ['big-endian', { data: 2 }, 'elf-endianness'],
    ['x86-64', { machine: 62 }, 'elf-machine'],
    ['an unknown machine', { machine: 9999 }, 'elf-machine'],
    ['an object file', { type: 1 }, 'elf-type'],
    ['a core dump', { type: 4 }, 'elf-type'],
    ['no program headers', { segments: [] }, 'elf-no-segments'],
    ['nothing to load', { segments: [{ address: 0x8020_0000n, bytes: four, type: 2 }] }, 'elf-no-segments'],
    ['only empty segments', { segments: [{ address: 0x8020_0000n }] }, 'elf-no-segments'],
    ['program headers of another size', { programHeaderSize: 32 }, 'elf-header'],
    ['program headers beyond the file', { programHeaderOffset: 1n << 40n }, 'elf-truncated'],
    ['program headers at the end of the address space', { programHeaderOffset: (1n << 64n) - 8n }, 'elf-truncated'],
    ['a segment beyond the file', { segments: [{ address: 0x8020_0000n, bytes: four, fileSize: 5n, memorySize: 5n }] }, 'elf-truncated'],
    ['a segment whose offset wraps', { segments: [{ address: 0x8020_0000n, bytes: four, offset: (1n << 64n) - 2n }] }, 'elf-truncated'],
    [
      'terabytes in the file',
      { segments: [{ address: 0x8020_0000n, bytes: four, fileSize: 1n << 42n, memorySize: 1n << 42n }] },
      'elf-truncated',
    ],
    ['more in the file than in memory', { segments: [{ address: 0x8020_0000n, bytes: four, memorySize: 3n }] }, 'elf-segment'],
    ['a segment that wraps', { segments: [{ address: (1n << 64n) - 2n, bytes: four }] }, 'elf-segment'],
  ];
  test.each(cases)('%s', (_, options, code) => {
    expect(codeOf(writeElf(options))).toBe(code);
  });

  test('a file cut off at any byte', () => {
    const whole = writeElf();
    const codes = Array.from({ length: whole.length }, (_, length) => codeOf(whole.subarray(0, length)));
    expect(new Set(codes.slice(0, 4))).toEqual(new Set(['elf-header']));
    expect(new Set(codes.slice(4))).toEqual(new Set(['elf-truncated']));
  });

  test('the message names the machine that the file is for', () => {
    expect(() => parseElf(writeElf({ machine: 62 }), 'kernel')).toThrow('for x86-64, not for RISC-V');
  });
});

describe('hostile files', () => {
  const good = writeElf({
    segments: [
      { address: 0x8020_0000n, bytes: Uint8Array.of(1, 2, 3, 4) },
      { address: 0x8030_0000n, memorySize: 64n },
    ],
    symbols: { tohost: 0x8000_1000n, fromhost: 0x8000_1040n },
  });

  /** Every result lies inside the file, so no memory was allocated because the file says so. */
  function parsesSafely(bytes: Uint8Array): void {
    if (codeOf(bytes) !== 'accepted') return;
    for (const segment of parseElf(bytes, 'kernel').segments) {
      expect(segment.bytes.buffer).toBe(bytes.buffer);
      expect(segment.bytes.length).toBeLessThanOrEqual(bytes.length);
    }
  }

  test('random bytes behind a good magic and target', () => {
    const start = good.subarray(0, 20);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (rest) => parsesSafely(Uint8Array.of(...start, ...rest))),
      { numRuns: 2000 },
    );
  });

  test('a good file with some of its fields replaced by extreme values', () => {
    const extreme = fc.oneof(
      fc.constantFrom(0n, 1n, 0x7fff_ffffn, 0xffff_ffffn, 1n << 40n, (1n << 63n) - 1n, 1n << 63n, (1n << 64n) - 1n),
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
    );
    const patch = fc.record({ at: fc.integer({ min: 20, max: good.length - 8 }), value: extreme, width: fc.constantFrom(2, 4, 8) });
    fc.assert(
      fc.property(fc.array(patch, { minLength: 1, maxLength: 6 }), (patches) => {
        const bytes = good.slice();
        const view = new DataView(bytes.buffer);
        for (const { at, value, width } of patches) {
          if (width === 2) view.setUint16(at, Number(value & 0xffffn), true);
          else if (width === 4) view.setUint32(at, Number(value & 0xffff_ffffn), true);
          else view.setBigUint64(at, value, true);
        }
        parsesSafely(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});
