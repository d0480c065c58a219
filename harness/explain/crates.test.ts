import { describe, expect, it } from 'vitest';
import { demangle } from '../run/demangle.ts';
import { type ElfFile, ElfSymbol } from '../run/elf.ts';
import { Crates, crateOf } from './crates.ts';

/** Read-only data as rustc lays it out: one path after the other, without anything between them. */
const PATHS = [
  '/home/me/.cargo/registry/src/index-1/ostd-0.16.1/src/mm/page.rs',
  '/home/me/.cargo/git/checkouts/tools-0a1b/77aa77a/ring-buf/src/lib.rs',
  '/rustc/0123456789abcdef/library/core/src/fmt/mod.rs',
  'src/blk.rs',
  'drivers/src/queue.rs',
].join('');
const UNITS = ['lab13.b19276e1283cbec1-cgu.0', 'ostd.2f4ba35b4d289bef-cgu.0', 'drivers.aa-cgu.1', 'spin.12-cgu.0', 'start.S'];

const functions = [
  ['_ZN5lab133blk11write_block17h0123456789abcdefE', 0],
  ['kernel_main', undefined],
  ['_ZN7drivers4push17h0123456789abcdefE', 2],
  ['_ZN4spin4lock17h0123456789abcdefE', 3],
  ['_ZN8ring_buf3pop17h0123456789abcdefE', undefined],
  ['_ZN4ostd4boot17h0123456789abcdefE', 1],
  ['riscv_boot', undefined],
  ['_ZN4core3fmt5write17h0123456789abcdefE', 1],
] as const;

/** `linked`: whether the symbol table says from which compiled file a function is. */
function answers({ linked }: { linked: boolean }): Record<string, boolean> {
  const symbols = functions.map(([name, unit], index) => {
    const strings = new TextEncoder().encode(`${name}\0`);
    const address = BigInt(0x8020_0000 + 16 * index);
    return new ElfSymbol({ address, size: 16n, kind: 'function', unit: linked ? unit : undefined, strings, nameAt: 0 });
  });
  const bytes = new TextEncoder().encode(PATHS);
  const elf: ElfFile = {
    code: [],
    areas: [],
    segments: [],
    sections: new Map([['.rodata', { name: '.rodata', address: 0n, bytes }]]),
    symbols,
    units: linked ? UNITS : [],
  };
  const crates = new Crates(elf);
  return Object.fromEntries(
    symbols.map((symbol) => [demangle(symbol.name).split('::')[0]!, crates.isLibrary(symbol, demangle(symbol.name))]),
  );
}

describe('whose function it is', () => {
  it("is told from the file's own paths, and from what was linked before the first published crate", () => {
    expect(answers({ linked: true })).toEqual({
      lab13: false,
      kernel_main: false,
      // Linked after OSTD, but the file names a source of the submission's in a folder of that name.
      drivers: false,
      spin: true,
      ring_buf: true,
      ostd: true,
      riscv_boot: true,
      core: true,
    });
  });

  it("counts as the submission's own where nothing says that it is published", () => {
    expect(answers({ linked: false })).toMatchObject({ lab13: false, kernel_main: false, spin: false, ostd: true, riscv_boot: true });
  });

  it.each([
    ['lab::blk::write', 'lab'],
    ['<lab::Queue<T> as core::fmt::Debug>::fmt', 'lab'],
    ['<&lab::Queue as core::fmt::Debug>::fmt', 'lab'],
    ['<T as lab::Disk>::read', 'lab'],
    ['memcpy', undefined],
  ])('of %s', (name, crate) => {
    expect(crateOf(name)).toBe(crate);
  });
});
