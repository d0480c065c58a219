import { beforeAll, describe, expect, it } from 'vitest';
import { PRIVILEGE, PTE, STATUS } from '../spec/riscv.ts';
import { assemble } from '../testkit/assembler.ts';
import { compare, DATA, every, translateSoon } from '../testkit/both-engines.ts';
import { ALL, PageTable } from '../testkit/page-table.ts';
import type { Program } from '../testkit/program.ts';
import type { HartBus } from './running-hart.ts';

beforeAll(translateSoon);

describe('translated code', () => {
  it('counts a floating-point operation with a reserved rounding mode as interpreted code does', () => {
    compare(
      `
      la t0, handler
      csrw mtvec, t0
      li t0, 0x2000
      csrs mstatus, t0
      li t1, 5
      csrw frm, t1
loop: addi a0, a0, 1
      fadd.d f1, f2, f3, dyn
      j loop
      .align 2
handler: csrr t3, mepc
      addi t3, t3, 4
      csrw mepc, t3
      mret`,
      every(977, 12_000),
    );
  });

  it('computes, branches, calls and returns as interpreted code does, wherever it is stopped', () => {
    compare(
      `
      la gp, data
      li sp, 0x80008000
outer: li s0, 9
inner: andi t0, s0, 3
      beqz t0, even
      mul t1, s0, t1
      ld t2, 8(gp)
      add t2, t2, t1
      sd t2, 8(gp)
      j joined
even: call near
      la t3, far
      jalr ra, 0(t3)
joined: addi s0, s0, -1
      c.addi a0, 1
      bnez s0, inner
      j outer
near: addi sp, sp, -16
      sd ra, 8(sp)
      addi a1, a1, 1
      la t4, leaf
      jalr ra, 0(t4)
      ld ra, 8(sp)
      addi sp, sp, 16
      ret
leaf: lw a2, 4(gp)
      xor a3, a3, a2
      ret${DATA}
      .org 0x80001000
far:  addi a4, a4, 3
      ret`,
      [...every(617, 20_000), ...every(1, 60).map((n) => 20_000 + n)],
    );
  });

  it('does floating point and atomics', () => {
    compare(
      `
      la gp, data
again: addi a0, a0, 1
      fcvt.d.l fa0, a0
      fdiv.d fa1, fa0, fa0
      fmadd.d fa2, fa1, fa0, fa2
      fcvt.l.d a1, fa2
      feq.d a2, fa1, fa0
      fcvt.s.d fa3, fa2
      fsw fa3, 24(gp)
      flw fa4, 24(gp)
      fmv.x.w a3, fa4
      amoadd.d a4, a0, (gp)
      lr.w a5, (gp)
      sc.w a6, a0, (gp)
      j again${DATA}`,
      every(499, 8_000),
    );
  });

  it('leaves what it does not do to the interpreter: slow CSRs, calls of the environment, misaligned accesses', () => {
    compare(
      `
      la t0, handler
      csrw mtvec, t0
      la gp, data
again: addi a0, a0, 1
      ld a1, 3(gp)
      sd a0, 21(gp)
      csrrw a2, mscratch, a0
      csrr a4, instret
      ecall
      bnez a0, again
handler: csrr t1, mepc
      addi t1, t1, 4
      csrw mepc, t1
      addi a7, a7, 1
      mret${DATA}`,
      every(311, 6_000),
    );
  });

  it('takes an interrupt that it enables before the next instruction', () => {
    const { translated } = compare(
      `
      la t0, handler
      csrw stvec, t0
      li t1, 2
      csrs sie, t1
again: addi a0, a0, 1
      csrs sip, t1
      csrsi sstatus, 2
      addi a1, a1, 1
      csrrci a3, sstatus, 2
      j again
      .align 2
handler: csrc sip, t1
      csrr t2, sepc
      xor a4, a4, t2
      addi a2, a2, 1
      sret`,
      every(383, 9_000),
      {
        prepare: ({ hart }) => {
          hart.state.setSmall('privilege', PRIVILEGE.supervisor);
          hart.state.set('mideleg', 2n);
          hart.core.refresh();
        },
      },
    );
    expect(translated.x('a2')).toBeGreaterThan(500n);
  });

  it('reads the time at each instruction as interpreted code does', () => {
    const { translated } = compare(
      'again: csrr a0, time\n xor a2, a2, a0\n csrr a1, time\n add a3, a3, a1\n bltu a0, a4, again\n addi a4, a0, 3\n j again',
      every(317, 9_000),
    );
    expect(translated.x('a0')).toBeGreaterThan(85n);
  });

  it('takes a page fault at the exact instruction, with the registers of that moment', () => {
    const prepare = (p: Program) => {
      const table = new PageTable(p, 3, 0x8004_0000n);
      table.map(0x8000_0000n, 0x8000_0000n);
      for (let page = 0n; page < 4n; page++) table.map(0x1000_0000n + page * 4096n, 0x8002_0000n + page * 4096n);
      p.setX('a1', 0x1000_0000n);
      table.enter(0x8000_0000n);
    };
    const { translated } = compare('again: addi a0, a0, 1\n sd a0, 0(a1)\n addi a1, a1, 8\n addi a2, a2, 1\n j again', every(997, 12_000), {
      prepare,
    });
    expect(translated.trap).toMatchObject({ cause: 15, tval: 0x1000_4000n, pc: 0x8000_0004n });
    expect([translated.x('a0'), translated.x('a2')]).toEqual([2049n, 2048n]);
  });

  it('goes on in its page when the page table has lost it', () => {
    const prepare = (p: Program) => {
      const table = new PageTable(p, 3, 0x8004_0000n);
      table.map(0x8000_0000n, 0x8000_0000n);
      table.map(0x1000_0000n, table.entry(0x8000_0000n) & ~4095n);
      p.setX('a1', 0x1000_0000n + (table.entry(0x8000_0000n) & 4095n));
      table.enter(0x8000_0000n);
    };
    const { translated } = compare(
      'li t0, 2000\n la t1, again\nagain: addi a0, a0, 1\n bltu a0, t0, next\n sd zero, 0(a1)\nnext: jalr t2, 0(t1)',
      every(997, 12_000),
      { prepare },
    );
    expect([translated.x('a0') > 3000n, translated.trap]).toEqual([true, undefined]);
  });

  it('takes the right to user pages away for the interpreter as well', () => {
    const source = `
again: csrs sstatus, s1
      ld a2, 0(a1)
      ecall
      csrc sstatus, s1
      ld a3, 0(a1)
      addi a0, a0, 1
      j again
      .align 2
handler: csrr t1, mepc
      addi t1, t1, 4
      csrw mepc, t1
      csrr t2, mcause
      add a7, a7, t2
      mret`;
    const prepare = (p: Program) => {
      const table = new PageTable(p, 3, 0x8004_0000n);
      table.map(0x8000_0000n, 0x8000_0000n);
      table.map(0x1000_0000n, 0x8002_0000n, ALL | PTE.U);
      p.setX('a1', 0x1000_0000n);
      p.setX('s1', STATUS.SUM);
      p.hart.state.set('mtvec', p.address('handler'));
      table.enter(0x8000_0000n);
    };
    const { translated } = compare(source, every(997, 20_000), { prepare });
    // Each round a call of the environment, and a page fault.
    expect(translated.x('a7') / translated.x('a0')).toBe(9n + 13n);
  });

  it('accesses what crosses into another page where that is', () => {
    const prepare = (p: Program) => {
      const table = new PageTable(p, 3, 0x8004_0000n);
      table.map(0x8000_0000n, 0x8000_0000n);
      table.map(0x1000_0000n, 0x8002_5000n);
      table.map(0x1000_1000n, 0x8002_0000n);
      p.store(0x8002_0000n, 8, 0x1122_3344_5566_7788n);
      p.setX('a1', 0x1000_0ffcn);
      table.enter(0x8000_0000n);
    };
    const { translated } = compare('again: addi a0, a0, 1\n ld a2, 0(a1)\n sw a0, 2(a1)\n j again', every(997, 12_000), { prepare });
    expect(translated.x('a2') >> 48n).toBe(0x5566n);
    expect(translated.load(0x8002_0000n, 8) >> 16n).toBe(0x1122_3344_5566n);
  });

  it('polls a device with the first instruction of a block, and sees what it answers', () => {
    const bus = (): HartBus => {
      let asked = 0;
      return { read: () => (++asked % 50 === 0 ? 1 : 0), write: () => true };
    };
    const { translated } = compare(
      'li a0, 0x10000000\npoll: lw a1, 0(a0)\n beqz a1, poll\n addi a2, a2, 1\n sw a2, 4(a0)\n j poll',
      every(733, 9_000),
      { bus },
    );
    expect(translated.x('a2')).toBeGreaterThan(50n);
  });

  it('reports an illegal instruction by its own bits', () => {
    const turnOff = (p: Program) => p.hart.state.set('mstatus', p.csr('mstatus') & ~(3n << 13n));
    const source = 'again: fadd.d fa0, fa0, fa1\n addi a0, a0, 1\n j again';
    const { translated, interpreted } = compare(source, every(400, 2_000));
    for (const p of [translated, interpreted]) {
      turnOff(p);
      p.hart.core.refresh();
      p.run(10);
    }
    expect(translated.trap).toEqual(interpreted.trap);
    expect(translated.trap).toMatchObject({
      cause: 2,
      tval: BigInt(assemble('fadd.d fa0, fa0, fa1').bytes.reduceRight((bits, byte) => bits * 256 + byte, 0)),
    });
  });
});
