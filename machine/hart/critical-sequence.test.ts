/**
 * A critical sequence in S mode, interrupted once at each of its instructions in turn. Wherever the interrupt comes, the result is the same.
 *
 * It takes a lock by LR/SC, changes what the lock guards by plain loads and stores, by an AMO and by floating point, crosses a page
 * within an instruction, swaps sscratch, and gives the lock back. The handler takes no lock, but reserves the same word itself.
 */
import { expect, it } from 'vitest';
import { INTERRUPT } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

const SOURCE = `
start: la s0, lock
      la s1, guarded
      csrsi sstatus, 2
acquire: lr.w t0, (s0)
      bnez t0, acquire
      li t1, 1
      sc.w t0, t1, (s0)
      bnez t0, acquire
      ld a0, 0(s1)
      c.addi a0, 5
      sd a0, 0(s1)
      lw a1, 6(s1)
      sw a1, 14(s1)
      amoadd.d a2, a0, (s1)
      fcvt.d.l fa0, a2
      fadd.d fa1, fa0, fa0
      fsd fa1, 24(s1)
      csrrw a3, sscratch, a2
      csrrw a2, sscratch, a3
      j crossing
      .org 0x80000ffe
crossing: addi a4, a2, 291
      jal ra, function
      amoswap.w.rl zero, zero, (s0)
end:  j end
function: xor a5, a4, a0
      ret
      .align 2
handler: csrr s10, sepc
      addi s11, s11, 1
      lr.w t6, (s0)
      csrci sip, 2
      sret
      .org 0x80002000
lock: .dword 0
guarded: .dword 0x1122334455667788, 0x99aabbccddeeff00, 3, 4`;

/** The program at its start, in S mode under Sv39. Its software interrupt is delegated and enabled, but sstatus.SIE is still 0. */
function begin(): Program {
  const p = new Program(SOURCE);
  const { state } = p.hart;
  state.set('stvec', p.address('handler'));
  state.set('mideleg', 1n << BigInt(INTERRUPT.supervisorSoftware));
  state.set('mie', 1n << BigInt(INTERRUPT.supervisorSoftware));
  const table = new PageTable(p, 3, 0x8004_0000n);
  for (let page = 0x8000_0000n; page < 0x8000_3000n; page += 4096n) table.map(page, page);
  table.enter(p.address('start'));
  return p;
}

const REGISTERS = ['ra', 's0', 's1', 'a0', 'a1', 'a2', 'a3', 'a4', 'a5', 't0', 't1'];

const outcome = (p: Program): unknown => ({
  registers: REGISTERS.map((name) => p.x(name)),
  floats: [p.f('fa0'), p.f('fa1'), p.csr('fflags')],
  sscratch: p.csr('sscratch'),
  memory: p.bytes(p.address('lock'), 48),
  trap: p.trap,
});

it('ends the same, wherever an interrupt comes', () => {
  const undisturbed = begin();
  const path: bigint[] = [];
  for (; undisturbed.pc !== undisturbed.address('end'); undisturbed.run(1)) path.push(undisturbed.pc);
  expect(undisturbed.load(undisturbed.address('guarded'), 8)).toBe(2n * 0x1122_3344_5566_778dn);
  const enabled = path.indexOf(undisturbed.address('acquire'));

  path.forEach((pc, n) => {
    const p = begin();
    const { hart } = p;
    hart.clock.alarm(() => hart.setPending(INTERRUPT.supervisorSoftware, true)).at = hart.now() + n;
    p.run(200);
    // The interrupt cannot come before interrupts are enabled.
    const at = path[Math.max(n, enabled)];
    expect([n, pc, p.x('s11'), p.x('s10')]).toEqual([n, pc, 1n, at]);
    expect(outcome(p)).toEqual(outcome(undisturbed));
  });
});
