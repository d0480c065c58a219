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

describe('the value of satp', () => {
  /** A table of one large page for the kernel, at the third entry of a root table; and `satp`, which is written at `write`. */
  const kernel = (satp: string, root = '0x80204000') =>
    kernelOf(`la t0, vector
      csrw stvec, t0
      li t0, ${root}
      li t1, 0x200000cf
      sd t1, 16(t0)
      li t0, ${satp}
    write: csrw satp, t0
      li t1, 0x4000000000
      ${satp.length > 10 ? '' : 'ld t1, 0(t1)'}
      li a7, 8
      ecall
      .align 2
    vector: j vector`);

  it.each([
    [
      '0x8000000080204000',
      'its page number is 0x80204000, which looks like the address of the root table itself. It must be the address shifted right by 12 bits: 0x80204',
    ],
    [
      '0x8000000000200810',
      'its page number is 0x200810, which is 0x80204000 shifted right by 10 bits. It must be the address shifted right by 12 bits: 0x80204',
    ],
    ['0x9000000000080204', 'with MODE 9 (Sv48, 4 levels), but the table would map that address if MODE were 8 (Sv39, 3 levels)'],
    ['0x80204', 'satp is 0x80204, and its MODE (bits 60 to 63) is 0, so that no page table is in force'],
  ])('%s is named as what it looks like', (satp, sentence) => {
    const { says } = toldOf(kernel(satp));
    expect(says).toContain(sentence);
    expect(says).not.toMatch(/must map the code that writes satp|stvec must hold/);
  });

  it('is not to blame where the table is wrong, or nothing is', () => {
    expect(toldOf(kernel('0x8000000000080204'))).toMatchObject({ stop: 'poweroff', says: '' });
    const { says } = toldOf(kernel('0x8000000000080205'));
    expect(says).toContain('The new page table must map the code that writes satp');
    expect(says).not.toContain('satp is 0x');
  });
});

describe('an SBI call that was refused', () => {
  const kernel = (call: string, after = '') =>
    kernelOf(`${call}
 called: ecall
 ${after}
 spin: j spin`);

  it.each([
    [
      'li a7, 0x53525354\n li a6, 1\n li a0, 0\n li a1, 0',
      'SBI_ERR_NOT_SUPPORTED (-2) in a0, and the kernel has done nothing that is seen after it: a7 was 0x53525354 (SRST), and a6 was 1, but that extension has function 0 alone. To power off, a6 is 0',
    ],
    ['li a7, 0x53525354\n li a6, 0\n li a0, 9\n li a1, 0', 'SBI_ERR_INVALID_PARAM (-3) in a0'],
    ['li a7, 0x99\n li a6, 0', 'a7 was 0x99, and no extension has that number'],
  ])('is named with its error and its line: %s', (call, sentence) => {
    const { stop, says, places } = toldOf(kernel(call));
    expect(stop).toBe('hang');
    expect(says).toContain(sentence);
    expect(places).toMatchObject({ 'called at': 'called' });
  });

  it('is not named where the kernel went on to do something', () => {
    expect(toldOf(kernel('li a7, 0x99\n li a6, 0', 'li a0, 62\n li a7, 1\n ecall')).says).not.toContain('SBI_ERR');
    expect(toldOf(kernel('li a7, 0x10\n li a6, 0')).says).not.toContain('SBI_ERR');
  });
});

describe('the handler of a timer', () => {
  /** Ticks until `ticks` is 300, and then does what follows. */
  const kernel = (handler: string, after = 'li a7, 8\n ecall') =>
    kernelOf(`la t0, vector
      csrw stvec, t0
      la sp, stack
      la s1, ticks
      csrr t0, time
      csrw stimecmp, t0
      li t1, 0x20
      csrs sie, t1
      csrsi sstatus, 2
      li t0, 300
    wait: lw t1, 0(s1)
      blt t1, t0, wait
      ${after}
      .align 2
    stuck: j stuck
      .align 2
    vector: addi sp, sp, -32
      sd t1, 0(sp)
      sd t2, 8(sp)
      csrr t2, time
      addi t2, t2, 100
      csrw stimecmp, t2
      lw t1, 0(s1)
      addi t1, t1, 1
      sw t1, 0(s1)
      ${handler}
    back: sret
      .align 4
    ticks: .dword 0
      .org 0x80001000
    stack: nop`);
  const RESTORE = 'ld t1, 0(sp)\n ld t2, 8(sp)\n addi sp, sp, 32';
  /** An exception whose handler never returns. */
  const FAULT = 'la t2, stuck\n csrw stvec, t2\n csrw sie, zero\n ld t3, 0(zero)';

  it('that does not give back its stack is told how much it keeps', () => {
    const { says } = toldOf(kernel('ld t1, 0(sp)\n ld t2, 8(sp)\n addi sp, sp, 24', FAULT));
    expect(says).toContain(
      'the handler of the supervisor timer interrupt (cause 5) returned with sp 8 bytes lower than it was when the interrupt came',
    );
    expect(toldOf(kernel(RESTORE, FAULT)).says).not.toContain('the handler of');
    expect(toldOf(kernel(RESTORE))).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('that changes a register is told which', () => {
    const spin = 'li s2, 1\n spin: beqz t2, spin\n bnez s2, spin';
    const { stop, says } = toldOf(kernel('ld t1, 0(sp)\n addi sp, sp, 32', spin));
    expect(stop).toBe('limit');
    expect(says).toMatch(
      /did not leave all registers as they were: it changed t2 \(0x[0-9a-f]+ before it, 0x[0-9a-f]+ after it\)\. The handler saved/,
    );
  });

  it.each<[string, string, string, string]>([
    [
      'changes a register that it never saves',
      `keeps: li t3, 7\n ${RESTORE}`,
      'The handler changed t3 (addi t3, zero, 7), and never stored it to memory',
      'changed at keeps',
    ],
    [
      'does not load a register again',
      'ld t1, 0(sp)\n addi sp, sp, 32',
      'The handler saved t2 and changed it (csrrs t2, time, zero), and did not load it again',
      'changed at vector',
    ],
    [
      'loads a register from a different place',
      `wrong: ld t1, 8(sp)\n ld t2, 8(sp)\n addi sp, sp, 32`,
      'The handler saved t1, and then loaded it from a different place (ld t1, 8(sp))',
      'loaded at wrong',
    ],
    [
      'stores over what it has saved',
      `over: sw zero, 12(sp)\n sw zero, 8(sp)\n ${RESTORE}`,
      'The handler saved t2, but then stored something over it (sw zero, 8(sp))',
      'stored over it at over',
    ],
    [
      'saves a register when it has changed it',
      `late: csrr t3, scause\n sd t3, 16(sp)\n ld t3, 16(sp)\n ${RESTORE}`,
      'The handler changed t3 (csrrs t3, scause, zero) before it saved it',
      'changed at late',
    ],
    [
      'saves only a part of a register',
      `part: sw t4, 16(sp)\n li t4, 9\n lw t4, 16(sp)\n ${RESTORE}`,
      'The handler saved only a part of t4 (sw t4, 16(sp)): a register has 8 bytes',
      'saved at part',
    ],
    [
      'loads only a part of a register again',
      `sd t4, 16(sp)\n li t4, 9\n part: lw t4, 16(sp)\n ${RESTORE}`,
      'The handler saved t4, and then loaded only a part of it (lw t4, 16(sp)): a register has 8 bytes',
      'loaded at part',
    ],
    [
      'stores beyond its frame',
      `beyond: sd t1, 40(sp)\n ${RESTORE}`,
      'took 32 bytes from sp and stored beyond them (sd t1, 40(sp)), to 0x80201008, 8 bytes above sp',
      'stored at beyond',
    ],
  ])('that %s is told so, and what it interrupted', (_, handler, sentence, place) => {
    const spins = 'li s3, 1\n li s4, 0x7fffffffffffffff\n spin: li t1, 1\n li t2, 2\n li t3, 3\n mv t4, s4\n beqz s3, spin\n bnez s3, spin';
    const { says, places } = toldOf(kernel(handler, spins));
    expect(says).toContain(sentence);
    expect(Object.entries(places).map((one) => one.join(' '))).toEqual(expect.arrayContaining([place, 'interrupted at spin']));
    expect(toldOf(kernel(RESTORE, spins)).says).not.toContain('the handler of');
  });

  it('that returns to the next instruction is not told of what the kernel changes before it comes there again', () => {
    const skips = `csrr t1, sepc\n addi t1, t1, 4\n csrw sepc, t1\n ${RESTORE}`;
    const { stop, says } = toldOf(kernel(skips, 'round: addi t3, t3, 1\n nop\n j round\n j round\n j round'));
    expect(stop).toBe('limit');
    expect(says).not.toContain('the handler of');
  });

  it('that leaves a constant in a register is told so by a kernel that panics, too', () => {
    const panics = `${[...'panic: sums differ\n'].map((one) => `li a7, 1\n li a0, ${one.charCodeAt(0)}\n ecall`).join('\n')}\n li a7, 8\n ecall`;
    const { says, places } = toldOf(kernel(`keeps: li t3, 7\n ${RESTORE}`, panics));
    expect(says).toContain(
      'it changed t3 (0x7 after it, whatever it was before). The handler changed t3 (addi t3, zero, 7), and never stored it to memory',
    );
    expect(places).toMatchObject({ 'changed at': 'keeps' });
    expect(toldOf(kernel(RESTORE, panics)).says).not.toContain('the handler of');
  });

  it('that turns interrupts on is told where, and how deep it is', () => {
    const { says, places } = toldOf(kernel(`csrw stimecmp, zero\n turn: csrsi sstatus, 2\n ${RESTORE}`));
    expect(says).toMatch(/[0-9,]+ traps had not been returned from before it, the last one the supervisor timer interrupt \(cause 5\)/);
    expect(places).toMatchObject({ 'turned on at': 'turn' });
  });
});
