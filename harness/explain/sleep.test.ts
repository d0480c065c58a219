/** Kernels that sleep in WFI and are never woken, although interrupts came: each with the sentence of its mistake, and twins without it. */
import { describe, expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { explainRun } from '../testkit/explained-kernel.ts';
import { interruptKernel, type Steps } from '../testkit/interrupt-kernel.ts';

/** What is said of the end, with the functions of the places that are named. */
function graded(steps: Steps) {
  const { evidence, explanations } = explainRun(interruptKernel(steps));
  const all = whyStopped({ ...evidence, explanations });
  return {
    stop: evidence.stop.reason,
    says: all.flatMap((detail) => (detail.kind === 'text' ? [detail.text] : [])).join('\n'),
    places: Object.fromEntries(
      all.flatMap((detail) => (detail.kind === 'code' ? [[detail.text, detail.stack.places[0]?.frames[0]?.function]] : [])),
    ) as Record<string, string | null | undefined>,
  };
}

const LATER = 'li t2, 50000\n later: addi t2, t2, -1\n bnez t2, later';
const ONE_BY_ONE = { requests: 'call first\n sw zero, 0x50(s0)\n call second\n sw zero, 0x50(s0)' };
/** The variable that the kernel waits for, and where the handler has it. */
const TAKE = (at: string) => `more: lhu t5, 2(s4)
    lw t6, 0(s1)
    beq t5, t6, taken
    slli t5, t6, 3
    add t5, t5, s4
    lw t5, 4(t5)
    addi t6, t6, 1
    sw t6, 0(s1)
    signal: sw t6, ${at}(s1)
    j more
  taken: nop`;

describe('a kernel that sleeps', () => {
  it('says for which variable', () => {
    const { stop, says } = graded({ sie: '' });
    expect(stop).toBe('idle');
    expect(says).toMatch(
      /^the kernel sleeps \(WFI\) in a loop that polls the variable end\+0x[0-9a-f]+ at 0x[0-9a-f]+, which stays 0, and it waits for the value 2 \(a round of/,
    );
    expect(says).toContain('no interrupt is enabled (sie is 0), so nothing ends this WFI');
  });

  it('and was woken between its look and the WFI: a lost wakeup', () => {
    const wait = `wait: lw t0, 8(s1)\n li t1, 2\n beq t0, t1, off\n ${LATER}\n wfi\n j wait`;
    const { stop, says, places } = graded({ wait, take: TAKE('8') });
    expect(stop).toBe('idle');
    expect(says).toMatch(
      /the variable end\+0x[0-9a-f]+ at 0x[0-9a-f]+ was 0 when the kernel looked at it, and is 2 now: it was set between that look and the WFI/,
    );
    expect(says).toContain('turn interrupts off (sstatus.SIE) before the look, and on again after the WFI');
    expect(places).toMatchObject({ 'looked at it at': 'wait', 'set at': 'signal' });
    // The same delay does no harm where interrupts are off.
    const twin = `wait: csrci sstatus, 2\n lw t0, 8(s1)\n li t1, 2\n beq t0, t1, off\n ${LATER}\n wfi\n csrsi sstatus, 2\n j wait`;
    expect(graded({ wait: twin, take: TAKE('8') })).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('in a WFI that looks at nothing before it', () => {
    const { stop, says } = graded({ wait: `${LATER}\n wfi` });
    expect(stop).toBe('idle');
    expect(says).toContain('the next interrupt would let the kernel go on, whichever it is');
    expect(graded({ wait: 'wfi' })).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('for a variable that was set, and set back before it looked', () => {
    const { stop, says, places } = graded({ beforeWait: `${LATER}\n undo: sw zero, 8(s1)`, take: TAKE('8') });
    expect(stop).toBe('idle');
    expect(says).toMatch(
      /the variable end\+0x[0-9a-f]+ had the value that the kernel waits for, 2, and was then set back to 0 before the kernel had looked at it/,
    );
    expect(places).toMatchObject({ 'set to 2 at': 'signal', 'set back to 0 at': 'undo' });
    expect(graded({ beforeWait: LATER, take: TAKE('8') })).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('for another part of a variable than the handler sets', () => {
    const { stop, says, places } = graded({ take: TAKE('16') });
    expect(stop).toBe('idle');
    expect(says).toMatch(/nothing has ever stored to the variable end\+0x([0-9a-f]+) at/);
    expect(says).toMatch(/the handler stored to end\+0x[0-9a-f]+, and the kernel waits for end\+0x[0-9a-f]+: is it the same request\?/);
    expect(places).toMatchObject({ 'the handler stored at': 'signal' });
  });

  it('after a handler that claimed and completed, and did not look at the device', () => {
    const { says } = graded({ take: '' });
    expect(says).toContain(
      'the supervisor external interrupt (cause 9) was taken once; the last time its handler claimed source 8 (disk), then acknowledged disk (InterruptACK 1), then completed source 8',
    );
    expect(says).not.toContain('wrote');
  });

  it('after a handler that completed a source which it had not claimed', () => {
    const { says, places } = graded({ ...ONE_BY_ONE, complete: 'li t5, 3\n wrong: sw t5, 0(t3)' });
    expect(says).toContain('it claimed source 8 and wrote 3 back: write the number that was read from the claim register');
    expect(places).toMatchObject({ 'completed at': 'wrong' });
  });

  it('after a handler that turned the interrupts off', () => {
    const { says, places } = graded({ ...ONE_BY_ONE, complete: 'sw t4, 0(t3)\n li t5, 0x200\n turn: csrc sie, t5' });
    expect(says).toContain('sie.SEIE (bit 9) is 0: set it');
    expect(says).toContain('then completed source 8, then turned interrupts off (bits 0x200 of sie)');
    expect(places).toMatchObject({ 'turned off at': 'turn' });
  });

  it('in a loop that compares what it loaded before', () => {
    const { stop, says } = graded({ wait: 'lhu t0, 2(s4)\n wait: wfi\n beqz t0, wait' });
    expect(stop).toBe('idle');
    expect(says).toContain(
      'used.idx of queue 0 of disk at 0x80200b02 was loaded once, just before the loop, as 0, and the loop never looks at it again; the loop compares it in each round: most likely the compiler has taken the load out of the loop',
    );
  });

  it('for nothing at all', () => {
    const { stop, says } = graded({ off: 'wfi\n wfi\n j off' });
    expect(stop).toBe('idle');
    expect(says).toContain('the kernel sleeps (WFI) in a loop that looks at nothing: whatever wakes it, it sleeps again');
    expect(says).not.toMatch(/lost wakeup|taken the load|was set back/);
  });

  it('for a bit of the register of pending interrupts, without a handler', () => {
    const { stop, says } = graded({
      off: 'csrci sstatus, 2\n li t1, 32\n csrw sie, t1\n off: wfi\n csrr t0, sip\n andi t0, t0, 32\n beqz t0, off',
    });
    expect(stop).toBe('idle');
    expect(says).toContain(
      'the kernel sleeps (WFI) in a loop that looks at sip, and sleeps again as long as that does not show what it waits for',
    );
    expect(says).not.toContain('looks at nothing');
  });

  it('for a different bit of that register than the pending one, with traps off on purpose', () => {
    const wait = (mask: number) =>
      graded({ wait: `csrci sstatus, 2\n li t1, ${mask}\n wait: csrr t0, sip\n and t0, t0, t1\n beqz t0, wait\n j off` });
    const { stop, says } = wait(0x800);
    expect(stop).toBe('hang');
    expect(says).toContain('the kernel spins in a loop that looks at sip, as long as that does not show what it waits for');
    expect(says).toContain('it is bit 9 of sip (SEIP), which is 1, and the loop looks at sip and goes on: does it test a different bit?');
    expect(says).not.toContain('set it');
    expect(wait(0x200)).toMatchObject({ stop: 'poweroff', says: '' });
  });

  it('for nothing at all, with interrupts off: no handler runs either', () => {
    const { stop, says } = graded({ off: 'csrci sstatus, 2\n wfi\n wfi\n j off' });
    expect(stop).toBe('idle');
    expect(says).toContain('whatever wakes it, it sleeps again (');
    const on = graded({ off: 'csrsi sstatus, 2\n wfi\n wfi\n j off' });
    expect(on.says).toContain('whatever wakes it, it sleeps again, and only interrupt handlers run (');
  });
});

describe('a loop that polls', () => {
  it('a copy of what the device writes is told of the original', () => {
    const { stop, says, places } = graded({ wait: 'copy: lhu t0, 2(s4)\n sh t0, 24(s1)\n wait: lhu t0, 24(s1)\n beqz t0, wait' });
    expect(stop).toBe('hang');
    expect(says).toContain('what it polls is a copy of used.idx of queue 0 of disk at 0x80200b02, made once before the loop');
    expect(places).toMatchObject({ 'copied at': 'copy' });
  });
});
