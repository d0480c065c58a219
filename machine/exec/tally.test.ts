/** What checks count: the same whether rounds of a loop are run or skipped, and whether code is interpreted or translated. */
import { describe, expect, it } from 'vitest';
import { countCalls, readTally, type Tally } from '../layout/tally.ts';
import { EXCEPTION, INTERRUPT, PTE } from '../spec/riscv.ts';
import { ALL, PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const LOAD_PAGE_FAULT = 13;

/** Answers the calls of a user program by a7: 9 goes on under the satp in s1, and all others only come back, as page faults do. */
const kernel = (user: string) => `
      la t0, handler
      csrw stvec, t0
      la t0, user
      csrw sepc, t0
      csrw sstatus, zero
      sret
      .align 2
handler: csrr t0, scause
      blt t0, zero, timer
      csrr t0, sepc
      addi t0, t0, 4
      csrw sepc, t0
      addi t1, a7, -9
      bnez t1, back
      csrw satp, s1
back: sret
timer: csrr t0, stimecmp
      add t0, t0, s4
      csrw stimecmp, t0
      sret
      .org 0x80001000
user: ${user}
      .org 0x80002000`;

/** In S mode, under one page table, with the satp of a second one in s1 and its own in s3. Calls 64 and 9 are counted by number. */
function begin(user: string): Program {
  const p = new Program(kernel(user));
  const { state } = p.hart;
  const [first, second] = [0x8004_0000n, 0x8006_0000n].map((at) => new PageTable(p, 3, at)) as [PageTable, PageTable];
  for (const table of [first, second]) {
    table.map(0x8000_0000n, 0x8000_0000n);
    table.map(0x8000_1000n, 0x8000_1000n, ALL | PTE.U);
  }
  state.set('medeleg', (1n << BigInt(EXCEPTION.ecallFromU)) | (1n << BigInt(LOAD_PAGE_FAULT)));
  state.set('mideleg', 1n << BigInt(INTERRUPT.supervisorTimer));
  state.set('mie', 1n << BigInt(INTERRUPT.supervisorTimer));
  state.set('menvcfg', 1n << 63n);
  state.set('mcounteren', 2n);
  countCalls(state, [64n, 9n, 1000n]);
  p.setX('s1', second.satp);
  p.setX('s3', first.satp);
  first.enter(0x8000_0000n);
  return p;
}

const tallyOf = (p: Program): Tally => readTally(p.hart.state);

describe('a tally', () => {
  it('counts exceptions by cause and system calls by number', () => {
    const p = begin('li a7, 64\n ecall\n ecall\n li a7, 172\n ecall\n li t2, 64\n ld a0, 0(t2)\n ld a0, 8(t2)\nend: j end');
    p.run(5_000);
    expect(p.pc).toBe(p.address('end'));
    const { exceptions, calls, contextSwitches } = tallyOf(p);
    expect([exceptions[EXCEPTION.ecallFromU], exceptions[LOAD_PAGE_FAULT], calls, contextSwitches]).toEqual([3, 2, [2, 0, 0], 0]);
    expect(exceptions.reduce((sum, count) => sum + count)).toBe(5);
  });

  it('counts where user mode goes on in a different address space, not what the kernel does to satp meanwhile', () => {
    const there = 'li a7, 9\n ecall\n ecall';
    const back = 'mv s1, s3\n ecall';
    const p = begin(`li a7, 64\n ecall\n ${there}\n ${back}\n li a7, 64\n ecall\nend: j end`);
    p.run(5_000);
    expect(p.pc).toBe(p.address('end'));
    expect(tallyOf(p)).toMatchObject({ calls: [2, 3, 0], contextSwitches: 2 });
  });

  it('counts interrupts by cause and mode', () => {
    const p = begin('addi t1, t1, 1\n j user');
    p.setX('s4', 1_000n);
    p.hart.state.set('stimecmp', 1_000n);
    p.hart.timerChanged();
    p.run(1_050_000);
    const { interrupts } = tallyOf(p);
    // One after each 1000 ticks of 100 ns.
    expect(interrupts.S[INTERRUPT.supervisorTimer]).toBe(10);
    expect([...interrupts.S, ...interrupts.M].reduce((sum, count) => sum + count)).toBe(10);
  });

  it('counts the rounds that are skipped: a program that yields until the timer comes', () => {
    const run = (skips: boolean) => {
      const p = begin('li a7, 64\nyield: ecall\n j yield');
      p.hart.engine.loops.enabled = skips;
      p.setX('s4', 2_000_000n);
      p.hart.state.set('stimecmp', 2_000_000n);
      p.hart.timerChanged();
      p.run(10_000_000);
      return { tally: tallyOf(p), now: p.hart.now(), skipped: p.hart.engine.loops.skippedTime };
    };
    const [skipping, running] = [run(true), run(false)];
    expect(skipping.skipped).toBeGreaterThan(5_000_000);
    expect(running.skipped).toBe(0);
    expect(skipping.tally).toEqual(running.tally);
    // A round has ten steps: the call, eight instructions of the handler, and the jump.
    expect(Math.abs(skipping.tally.calls[0]! - skipping.now / 10)).toBeLessThan(3);
  });
});
