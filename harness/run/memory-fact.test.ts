/** What memory holds where checks look, on kernels whose memory is known from their text. */
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../checks/kind.ts';
import { checkedKernel } from '../testkit/checked-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const print = (character: string) => `li a0, ${character.charCodeAt(0)}\n li a7, 1\n ecall`;

/** Stores 7 and prints A, stores -2 and prints B. The text "hi!" lies at `text`. `last`: what it does before it powers off. */
const storing = (last = '') =>
  kernelOf(`
    la s0, value
    li t0, 7
    sw t0, 0(s0)
    ${print('A')}
    li t0, -2
    sw t0, 0(s0)
    ${print('B')}
    ${last}
    li a7, 8
    ecall
    .align 12
  root: .dword 0, 0, 0, 0
    .align 12
  value: .dword 0x1122334455667788
  text: .dword 0x21
    .dword 0x216968
    .align 12
  end: nop`);

/** Switches to a page table that maps the first GiB of RAM at 0x40000000 as well. */
const PAGED = `
    la t0, root
    li t1, 0x200000cf
    sd t1, 16(t0)
    sd t1, 8(t0)
    srli t0, t0, 12
    li t1, 8
    slli t1, t1, 60
    or t0, t0, t1
    csrw satp, t0`;

const judge = async (part: string, kernel = storing()): Promise<Verdict> =>
  (await checkedKernel(kernel, `memory: { ${part} }`)).verdicts[0]!;
const PASSED = { outcome: 'passed' };

describe('memory', () => {
  it('is read when a text is shown, or at the end', async () => {
    expect(await judge('symbol: value, as: u32, at: { console: A }, equals: 7')).toEqual(PASSED);
    expect(await judge('symbol: value, as: i32, equals: -2')).toEqual(PASSED);
    expect(await judge('symbol: value, as: u32, equals: 7')).toMatchObject({
      reason: 'value is 4294967294, expected 7',
      details: [{ text: '7' }, { text: '4294967294 (0xfffffffe)' }, { text: expect.stringContaining('It was read at 0x80') as string }],
    });
  });

  it('is a number of the width that is asked for, least significant byte first', async () => {
    expect(await judge('symbol: value, as: u64, at: { console: A }, equals: "0x1122334400000007"')).toEqual(PASSED);
    expect(await judge('symbol: value, as: u8, offset: 4, equals: 0x44')).toEqual(PASSED);
    expect(await judge('symbol: value, as: u16, offset: 6, min: 0x1122, max: 0x1122')).toEqual(PASSED);
    expect(await judge('symbol: value, as: i8, min: -1')).toMatchObject({ reason: 'value is -2, expected at least -1' });
  });

  it('is a text up to its zero byte, or bytes', async () => {
    expect(await judge('symbol: text, offset: 8, as: text, equals: "hi!"')).toEqual(PASSED);
    expect(await judge('symbol: text, offset: 8, as: text, contains: "i"')).toEqual(PASSED);
    expect(await judge('symbol: text, offset: 8, as: text, equals: hi')).toMatchObject({ reason: 'text + 8 is a different text' });
    expect(await judge('symbol: text, as: bytes, equals: "21 00"')).toEqual(PASSED);
    expect(await judge('symbol: text, as: bytes, equals: "21 01"')).toMatchObject({ reason: 'text holds different bytes' });
  });

  it('is found through the page table, at virtual addresses', async () => {
    const paged = storing(PAGED);
    expect(await judge('address: "0x40000000", as: u8, min: 0', paged)).toEqual(PASSED);
    expect(await judge('symbol: value, as: i32, equals: -2', paged)).toEqual(PASSED);
    expect(await judge('address: "0x10000000", as: u8, min: 0', paged)).toMatchObject({
      reason: 'there is no memory at 0x10000000: no page of RAM is mapped there',
    });
  });

  it('of a symbol is where the file was loaded, if the page table of the moment has no place for it', async () => {
    // The entry of the kernel's own GiB is taken away; the fetch that follows would fault, so this is the end.
    const unmapped = storing(`${PAGED}\n la t0, root\n sd zero, 16(t0)\n sfence.vma zero, zero`);
    expect(await judge('symbol: value, as: i32, equals: -2', unmapped)).toEqual(PASSED);
  });

  it('fails the student where the symbol, the symbols or the text are missing', async () => {
    expect(await judge('symbol: valeu, as: u8, min: 0')).toMatchObject({ reason: 'the kernel has no symbol valeu' });
    expect(await judge('symbol: value, as: u8, min: 0', Uint8Array.from(tinyKernel('A')))).toMatchObject({
      reason: "the kernel's file has no symbol table, in which value was to be looked up",
    });
    expect(await judge('symbol: value, as: u8, min: 0, at: { console: X }')).toMatchObject({
      reason: 'the console never shows "X", when memory was to be looked at',
    });
  });
});
