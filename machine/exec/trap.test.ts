/**
 * Interrupts between any two instructions, WFI, and traps that repeat for ever. The tests in isa/ have the traps of single instructions.
 * Reference: Privileged Architecture, "Machine Interrupt Registers", "Wait for Interrupt".
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION, INTERRUPT, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { PageTable } from '../testkit/page-table.ts';
import { Program } from '../testkit/program.ts';

describe('an interrupt', () => {
  /** A handler that counts in a7 and uses no register of the interrupted code. */
  const INTERRUPTED = `
      la t3, on_interrupt
      csrw mtvec, t3
      csrsi mie, 8
      csrsi mstatus, 8
start: la s0, data
      li a0, 5
loop: addi a1, a1, 7
      sd a1, 0(s0)
      lw a2, 2(s0)
      c.addi a3, 3
      jal t0, function
      addi a0, a0, -1
      bnez a0, loop
end:  j end
function: xor a4, a4, a1
      ret0: jalr zero, 0(t0)
      .align 2
on_interrupt: addi a7, a7, 1
      csrr t4, mepc
      mret
      .align 3
data: .dword 0`;
  const outcome = (p: Program) => ['a0', 'a1', 'a2', 'a3', 'a4', 's0'].map((name) => p.x(name));

  it('is taken between any two instructions, and harms nothing', () => {
    const undisturbed = new Program(INTERRUPTED).runTo('start');
    const path: bigint[] = [undisturbed.pc];
    while (undisturbed.pc !== undisturbed.address('end')) {
      undisturbed.run(1);
      path.push(undisturbed.pc);
    }
    path.forEach((pc, n) => {
      const p = new Program(INTERRUPTED).runTo('start');
      const { hart } = p;
      hart.clock.alarm(() => hart.setPending(INTERRUPT.machineSoftware, true)).at = hart.now() + n;
      hart.clock.alarm(() => hart.setPending(INTERRUPT.machineSoftware, false)).at = hart.now() + n + 2;
      hart.engine.run(hart.now() + 300, { live: false });
      expect([n, p.x('t4'), p.x('a7'), outcome(p)]).toEqual([n, pc, 1n, outcome(undisturbed)]);
    });
  });

  it.each([
    ['mstatus', 'csrsi mie, 8\n csrsi mstatus, 8'],
    ['mie', 'csrsi mstatus, 8\n csrsi mie, 8'],
  ])('is taken at once when the guest enables it in %s', (_, enable) => {
    const p = new Program(
      `la t0, handler\n csrw mtvec, t0\n ${enable}\nhere: addi a0, a0, 1\n .align 2\nhandler: csrr a1, mepc\n csrr a2, mcause\nend: j end`,
    );
    p.hart.setPending(INTERRUPT.machineSoftware, true);
    p.run(100);
    expect([p.x('a0'), p.x('a1'), p.x('a2')]).toEqual([0n, p.address('here'), (1n << 63n) | 3n]);
  });

  it('of higher priority comes first', () => {
    const p = new Program(
      'la t0, handler\n csrw mtvec, t0\n li a0, 0x888\n csrw mie, a0\n csrsi mstatus, 8\n .align 2\nhandler: csrr a2, mcause\nend: j end',
    );
    for (const interrupt of [INTERRUPT.machineTimer, INTERRUPT.machineSoftware, INTERRUPT.machineExternal])
      p.hart.setPending(interrupt, true);
    p.runTo('end');
    expect(p.x('a2')).toBe((1n << 63n) | BigInt(INTERRUPT.machineExternal));
  });

  it('goes to its own place in a vectored table', () => {
    const p = new Program(
      'la t0, table\n addi t0, t0, 1\n csrw mtvec, t0\n csrsi mie, 8\n csrsi mstatus, 8\n .align 6\ntable: nop\n nop\n nop\nend: j end',
    );
    p.hart.setPending(INTERRUPT.machineSoftware, true);
    p.runTo('end');
    expect(p.csr('mcause')).toBe((1n << 63n) | 3n);
  });
});

describe('WFI', () => {
  it('without anything to wait for is idle', () => {
    const p = new Program('wfi\n addi a0, a0, 1\nend: j end');
    expect(p.run(1000)).toBe('idle');
    expect([p.x('a0'), p.hart.now()]).toEqual([0n, 1]);
  });

  it('ends when an enabled interrupt becomes pending, and is taken only if it is enabled at large', () => {
    for (const enabled of [false, true]) {
      const p = new Program(`csrsi mie, 8\n ${enabled ? 'csrsi' : 'csrci'} mstatus, 8\n wfi\nafter: addi a0, a0, 1\nend: j end`);
      p.hart.clock.alarm(() => p.hart.setPending(INTERRUPT.machineSoftware, true)).at = 500;
      p.run(499);
      expect([p.hart.now(), p.hart.retired(), p.x('a0')]).toEqual([499, 3n, 0n]);
      p.run(2);
      expect(p.x('a0')).toBe(enabled ? 0n : 1n);
      expect(p.trap?.pc).toBe(enabled ? p.address('after') : undefined);
    }
  });

  it('does not wait when the interrupt is pending already', () => {
    const p = new Program('csrsi mie, 8\n wfi\n addi a0, a0, 1\nend: j end');
    p.hart.setPending(INTERRUPT.machineSoftware, true);
    p.runTo('end');
    expect([p.x('a0'), p.hart.now()]).toEqual([1n, 3]);
  });
});

describe('a trap loop', () => {
  it.each([
    ['an illegal instruction at the vector', 'la t0, vector\n csrw mtvec, t0\n ecall\n .align 2\nvector: .word 0xffffffff'],
    ['a vector outside RAM', 'csrwi mtvec, 0\n ecall'],
    ['a handler that faults further on', 'la t0, vector\n csrw mtvec, t0\n ecall\n .align 2\nvector: nop\n csrr t1, mepc\n sd t1, 0(zero)'],
    [
      'a handler that goes back to what faults',
      'la t0, vector\n csrw mtvec, t0\n ld t1, 0(zero)\n .align 2\nvector: csrr t1, mcause\n mret',
    ],
  ])('is found: %s', (_, source) => {
    expect(new Program(source).run(1e6)).toBe('trap-loop');
  });

  it('is found in S mode, where the vector is not mapped', () => {
    const p = new Program(`csrr a0, scause\nli t0, 0x7000\ncsrw stvec, t0\nat: ecall`);
    p.hart.state.set('medeleg', (1n << BigInt(EXCEPTION.ecallFromS)) | (1n << BigInt(EXCEPTION.instructionPage)));
    const table = new PageTable(p, 3, 0x8004_0000n);
    table.map(0x8000_0000n, 0x8000_0000n);
    table.enter(0x8000_0000n);
    expect(p.run(1e6)).toBe('trap-loop');
    expect([p.csr('scause'), p.csr('sepc'), p.csr('stval')]).toEqual([BigInt(EXCEPTION.instructionPage), 0x7000n, 0x7000n]);
  });

  it('is none where a user program makes calls for ever: that is a hang', () => {
    const p = new Program(
      'la t0, handler\ncsrw stvec, t0\nli t0, 0x100\ncsrw medeleg, t0\nla t0, user\ncsrw sepc, t0\nsret\nuser: ecall\nj user\n.align 2\nhandler: csrr t0, sepc\naddi t0, t0, 4\ncsrw sepc, t0\nsret',
    );
    expect(p.run(1e6)).toBe('hang');
  });

  it('is none where an interrupt can still come', () => {
    const p = new Program(
      'la t0, vector\n csrw stvec, t0\n csrsi mie, 8\n li t0, 0x4\n csrw medeleg, t0\n la t0, vector\n csrw mepc, t0\n li t0, 0x800\n csrs mstatus, t0\n mret\n .align 2\nvector: .word 0xffffffff',
    );
    p.hart.clock.alarm(() => p.hart.setPending(INTERRUPT.machineSoftware, true)).at = 500;
    expect(p.run(499)).toBe('time');
    p.run(10);
    expect(p.trap).toMatchObject({ interrupt: true, cause: INTERRUPT.machineSoftware });
    expect((p.csr('mstatus') & STATUS.MPP) >> 11n).toBe(BigInt(PRIVILEGE.supervisor));
  });
});
