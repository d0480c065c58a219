/**
 * Source lines of the sample kernels: by what their sources say, and where LLVM's symbolizer is installed, the same as it says for
 * every instruction. Versions 4 (OSTD, by rustc) and 5 (C, by gcc) of DWARF.
 */
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { type ElfFile, readElf } from '../../run/elf.ts';
import { lineOf, sampleKernel, sampleKernelFile, withoutSections } from '../../testkit/sample-kernels.ts';
import { Budget } from './budget.ts';
import { DebugInfo } from './debug-info.ts';

function addressOf(elf: ElfFile, name: string): bigint {
  return elf.symbols.find((symbol) => symbol.name === name)!.address;
}

function linesAt(info: DebugInfo, address: bigint): string[] {
  return info.framesAt(address).map(({ name, source }) => `${name} ${source?.file}:${source?.line}`);
}

describe('source lines', () => {
  const elf = readElf(sampleKernel('writable-data'));
  const info = new DebugInfo(elf, new Budget());

  it('are those of the function at its first instruction', () => {
    const line = lineOf('source/writable-data/write_block.c', 'uint8_t write_block(');
    expect(linesAt(info, addressOf(elf, 'write_block'))).toEqual([`write_block ./variants/writable-data.c:${line}`]);
  });

  it('name what was inlined, and the line of each call', () => {
    const { low, high } = { low: addressOf(elf, 'riscv_boot'), high: addressOf(elf, 'riscv_boot') + 0x200n };
    const inlined = new Set<string>();
    for (let address = low; address < high; address += 2n) {
      const frames = info.framesAt(address);
      if (frames[0]?.name === 'test_write') inlined.add(frames.map(({ name, inlined: into }) => `${name} ${into}`).join(' < '));
      if (frames[0]?.name === 'test_write') expect(frames[1]!.source!.line).toBe(lineOf('c/main.c', 'test_write();'));
    }
    expect([...inlined]).toEqual(['test_write true < riscv_boot false']);
  });

  it('are none outside the kernel', () => {
    expect([info.framesAt(0n), info.framesAt(0x8020_0000n + 0x10_0000n), info.framesAt((1n << 64n) - 1n)]).toEqual([[], [], []]);
  });

  it.each(['.debug_line', '.debug_abbrev', '.debug_line_str'])('are left out, with a note, where %s is missing', (section) => {
    const broken = new DebugInfo(readElf(withoutSections(sampleKernel('writable-data'), [section])), new Budget());
    const frames = broken.framesAt(addressOf(elf, 'write_block'));
    expect(frames.filter(({ source }) => source?.file === './variants/writable-data.c')).toEqual([]);
    expect([...broken.notes].join()).toMatch(/some source lines are left out/);
  });

  it('are left out, with a note, where reading them takes too much work', () => {
    const bounded = new DebugInfo(readElf(sampleKernel('ostd-writable-data')), new Budget(10_000));
    expect(bounded.framesAt(0xffff_ffff_8024_74c8n)).toEqual([]);
    expect([...bounded.notes]).toEqual(['the debug information is too large: some source lines are left out']);
  });
});

describe.skipIf(lacks("LLVM's symbolizer"))("LLVM's symbolizer", () => {
  it.each([
    ['ostd-writable-data', 38],
    ['writable-data', 2],
    ['panics', 2],
    ['fakes-console', 2],
  ])('says the same of %s, at every %i bytes', (name, stride) => {
    const elf = readElf(sampleKernel(name));
    const info = new DebugInfo(elf, new Budget());
    const text = elf.sections.get('.text')!;
    const addresses = Array.from({ length: Math.floor(text.bytes.length / stride) }, (_, n) => text.address + BigInt(n * stride));
    const input = addresses.map((address) => `0x${address.toString(16)}\n`).join('');
    const options = ['--obj', sampleKernelFile(name), '--inlines', '--output-style=LLVM'] as const;
    const answers = execFileSync('llvm-symbolizer', options, {
      input,
      maxBuffer: 1 << 28,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const expected = answers
      .trim()
      .split('\n\n')
      .map((answer) =>
        answer
          .split('\n')
          .filter((_, n) => n % 2 === 1)
          .map(plain),
      );
    // What has no line: an object's name from the symbol table, and line 0.
    const known = expected.filter((places) => !places[0]!.endsWith(':0')).length;
    const found = addresses.map((address) => info.framesAt(address).map(({ source }) => plain(`${source?.file}:${source?.line}`)));
    const different = addresses.filter((_, n) => found[n]!.length > 0 && found[n]!.join() !== expected[n]!.join());
    expect(different).toEqual([]);
    expect(found.filter(([place]) => place !== undefined && !place.endsWith(':0'))).toHaveLength(known);
    expect(known).toBeGreaterThan(300);
  });
});

/** Without the column, and without what two programs write differently for one file. */
function plain(place: string): string {
  return place
    .replace(/^(.*:\d+):\d+.*$/, '$1')
    .replaceAll('/./', '/')
    .replace(/^\.\//, '');
}
