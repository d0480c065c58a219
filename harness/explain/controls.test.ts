/** What has turned an interrupt off that a kernel waits for: the instruction is named. Twins that leave it on get none of this. */
import { describe, expect, it } from 'vitest';
import { interruptKernel, kernelOf } from '../testkit/interrupt-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';

/** The second request is made when the first one's interrupt was taken, and after `between`. */
const IN_TURN = (between: string) => ({
  requests: `call first\n sw zero, 0x50(s0)\n spin: lw t0, 0(s1)\n beqz t0, spin\n ${between}\n call second\n sw zero, 0x50(s0)`,
  wait: 'wait: lw t0, 8(s1)\n li t1, 2\n bne t0, t1, wait',
});

describe('the instruction that has turned an interrupt off is named', () => {
  it.each([
    ['in sie', 'li t2, 0x200\n culprit: csrc sie, t2', 'sie.SEIE (bit 9) is 0: set it', 'turned off at'],
    ['in all of sie', 'culprit: csrw sie, zero', 'sie.SEIE (bit 9) is 0: set it', 'turned off at'],
    ['in sstatus', 'culprit: csrci sstatus, 2', 'sstatus.SIE is 0', 'turned off at'],
    [
      'by the threshold',
      'li t2, 0xc201000\n li t3, 1\n culprit: sw t3, 0(t2)',
      'only priorities above the threshold interrupt (0xc201000)',
      'written at',
    ],
    ['by the priority', 'li t2, 0xc000020\n culprit: sw zero, 0(t2)', 'the priority of source 8 of the PLIC is 0', 'written at'],
    ['by the enable bits', 'li t2, 0xc002080\n culprit: sw zero, 0(t2)', "is not enabled for hart 0's S mode", 'written at'],
  ])('%s', (_, between, sentence, label) => {
    const { stop, says, places } = toldOf(interruptKernel(IN_TURN(between)));
    expect(stop).toBe('hang');
    expect(says).toContain(sentence);
    expect(places).toMatchObject({ [label]: 'culprit' });
  });

  it('is not looked for where the interrupt comes', () => {
    expect(toldOf(interruptKernel(IN_TURN('nop')))).toMatchObject({ stop: 'poweroff', says: '' });
    const again = 'csrci sstatus, 2\n li t2, 0x200\n csrc sie, t2\n csrs sie, t2\n csrsi sstatus, 2';
    expect(toldOf(interruptKernel(IN_TURN(again)))).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('is a handler that clears the bit from which its return takes sstatus.SIE', () => {
    const { stop, says, places } = toldOf(
      interruptKernel({ ...IN_TURN('nop'), complete: 'sw t4, 0(t3)\n li t5, 0x20\n culprit: csrc sstatus, t5' }),
    );
    expect(stop).toBe('hang');
    expect(says).toContain('the return from a trap sets sstatus.SIE to what bit 5 of sstatus holds (SPIE), and that was cleared before it');
    expect(places).toMatchObject({ 'cleared at': 'culprit' });
  });
});

describe('a kernel that waits in its handler', () => {
  const inside = (wait: string) => ({
    ...IN_TURN('nop'),
    requests: 'call first\n sw zero, 0x50(s0)',
    claim: `li t3, 0xc201004\n lw t4, 0(t3)\n ${wait}`,
  });

  it('asleep is told that no further interrupt is taken there', () => {
    const { stop, says } = toldOf(
      interruptKernel(inside('lw t5, 0x60(s0)\n sw t5, 0x64(s0)\n inner: wfi\n lhu t5, 2(s4)\n li t6, 2\n blt t5, t6, inner')),
    );
    expect(stop).toBe('idle');
    expect(says).toContain(
      'The kernel sleeps inside that handler, where sstatus.SIE is 0: no further interrupt is taken before it returns',
    );
    expect(says).toContain('was written last by the device, as 1');
  });

  it('for a variable is told that it has not returned', () => {
    const { stop, says } = toldOf(interruptKernel(inside('sw t4, 0(t3)\n inner: lw t5, 8(s1)\n beqz t5, inner')));
    expect(stop).toBe('hang');
    expect(says).toContain(
      'the kernel has not returned from the supervisor external interrupt (cause 9) since it took it: a trap clears sstatus.SIE, and sret sets it again. A handler must not wait',
    );
  });
});

describe('a kernel that spins until the timer has come', () => {
  const spinner = (sie: string, sstatus = 'csrsi sstatus, 2') =>
    kernelOf(`la t0, vector
      csrw stvec, t0
      la s1, ticks
      csrr t0, time
      addi t0, t0, 100
      csrw stimecmp, t0
      li t1, ${sie}
    write: csrs sie, t1
      ${sstatus}
    wait: lw t0, 0(s1)
      beqz t0, wait
      li a7, 8
      ecall
      .align 2
    vector: li t2, -1
      csrw stimecmp, t2
      sw t2, 0(s1)
      sret
      .align 3
    ticks: .dword 0`);

  it('is told which bit of sie it has set instead', () => {
    const { stop, says, places } = toldOf(spinner('0x80'));
    expect(stop).toBe('hang');
    expect(says).toContain('the interrupt is pending at the hart (sip.STIP), but sie.STIE (bit 5) is 0: set it');
    expect(says).toContain(
      'the last value that the kernel wrote to sie is 0x80, which is bit 7; the interrupts of S mode have the bits 1, 5 and 9',
    );
    expect(places).toMatchObject({ 'sie written at': 'write' });
  });

  it('is told that sstatus.SIE is 0', () => {
    expect(toldOf(spinner('0x20', 'nop')).says).toContain('(sip.STIP) and enabled in sie, but sstatus.SIE is 0');
    expect(toldOf(spinner('0x20'))).toMatchObject({ stop: 'poweroff', says: '' });
  });
});
