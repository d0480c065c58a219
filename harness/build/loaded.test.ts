/** Real files, of Debian's gcc: what a linker puts into memory by itself, such as the file's own header and a build ID. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { areLoadedAlike, hasLines, lacksLines } from './loaded.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-loaded-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function linked(...options: string[]): Uint8Array {
  const [source, file] = [join(root, 'a.c'), join(root, 'a.elf')];
  writeFileSync(source, 'volatile int x = VALUE;\nint _start(void) {\n  return x;\n}\n');
  execFileSync('riscv64-linux-gnu-gcc', ['-nostdlib', '-static', '-O1', '-o', file, source, ...options]);
  return new Uint8Array(readFileSync(file));
}

describe.skipIf(lacks('RISC-V gcc'))('two files', () => {
  it('that differ in their debug information alone are the same in memory', () => {
    const [plain, lined] = [linked('-DVALUE=1'), linked('-DVALUE=1', '-g1')];
    expect([lacksLines(plain), hasLines(lined)]).toEqual([true, true]);
    // The header, which has the number of sections, and the build ID are loaded.
    const headers = execFileSync('readelf', ['-lnW', join(root, 'a.elf')], { encoding: 'utf8' });
    expect(headers).toMatch(/LOAD\s+0x000000 /);
    expect(headers).toMatch(/Build ID: [0-9a-f]{40}/);
    expect(areLoadedAlike(plain, lined)).toBe(true);
  });

  it('that differ in a variable, in an address, or in how much memory they need are not', () => {
    const plain = linked('-DVALUE=1');
    expect(areLoadedAlike(plain, linked('-DVALUE=2', '-g1'))).toBe(false);
    expect(areLoadedAlike(plain, linked('-DVALUE=1', '-g1', '-Wl,-Ttext-segment=0x80000'))).toBe(false);
    expect(areLoadedAlike(linked('-DVALUE=0'), linked('-DVALUE=0;int more[9]', '-g1'))).toBe(false);
  });

  it('of which one is cut off, or no ELF file, are not', () => {
    const plain = linked('-DVALUE=1');
    expect(areLoadedAlike(plain, plain.subarray(0, 100))).toBe(false);
    expect(areLoadedAlike(plain.subarray(0, 100), plain.subarray(0, 100))).toBe(false);
    expect(areLoadedAlike(new Uint8Array(100), new Uint8Array(100))).toBe(false);
    expect(lacksLines(new Uint8Array(100))).toBe(false);
  });
});
