/** Handlers of traps that do something wrong, each with the sentence of its mistake; and their twins without it. */
import { describe, expect, it } from 'vitest';
import { interruptKernel, kernelOf } from '../testkit/interrupt-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

describe('an interrupt that was not acknowledged', () => {
  const rules = (steps: Parameters<typeof interruptKernel>[0]) =>
    toldOf(interruptKernel(steps)).evidence.findings.map(({ rule, severity }) => `${severity} ${rule}`);

  it('is no mistake of a handler that came to an end before it could', () => {
    // As a kernel that panics in its handler does.
    const ends = rules({ claim: 'li a7, 8\n ecall' });
    expect(ends.filter((one) => one.includes('interrupt-unacknowledged'))).toEqual([]);
    expect(rules({ acknowledge: '' })).toContain('must interrupt-unacknowledged');
  });
});

describe('a return into the middle of an instruction', () => {
  const kernel = (trap: string, handler: string) =>
    kernelOf(`la t0, vector
      csrw stvec, t0
      li t2, 0
    ${trap}
    next: lui t1, 0
      li a7, 8
      ecall
    again: j again
      .align 2
    vector: bnez t2, other
      li t2, 1
      csrr t0, sepc
      ${handler}
      csrw sepc, t0
    back: sret
    other: j other`);

  it('names the handler that adds 4 for an instruction of 2 bytes, and where it returns', () => {
    const { says, places } = toldOf(kernel('trap: c.ebreak', 'addi t0, t0, 4'));
    expect(says).toMatch(
      /the hart was in the middle of an instruction: sret went to 0x[0-9a-f]+, and the instruction there begins at 0x[0-9a-f]+ \(lui t1, 0x0\)/,
    );
    expect(says).toMatch(/\(c\.ebreak\) and has 2 bytes, and the handler has added 4 to sepc\. It must add the instruction's length/);
    expect(says).not.toContain('zeroes');
    expect(places).toMatchObject({ 'that return is at': 'back' });
    expect(toldOf(kernel('trap: c.ebreak', 'addi t0, t0, 2'))).toMatchObject({ stop: 'poweroff', says: '' });
    expect(toldOf(kernel('trap: ebreak', 'addi t0, t0, 4'))).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('says of an interrupt that sepc stays as it is', () => {
    const timer = (handler: string) =>
      kernel(
        'li t1, 0x20\n csrs sie, t1\n csrw stimecmp, zero\n csrsi sstatus, 2\n here: .half 1',
        `li t1, -1\n csrw stimecmp, t1\n ${handler}`,
      );
    expect(toldOf(timer('addi t0, t0, 4')).says).toContain('That was a return from an interrupt: sepc is the instruction that comes next');
    expect(toldOf(timer('nop'))).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('is told apart from two bytes of zeroes that the kernel file has, which compilers put for unreachable()', () => {
    const { says } = toldOf(kernel('trap: .half 0', 'addi t0, t0, 2\n j other'));
    expect(says).toContain('that is unimp: compilers put it where they think that nothing comes to');
  });
});

it('a page table whose U bit keeps S mode from its own code says so of the handler as well', () => {
  const paged = (flags: number) =>
    toldOf(
      kernelOf(`la t0, vector
      csrw stvec, t0
      li t0, 0x80204000
      li t1, ${0x2000_0000 | flags}
      sd t1, 16(t0)
      li t0, 0x8000000000080204
    write: csrw satp, t0
      li a7, 8
      ecall
      .align 2
    vector: j vector`),
    );
  const { says } = paged(0xdf);
  expect(says).toContain('clear U in the entries that map the kernel');
  expect(says).toContain('clear U in that entry, since S mode executes no page of user mode');
  expect(says).not.toContain('stvec must hold');
  expect(paged(0xcf)).toMatchObject({ stop: 'poweroff', says: '' });
});
