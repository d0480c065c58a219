/** The budget: the interpreter stops exactly where it runs out, at any instruction, and the guest cannot notice. */
import { describe, expect, it } from 'vitest';
import { Program } from '../testkit/program.ts';

/** Branches, memory, a call, CSRs, multiplication, floating point and a trap with its return, for ever. */
const BUSY = `
      la t0, handler
      csrw mtvec, t0
      la s0, data
loop: addi a0, a0, 3
      mul a1, a0, a0
      sd a1, 0(s0)
      lw a2, 3(s0)
      c.add a3, a2
      beqz a3, skip
      call function
skip: csrrw a4, mscratch, a3
      fcvt.d.l fa0, a0
      fdiv.d fa1, fa0, fa0
      fadd.d fa2, fa2, fa1
      ecall
      amoadd.d a5, a0, (s0)
      j loop
function: xor a6, a6, a3
      ret
      .align 2
handler: csrr t1, mepc
      addi t1, t1, 4
      csrw mepc, t1
      addi a7, a7, 1
      mret
      .align 3
data: .dword 0`;

/** Everything that the guest could see. */
function visible(p: Program): unknown {
  const registers = Array.from({ length: 32 }, (_, i) => [p.hart.state.x(i), p.hart.state.f(i)]);
  const csrs = (['pc', 'mstatus', 'mepc', 'mcause', 'mtval', 'mscratch', 'fflags'] as const).map((slot) => p.csr(slot));
  return { registers, csrs, data: p.load(p.address('data'), 8), now: p.hart.now(), retired: p.hart.retired() };
}

describe('the budget', () => {
  it('is used up exactly, whatever the code', () => {
    const reference = new Program(BUSY);
    for (let n = 1; n <= 120; n++) {
      reference.run(1);
      expect(reference.hart.now()).toBe(n);
      const p = new Program(BUSY);
      expect(p.run(n)).toBe('time');
      expect(visible(p)).toEqual(visible(reference));
    }
  });

  it('makes no difference in the long run', () => {
    const [whole, parts] = [new Program(BUSY), new Program(BUSY)];
    whole.run(100_000);
    for (let n = 0; n < 100_000; n += 617) parts.run(Math.min(617, 100_000 - n));
    expect(visible(whole)).toEqual(visible(parts));
  });

  it('counts a trap as time and not as an instruction', () => {
    const p = new Program('addi a0, a0, 1\n ecall');
    p.run(2);
    expect([p.hart.now(), p.hart.retired()]).toEqual([2, 1n]);
  });
});
