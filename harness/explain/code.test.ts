/** What is kept of names, paths and stacks: a kernel's debug information may have them as long and as deep as it likes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { elfOf } from '../testkit/sample-kernels.ts';
import { KernelCode } from './code.ts';
import { kernelFile } from './kernel-file.ts';

const LOW = 0x8020_0000n;
const SIZE = 0x1000n;

const word = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
const text = (value: string) => [...Buffer.from(value), 0];
/** LEB128. */
function signed(value: number): number[] {
  const bytes = Array.from({ length: 7 }, (_, n) => Number((BigInt(value) >> BigInt(7 * n)) & 0x7fn));
  return bytes.map((byte, n) => (n === 6 ? byte : byte | 0x80));
}

const address = (value: bigint) => [...Buffer.from(new BigUint64Array([value]).buffer)];

/** Abbreviations (DWARF 4): a unit with its line table; a function, and one that is inlined, with name and addresses; the call's line. */
const ABBREVIATIONS = [
  ...[1, 0x11, 1, 0x10, 0x17, 0x11, 0x01, 0x12, 0x06, 0, 0],
  ...[2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0, 0],
  ...[3, 0x1d, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x06, 0x58, 0x0b, 0x59, 0x0b, 0, 0, 0],
];

/** A kernel of one function into which others were inlined, `depth` in all, with one source file. */
function kernel({ depth = 1, name = 'f', file = 'a.c', line = 3 }): Uint8Array {
  const covers = [...address(LOW), ...word(Number(SIZE))];
  const inlined = Array.from({ length: depth - 1 }, () => [3, ...text(name), ...covers, 1, 7]).flat();
  const entries = [1, ...word(0), ...covers, 2, ...text(name), ...covers, ...inlined, ...new Array<number>(depth + 1).fill(0)];
  const header = [4, 0, 0, 0, 0, 0, 8];
  const shape = [1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
  const names = [0, ...text(file), 0, 0, 0, 0];
  // One line for all of the function.
  const program = [0, 9, 2, ...address(LOW), 3, ...signed(line - 1), 1, 9, ...[0, 0x10], 0, 1, 1];
  const afterLength = [4, 0, ...word(shape.length + names.length), ...shape, ...names, ...program];
  return elfOf(
    { low: LOW, size: SIZE },
    {
      '.debug_abbrev': Uint8Array.from(ABBREVIATIONS),
      '.debug_info': Uint8Array.from([...word(header.length + entries.length), ...header, ...entries]),
      '.debug_line': Uint8Array.from([...word(afterLength.length), ...afterLength]),
    },
  );
}

const snapshot = { pc: LOW + 8n, registers: Array.from({ length: 32 }, () => 0n), stack: new Uint8Array() };

describe('a kernel’s debug information', () => {
  it('is read as it was written, while it is of a usual size', () => {
    const { places, leftOut, notes } = new KernelCode(kernelFile(kernel({ depth: 2, name: 'write', file: 'src/blk.c' }))).stack(snapshot);
    expect([leftOut, notes]).toEqual([0, []]);
    expect(places).toEqual([
      {
        address: '0x80200008',
        frames: [
          { function: 'write', file: 'src/blk.c', line: 3, inlined: true, library: false },
          { function: 'write', file: 'src/blk.c', line: 7, inlined: false, library: false },
        ],
      },
    ]);
  });

  it('may have long names and paths: the beginning of a name is kept, and the end of a path', () => {
    const long = kernel({ name: 'n'.repeat(5000), file: `${'folder/'.repeat(140)}blk.c` });
    const [frame] = new KernelCode(kernelFile(long)).place(LOW).frames;
    expect(frame!.function).toBe('n'.repeat(160));
    expect(frame!.file).toHaveLength(240);
    expect(frame!.file).toMatch(/^….*folder\/blk\.c$/);
  });

  it.each([0, -1, 2 ** 31 + 1, -(2 ** 40)])('may come to line %i, which is none', (line) => {
    expect(new KernelCode(kernelFile(kernel({ line }))).place(LOW).frames[0]).toMatchObject({ file: 'a.c', line: null });
  });

  it('may have a deep stack: it says how much is left out', () => {
    const { places, leftOut } = new KernelCode(kernelFile(kernel({ depth: 60 }))).stack(snapshot);
    expect(places[0]!.frames).toHaveLength(48);
    expect(leftOut).toBe(60 - 48);
  });

  it('may have more mangled names than are worth the work: later ones stay as they are', () => {
    const code = new KernelCode(kernelFile(kernel({ name: `_ZN${'3foo'.repeat(230)}17h0123456789abcdefE` })));
    const shown = Array.from({ length: 4000 }, (_, n) => code.place(LOW + BigInt(n)).frames[0]!.function);
    expect(shown[0]).toBe('foo');
    // 2 MiB of them are demangled.
    expect(shown.filter((name) => name === 'foo').length).toBeGreaterThan(2000);
    expect(shown.filter((name) => name === 'foo').length).toBeLessThan(2300);
    expect(shown).toContainEqual(expect.stringMatching(/^_ZN3foo/));
  });

  it('may have names that are too long together: the later ones are left out, with a note', () => {
    const code = new KernelCode(kernelFile(kernel({ depth: 48, name: 'n'.repeat(160), file: `${'folder/'.repeat(40)}blk.c` })));
    const stacks = Array.from({ length: 300 }, () => code.stack(snapshot));
    const characters = JSON.stringify(
      stacks.flatMap(({ places }) => places.flatMap(({ frames }) => frames.map(({ function: name, file }) => [name, file]))),
    );
    expect(characters.length).toBeLessThan(350_000);
    expect(stacks[0]!.places[0]!.frames[0]!.function).toBe('n'.repeat(160));
    expect(stacks.at(-1)!.places[0]!.frames[0]).toMatchObject({ function: null, file: null, line: null });
    expect(stacks.at(-1)!.notes.join()).toMatch(/names are left out/);
  });
});

it('tells constants from code and variables, by what the sections of a file are', () => {
  const code = new KernelCode(kernelFile(new Uint8Array(readFileSync(join(import.meta.dirname, 'testdata/traps.elf')))));
  const addresses = [0x8020_0010n, 0x8020_03e4n, 0x8020_14a0n, 0x8020_2000n, 0x8100_0000n];
  expect(addresses.map((one) => code.constantsAt(one))).toEqual([null, '.rodata', null, null, null]);
});
