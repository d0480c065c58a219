/**
 * Decoded instructions never differ from memory: code that changes, and pages that end within an instruction.
 * Expected values from the base ISA. As in QEMU, no FENCE.I is needed.
 */
import { describe, expect, it } from 'vitest';
import { Ram } from '../guest-memory.ts';
import { DECODED_MAP } from '../layout/memory-map.ts';
import { EXCEPTION } from '../spec/riscv.ts';
import { assemble } from '../testkit/assembler.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const bitsOf = (line: string): bigint => BigInt(assemble(line).bytes.reduceRight((bits, byte) => bits * 256 + byte, 0));
const finished = (source: string): Program => {
  const p = new Program(source).runTo('end');
  expect(p.trap).toBeUndefined();
  return p;
};

describe('code that changes', () => {
  const ONE = bitsOf('addi a0, a0, 1');
  const HUNDRED = bitsOf('addi a0, a0, 100');

  it('is seen by the very next instruction', () => {
    expect(finished(`la a1, patch\n li a2, ${HUNDRED}\n sw a2, 0(a1)\npatch: addi a0, a0, 1\nend: j end`).x('a0')).toBe(100n);
  });

  it('is seen after it has run', () => {
    const p = finished(`
      la a1, patch
      li a2, ${HUNDRED}
      li a3, 2
again:
patch: addi a0, a0, 1
      sw a2, 0(a1)
      addi a3, a3, -1
      bnez a3, again
end:  j end`);
    expect(p.x('a0')).toBe(101n);
  });

  it('is seen when the second half of an instruction is stored', () => {
    // addi a0, a0, 1 → addi a0, a0, 5: the immediate is in the upper halfword.
    const upper = bitsOf('addi a0, a0, 5') >> 16n;
    const p = finished(`
      la a1, patch
      li a2, ${upper}
      li a3, 2
patch: addi a0, a0, 1
      sh a2, 2(a1)
      addi a3, a3, -1
      bnez a3, patch
end:  j end`);
    expect(p.x('a0')).toBe(6n);
  });

  it('is seen in a page that was stored to before it first ran', () => {
    const p = finished(`
      la a1, patch
      li a2, ${ONE}
      li a3, ${HUNDRED}
      sw a2, 0(a1)
      jal ra, patch
      sw a3, 0(a1)
      jal ra, patch
end:  j end
      .org 0x80001000
patch: nop
      ret`);
    expect(p.x('a0')).toBe(101n);
  });

  it('is seen when one byte is stored, or a doubleword that is misaligned', () => {
    const byte = finished(
      `la a1, patch\n li a3, 2\n li a2, 0x01\npatch: addi a0, a0, 1\n sb a2, 3(a1)\n addi a3, a3, -1\n bnez a3, patch\nend: j end`,
    );
    // Byte 3 holds bits 11:4 of the immediate: 1 becomes 17.
    expect(byte.x('a0')).toBe(18n);
    // The upper half of one instruction, a whole one, and the lower half of the next.
    const doubleword = (ONE >> 16n) | (HUNDRED << 16n) | ((bitsOf('sd a2, -2(a1)') & 0xffffn) << 48n);
    const wide = finished(`
      la a1, patch
      li a2, ${doubleword}
      li a3, 2
before: addi a0, a0, 1
patch: addi a0, a0, 1
      sd a2, -2(a1)
      addi a3, a3, -1
      bnez a3, before
end:  j end`);
    expect(wide.x('a0')).toBe(103n);
  });

  it('is seen where a page is filled with data, and with code again', () => {
    const p = new Program(`
      li s0, 3
      li a4, ${ONE | (bitsOf('ret') << 32n)}
round: la a1, patch
      li a2, ${ONE | (bitsOf('ret') << 32n)}
      sd a2, 0(a1)
      la a5, other
      sd a4, 0(a5)
      jal ra, patch
      jal ra, other
      li a4, ${HUNDRED | (bitsOf('ret') << 32n)}
      li a3, 512
fill: sd zero, 0(a1)
      addi a1, a1, 8
      addi a3, a3, -1
      bnez a3, fill
      addi s0, s0, -1
      bnez s0, round
end:  j end
      .org 0x80001000
patch: nop
      .org 0x80001800
other: nop`).runTo('end', 20_000);
    expect(p.trap).toBeUndefined();
    expect(p.x('a0')).toBe(3n + 201n);
    // The decoded page is given up, so that stores to the page are fast again.
    expect(p.hart.state.view.getUint32(DECODED_MAP + 4, true)).toBe(0);
  });

  it('is seen in the page that stores to itself, however often', () => {
    const p = finished(`
      la a1, data
      li a3, 700
store: sd a3, 0(a1)
      addi a3, a3, -1
      bnez a3, store
      la a1, patch
      li a2, ${HUNDRED}
      sw a2, 0(a1)
patch: addi a0, a0, 1
end:  j end
      .align 3
data: .dword 0`);
    expect(p.x('a0')).toBe(100n);
  });

  it('is seen in a page that was run through another address', () => {
    const p = new Program(`
      li a2, ${HUNDRED}
      sw a2, 0(a1)
      jr a3
      .align 12
patch: addi a0, a0, 1
end:  j end`);
    const table = new PageTable(p, 3, 0x8004_0000n);
    table.map(0x8000_0000n, 0x8000_0000n);
    for (const virtual of [0x1000_0000n, 0x2000_0000n]) table.map(virtual, p.address('patch'));
    p.setX('a1', 0x2000_0000n);
    p.setX('a3', 0x1000_0000n);
    table.enter(0x1000_0000n);
    p.run(1);
    expect(p.x('a0')).toBe(1n);
    p.hart.state.set('pc', 0x8000_0000n);
    p.run(6);
    expect(p.x('a0')).toBe(101n);
  });

  it('is seen when a device writes it', () => {
    const p = new Program('patch: addi a0, a0, 1\n j patch').runTo('patch');
    p.run(2);
    new Ram(p.hart.state, p.hart.core).write(p.address('patch'), assemble('addi a0, a0, 100').bytes);
    p.run(2);
    expect(p.x('a0')).toBe(101n);
  });

  it('is seen when an atomic operation writes it', () => {
    const p = finished(
      `la a1, patch\n li a2, ${HUNDRED}\n li a3, 2\npatch: addi a0, a0, 1\n amoswap.w a4, a2, (a1)\n addi a3, a3, -1\n bnez a3, patch\nend: j end`,
    );
    expect([p.x('a0'), p.x('a4')]).toEqual([101n, HUNDRED]);
  });
});

describe('pages', () => {
  it('follow each other', () => {
    expect(finished('j near\n .org 0x80000ff8\nnear: addi a0, a0, 1\n addi a0, a0, 2\n addi a0, a0, 4\nend: j end').x('a0')).toBe(7n);
  });

  it('may end within an instruction', () => {
    const p = finished(`
      j near
      .org 0x80000ff8
near: c.addi a0, 1
      addi a0, a0, 2
      addi a0, a0, 4
      addi a0, a0, 8
      j other
      .org 0x80001ffe
other: auipc a1, 0
      j end
      .org 0x80002ffe
end:  j end`);
    expect(p.x('a0')).toBe(15n);
    expect(p.x('a1')).toBe(0x8000_1ffen);
  });

  it.each([
    ['a branch taken', 'beq zero, zero, target'],
    ['a branch not taken', 'bne zero, zero, near'],
    ['a jump', 'jal a1, target'],
    ['an indirect jump', 'jalr a1, 0(a2)'],
    ['a load', 'ld a3, 0(a2)'],
    ['a CSR access', 'csrrw a3, mscratch, a2'],
  ])('may end within %s', (_, line) => {
    const p = new Program(`la a2, target\n j near\n .org 0x80000ffe\nnear: ${line}\ntarget: addi a0, a0, 1\nend: j end`).runTo('end');
    expect(p.trap).toBeUndefined();
    expect(p.x('a0')).toBe(1n);
    expect(p.hart.now()).toBe(5);
  });

  it('may end within a jump to what lies anywhere near', () => {
    for (let distance = 4; distance < 64; distance += 4) {
      const p = new Program(`j near\n .org 0x80000ffe\nnear: j . + ${distance}\n .space ${distance - 4}\n addi a0, a0, 1\nend: j end`);
      p.run(100);
      expect(p.trap).toBeUndefined();
      expect([distance, p.x('a0')]).toEqual([distance, 1n]);
    }
  });

  it('may end within an instruction that then changes', () => {
    const p = finished(`
      la a1, near
      li a2, ${bitsOf('addi a0, a0, 100') >> 16n}
      li a3, 2
      j near
      .org 0x80000ffe
near: addi a0, a0, 1
      sh a2, 2(a1)
      addi a3, a3, -1
      bnez a3, near
end:  j end`);
    expect(p.x('a0')).toBe(101n);
  });

  /** Two pages, one after the other: the first ends with half an instruction, the second is `second`. */
  function split(second: bigint | undefined): { p: Program; table: PageTable } {
    const p = new Program(
      `.space 4094\n half: .half ${bitsOf('addi a0, a0, 1') & 0xffffn}\n .half ${bitsOf('addi a0, a0, 1') >> 16n}\n .half ${bitsOf('addi a0, a0, 7') >> 16n}\n .space 4094\n other: .half ${bitsOf('addi a0, a0, 7') >> 16n}`,
    );
    const table = new PageTable(p, 3, 0x8004_0000n);
    table.map(0x4000_0000n, 0x8000_0000n);
    if (second !== undefined) table.map(0x4000_1000n, second);
    table.enter(0x4000_0ffen);
    return { p, table };
  }

  it('fault where the second half is not mapped, and name its page', () => {
    const { p } = split(undefined);
    p.run(1);
    expect(p.trap).toEqual({ cause: EXCEPTION.instructionPage, interrupt: false, tval: 0x4000_1000n, pc: 0x4000_0ffen });
    expect(p.hart.retired()).toBe(0n);
  });

  it('need not lie side by side in memory', () => {
    const { p } = split(0x8000_1000n);
    p.run(1);
    expect(p.x('a0')).toBe(1n);
    const apart = split(0x8000_2000n);
    apart.p.store(0x8000_2000n, 2, bitsOf('addi a0, a0, 7') >> 16n);
    apart.p.run(1);
    expect(apart.p.x('a0')).toBe(7n);
  });

  it('fault where the page of code is not mapped', () => {
    const { p } = split(undefined);
    p.hart.state.set('pc', 0x5000_0000n);
    p.run(1);
    expect(p.trap).toEqual({ cause: EXCEPTION.instructionPage, interrupt: false, tval: 0x5000_0000n, pc: 0x5000_0000n });
  });

  it('fault when code runs off the end of RAM', () => {
    const p = new Program('nop', { ramBytes: 0x2000 });
    // The trap's loop is in the last page; after it, no-operations lead to the end of RAM.
    for (let at = p.trapVector + 4n; at < p.trapVector + 4096n; at += 4n) p.store(at, 4, bitsOf('nop'));
    p.hart.state.set('pc', p.trapVector + 4088n);
    p.run(3);
    expect(p.trap).toEqual({ cause: EXCEPTION.instructionAccess, interrupt: false, tval: 0x8000_2000n, pc: 0x8000_2000n });
  });
});
