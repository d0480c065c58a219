/** Traps within traps, and what they leave. Reference: Privileged Architecture, "Machine Trap Delegation Registers", xRET, LR/SC. */
import { expect, it } from 'vitest';
import { MOST_EXCEPTIONS_IN_A_ROW, MOST_INTERRUPTS_IN_A_ROW } from '../spec/bounds.ts';
import { EXCEPTION, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { Program } from '../testkit/program.ts';

it('an exception in S mode’s handler goes to S mode again, and SRET only returns from the last', () => {
  const p = new Program(`
    la t0, handler
    csrw stvec, t0
    li t0, ${(1 << EXCEPTION.breakpoint) | (1 << EXCEPTION.ecallFromU)}
    csrw medeleg, t0
    la t0, user
    csrw sepc, t0
    sret
    user: ecall
    end: j end
    .org 0x80000100
    handler:
    bnez a0, second
    csrr a1, scause
    csrr a2, sepc
    csrr a3, sstatus
    li a0, 1
    first: ebreak
    second:
    csrr a4, scause
    csrr a5, sepc
    csrr a6, sstatus
    after: j after`);
  p.runTo('after');
  expect([p.x('a1'), p.x('a2')]).toEqual([BigInt(EXCEPTION.ecallFromU), p.address('user')]);
  expect([p.x('a4'), p.x('a5')]).toEqual([BigInt(EXCEPTION.breakpoint), p.address('first')]);
  // From U mode, then from S mode.
  expect([p.x('a3') & STATUS.SPP, p.x('a6') & STATUS.SPP]).toEqual([0n, STATUS.SPP]);
});

it('an exception in S mode’s handler that is not delegated goes to M mode, which can return into the handler', () => {
  const p = new Program(`
    la t0, machine
    csrw mtvec, t0
    la t0, handler
    csrw stvec, t0
    li t0, ${1 << EXCEPTION.ecallFromU}
    csrw medeleg, t0
    la t0, user
    csrw sepc, t0
    sret
    user: ecall
    end: j end
    .org 0x80000100
    handler:
    csrr a1, sepc
    broken: csrr zero, mscratch
    addi a1, a1, 4
    csrw sepc, a1
    sret
    .org 0x80000200
    machine:
    csrr a2, mcause
    csrr a3, mepc
    csrr a4, mstatus
    addi t1, a3, 4
    csrw mepc, t1
    mret`);
  p.runTo('end');
  expect([p.x('a2'), p.x('a3')]).toEqual([BigInt(EXCEPTION.illegalInstruction), p.address('broken')]);
  expect((p.x('a4') & STATUS.MPP) >> 11n).toBe(BigInt(PRIVILEGE.supervisor));
  expect(p.hart.state.small('privilege')).toBe(PRIVILEGE.user);
});

it('a reservation does not outlive the handler that made it', () => {
  const p = new Program(`
    la t0, handler
    csrw mtvec, t0
    la a1, word
    ecall
    sc.w a0, zero, (a1)
    end: j end
    .org 0x80000100
    handler:
    csrr t1, mepc
    addi t1, t1, 4
    csrw mepc, t1
    lr.w a2, (a1)
    mret
    word: .word 7`);
  p.runTo('end');
  expect([p.x('a0'), p.load(p.address('word'), 4)]).toEqual([1n, 7n]);
});

it('a store-conditional without a reservation accesses no memory, and so cannot fault unless it is misaligned', () => {
  const attempt = (address: bigint) => {
    const p = new Program('sc.d a0, a2, (a1)\n end: j end');
    p.setX('a1', address);
    p.run(1);
    return { cause: p.trap?.cause, result: p.x('a0') };
  };
  expect(attempt(0x5_0000n)).toEqual({ cause: undefined, result: 1n });
  expect(attempt(0x5_0004n)).toMatchObject({ cause: EXCEPTION.storeMisaligned });
});

/** M mode takes a software interrupt for ever, or until its handler has run `times` times. `s1` counts the instructions of the interrupted code. */
function interrupted(times: number): Program {
  return new Program(`
    la t0, handler
    csrw mtvec, t0
    li t0, 2
    csrs mip, t0
    csrs mie, t0
    csrsi mstatus, 8
    addi s1, s1, 1
    end: j end
    .org 0x80000100
    handler: addi s2, s2, 1
    li t1, ${times}
    bne s2, t1, again
    csrc mip, t0
    again: mret`);
}

it('interrupts that let no instruction of the interrupted code run are counted, and end the run when there are too many', () => {
  const endless = interrupted(MOST_INTERRUPTS_IN_A_ROW + 1);
  expect(endless.run(60_000_000_000)).toBe('interrupt-storm');
  expect([endless.x('s1'), endless.hart.traps.inARow]).toEqual([0n, MOST_INTERRUPTS_IN_A_ROW]);
  // The last one is entered, and its handler has not run yet.
  expect(endless.x('s2')).toBe(BigInt(MOST_INTERRUPTS_IN_A_ROW - 1));
  const [taken] = endless.hart.traps.interrupts();
  expect(taken).toMatchObject({ cause: 1, mode: 'M', count: MOST_INTERRUPTS_IN_A_ROW, time: endless.hart.now() });
});

it('interrupts that stop in time end nothing', () => {
  const patient = interrupted(MOST_INTERRUPTS_IN_A_ROW - 1);
  expect(patient.run(60_000_000_000)).toBe('hang');
  expect([patient.pc, patient.x('s1')]).toEqual([patient.address('end'), 1n]);
});

/** Each exception of the handler's first instruction stores to a stack that lies 16 bytes lower, where there is no memory. */
it('exceptions without a return end the run when there are too many', () => {
  const endless = new Program(`
    la t0, handler
    csrw mtvec, t0
    li sp, 0x40000000
    ebreak
    .org 0x80000100
    handler: addi sp, sp, -16
    sd ra, 8(sp)`);
  expect(endless.run(60_000_000_000)).toBe('exception-storm');
  expect(endless.x('sp')).toBe(0x4000_0000n - 16n * BigInt(MOST_EXCEPTIONS_IN_A_ROW));
});

it('the call of a user program is repeated if its handler returns to it, and not if the program has executed something else', () => {
  const calls = (handler: string) =>
    new Program(`
    la t0, handler
    csrw mtvec, t0
    la t0, user
    csrw mepc, t0
    li t1, ${STATUS.MPP}
    csrc mstatus, t1
    mret
    user: ecall
    j user
    .org 0x80000100
    handler: ${handler}
    mret`);
  const stuck = calls('addi s1, s1, 1');
  stuck.run(10_000);
  expect(stuck.hart.traps.repeatedCall).toMatchObject({
    pc: stuck.address('user'),
    privilege: PRIVILEGE.user,
    cause: EXCEPTION.ecallFromU,
  });
  expect(stuck.hart.traps.repeatedCall!.times).toBeGreaterThan(1000);
  const moves = calls('csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0');
  moves.run(10_000);
  expect(moves.hart.traps.repeatedCall).toBeUndefined();
});
