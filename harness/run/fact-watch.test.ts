/** What a run records for checks that ask about the inside of the kernel. The expected numbers are counted by hand in the kernels' text. */
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../checks/kind.ts';
import { checkedKernel } from '../testkit/checked-kernel.ts';
import { kernelOf } from '../testkit/interrupt-kernel.ts';

const print = (character: string) => `li a0, ${character.charCodeAt(0)}\n li a7, 1\n ecall`;
const OFF = 'li a7, 8\n ecall';

/** In S mode under Sv39: the first GiB of RAM is mapped, and what faults is left out. */
const FAULTING = kernelOf(`
    la t0, vector
    csrw stvec, t0
    la t0, root
    li t1, 0x200000cf
    sd t1, 16(t0)
    srli t0, t0, 12
    li t1, 8
    slli t1, t1, 60
    or t0, t0, t1
    csrw satp, t0
    ${print('A')}
    lui t3, 0x40000
    ld t4, 0(t3)
    sd t4, 8(t3)
    ld t4, 16(t3)
    ${print('B')}
    ld t4, 24(t3)
    ${OFF}
    .align 2
  vector: csrr t5, sepc
    addi t5, t5, 4
    csrw sepc, t5
    sret
    .align 12
  root: .dword 0
    .align 12
  end: nop`);

/** A user program that makes calls, of which 1000 prints the letter in a0. */
const CALLING = kernelOf(`
    la t0, vector
    csrw stvec, t0
    la t0, user
    csrw sepc, t0
    csrw sstatus, zero
    sret
  user: li a7, 64
    ecall
    li a0, 65
    li a7, 1000
    ecall
    li a7, 64
    li s0, 5
  again: ecall
    addi s0, s0, -1
    bnez s0, again
    li a7, 172
    ecall
    li a0, 66
    li a7, 1000
    ecall
    li a7, 64
    ecall
    li a7, 93
    ecall
    .align 2
  vector: csrr t5, sepc
    addi t5, t5, 4
    csrw sepc, t5
    li t5, 1000
    beq a7, t5, show
    li t5, 93
    beq a7, t5, off
    sret
  show: li a7, 1
    ecall
    sret
  off: ${OFF}`);

async function countsOf(kernel: Uint8Array, ...asks: string[]) {
  const { evidence } = await checkedKernel(kernel, ...asks.map((ask) => `counts: { ${ask}, min: 0 }`));
  expect(evidence.stop).toEqual({ reason: 'poweroff' });
  return evidence.facts?.counts.map(({ count }) => count);
}

const BETWEEN = 'between: [A, B]';

describe('counts', () => {
  it('instructions and page faults between two texts, and in all', async () => {
    const counts = await countsOf(FAULTING, `of: instructions, ${BETWEEN}`, `of: page-faults, ${BETWEEN}`, 'of: page-faults');
    // lui, three times the handler's four, and two before the call that prints. An instruction that traps does not retire, and ECALL traps.
    expect(counts).toEqual([15, 3, 4]);
  });

  it('system calls in all, and by number', async () => {
    const counts = await countsOf(
      CALLING,
      `of: system-calls, ${BETWEEN}`,
      `of: { system-call: 64 }, ${BETWEEN}`,
      'of: { system-call: 64 }',
      'of: { system-call: 172 }',
      'of: { system-call: 63 }',
    );
    // The call that prints B has been made when B is shown.
    expect(counts).toEqual([7, 5, 7, 1, 0]);
  });

  it('nothing, where one of the texts is not shown', async () => {
    expect(await countsOf(CALLING, 'of: system-calls, between: [B, A]', 'of: system-calls, between: [A, X]')).toEqual([null, null]);
  });

  it('the time between two texts, to the instruction', async () => {
    const { evidence, verdicts } = await checkedKernel(
      FAULTING,
      'console: { takes: { min: 19ns, max: 19ns }, from: A, to: B }',
      'console: { takes: { max: 18ns }, from: A, to: B }',
    );
    // The fifteen instructions above, three loads that fault, and one call that prints: each takes a nanosecond.
    expect(evidence.facts?.counts.map(({ of, count }) => [of, count])).toEqual([['nanoseconds', 19]]);
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(['passed', 'failed']);
  });

  it('is not in evidence where nobody asks', async () => {
    const { evidence } = await checkedKernel(CALLING, 'console: AB');
    expect(evidence.facts).toBeUndefined();
  });
});

describe('a check of counts', () => {
  const judge = async (part: string): Promise<Verdict> => (await checkedKernel(CALLING, `counts: { ${part} }`)).verdicts[0]!;

  it('passes within its bounds, and fails with what was found', async () => {
    const passed = { outcome: 'passed' };
    expect(await judge(`of: { system-call: 64 }, ${BETWEEN}, is: 5`)).toEqual(passed);
    expect(await judge(`of: { system-call: 64 }, ${BETWEEN}, min: 1, max: 5`)).toEqual(passed);
    expect(await judge(`of: { system-call: 64 }, ${BETWEEN}, max: 4`)).toMatchObject({
      reason: '5 system calls between "A" and "B", expected at most 4',
      details: [
        { kind: 'expected', text: 'at most 4 system calls 64 between "A" and "B"' },
        { kind: 'found', text: '5' },
      ],
    });
    expect(await judge('of: context-switches, min: 1')).toMatchObject({ reason: '0 context switches, expected at least 1' });
  });

  it('fails where the texts are not shown, and says which', async () => {
    expect(await judge('of: instructions, between: [A, C], min: 0')).toMatchObject({ reason: 'the console never shows "C" after "A"' });
    expect(await judge('of: instructions, between: [X, B], min: 0')).toMatchObject({ reason: 'the console never shows "X"' });
  });
});
