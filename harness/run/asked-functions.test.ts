/** Calls that a run counts for checks. The expected numbers are counted by hand in the kernels' text. */
import { describe, expect, it } from 'vitest';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import type { Verdict } from '../checks/kind.ts';
import { checkedKernel } from '../testkit/checked-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const OFF = 'li a7, 8\n ecall';
/** Calls write_block twice by way of sync, and once by itself. read_block is never called. */
const SOURCE = `
    call sync
    call sync
    call write_block
    j _ZN2os4exit17h0123456789abcdefE
  sync: mv s1, ra
    call write_block
    mv ra, s1
    ret
  write_block: addi a0, a0, 1
    ret
  read_block: ret
  _ZN2os4exit17h0123456789abcdefE: ${OFF}`;
const CALLING = kernelOf(SOURCE);

const judge = async (part: string, kernel = CALLING): Promise<Verdict> => (await checkedKernel(kernel, `reached: ${part}`)).verdicts[0]!;
const PASSED = { outcome: 'passed' };

describe('a check of what was reached', () => {
  it('passes where the function was called as often as it must be', async () => {
    expect(await judge('write_block')).toEqual(PASSED);
    expect(await judge('{ function: write_block, count: 3 }')).toEqual(PASSED);
    expect(await judge('{ function: write_block, count: { max: 2 } }')).toMatchObject({
      reason: 'write_block is called 3 times, expected at most 2',
      details: [
        { kind: 'expected', text: 'at most 2 calls of write_block' },
        { kind: 'found', text: '3' },
      ],
    });
    expect(await judge('{ function: read_block, count: 0 }')).toEqual(PASSED);
    expect(await judge('read_block')).toMatchObject({
      reason: 'read_block is never called',
      details: [{ text: 'at least 1 call of read_block' }, { text: '0' }, { text: expect.stringContaining('inline') as string }],
    });
  });

  it('tells callers apart by the return address', async () => {
    expect(await judge('{ function: write_block, from: sync, count: 2 }')).toEqual(PASSED);
    expect(await judge('{ function: write_block, from: read_block }')).toMatchObject({
      reason: 'write_block is never called from read_block',
    });
  });

  it('knows functions of Rust by their names in the source, and any instruction by its address', async () => {
    expect(await judge('"os::exit"')).toEqual(PASSED);
    // The first instruction of the kernel.
    expect(await judge('{ address: "0x80200000", count: 1 }')).toEqual(PASSED);
  });

  it('fails the student where there is no such function, and passes where none may be called', async () => {
    expect(await judge('write_blok')).toMatchObject({ reason: 'the kernel has no function write_blok' });
    expect(await judge('{ function: write_block, from: snyc }')).toMatchObject({ reason: 'the kernel has no function snyc' });
    expect(await judge('{ function: write_blok, count: 0 }')).toEqual(PASSED);
    expect(await judge('write_block', Uint8Array.from(tinyKernel('A')))).toMatchObject({
      reason: "the kernel's file has no symbol table, in which write_block was to be looked up",
    });
  });

  it('counts all functions of one name, and a bounded number of them', async () => {
    const { bytes, symbols } = assemble(`call one\n call two\n ${OFF}\n one: ret\n two: ret`, 0x8020_0000n);
    const named = (names: [string, bigint][]) =>
      writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes, flags: 5 }], symbols: names });
    const both: [string, bigint][] = [
      ['helper', symbols.get('one')!],
      ['helper', symbols.get('two')!],
    ];
    expect(await judge('{ function: helper, count: 2 }', named(both))).toEqual(PASSED);
    const many = Array.from({ length: 65 }, (_, index): [string, bigint] => ['helper', 0x8020_0000n + BigInt(2 * index)]);
    expect(await judge('helper', named(many))).toMatchObject({ reason: 'too many functions of the kernel are called helper' });
  });

  it('is in evidence as it was asked for, and only then', async () => {
    const { evidence } = await checkedKernel(CALLING, 'reached: { function: write_block, from: sync }', 'console: x');
    expect(evidence.facts?.reached).toEqual([{ symbol: 'write_block', address: null, from: 'sync', count: 2, problem: null }]);
    const { evidence: other } = await checkedKernel(CALLING, 'console: x');
    expect(other.facts).toBeUndefined();
    expect(other.work.counts).not.toHaveProperty('watched-calls');
  });
});
