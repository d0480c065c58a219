/** Kernels whose interrupt does not come, or never ends, each with the sentence of its mistake; and their twins without it. */
import { describe, expect, it } from 'vitest';
import { whyStopped } from '../grade/why/index.ts';
import { interruptKernel, kernelOf, type Steps } from '../testkit/interrupt-kernel.ts';
import { toldOf } from '../testkit/told-run.ts';
import type { FaultSetup, Scenario } from '../vocabulary/scenario.ts';

/** How the run ended, and what is said of it: first with the repeated run, then without. */
function graded(bytes: Uint8Array, more: Partial<Scenario> = {}) {
  const told = toldOf(bytes, more);
  return { ...told, saysAlone: whyStopped(told.evidence).flatMap((detail) => (detail.kind === 'text' ? [detail.text] : [])) };
}

const ONE_ELEMENT = {
  take: 'lhu t5, 2(s4)\n lw t6, 0(s1)\n beq t5, t6, taken\n slli t5, t6, 3\n add t5, t5, s4\n lw t5, 4(t5)\n addi t6, t6, 1\n sw t6, 0(s1)\n sw t6, 8(s1)\n taken: nop',
};
const ONE_BY_ONE = { requests: 'call first\n sw zero, 0x50(s0)\n call second\n sw zero, 0x50(s0)' };
/** Starts the device again, with EVENT_IDX (bit 29). */
const EVENT_IDX =
  'sw zero, 0x70(s0)\n li t0, 3\n sw t0, 0x70(s0)\n sw zero, 0x24(s0)\n li t0, 0x20000000\n sw t0, 0x20(s0)\n li t0, 1\n sw t0, 0x24(s0)\n sw t0, 0x20(s0)\n li t0, 11\n sw t0, 0x70(s0)\n lw t0, 0x70(s0)';
/** The second request is made when the first one's interrupt was taken. */
const IN_TURN = {
  requests: 'call first\n sw zero, 0x50(s0)\n spin: lw t0, 0(s1)\n beqz t0, spin\n call second\n sw zero, 0x50(s0)',
};
const JOINED: FaultSetup = { drive: 'disk', type: null, nth: 1, fault: { kind: 'interrupt-joined' } };

describe('an interrupt that does not come', () => {
  it('is not missed by a driver that polls the wrong field of the used ring, whatever it has set up', () => {
    const polls = (load: string) => ({ sie: '', wait: `li t1, 2\n poll: ${load}\n bne t0, t1, poll` });
    const wrong = graded(interruptKernel(polls('lhu t0, 4(s4)')));
    expect([wrong.stop, wrong.says]).toEqual(['hang', expect.stringContaining('used.ring[0].id')]);
    expect(wrong.says).not.toMatch(/SEIE|interrupt is pending/);
    // Only the handler sets this one.
    expect(graded(interruptKernel(polls('lw t0, 8(s1)'))).says).toContain('sie.SEIE (bit 9) is 0: set it');
  });

  it('since EVENT_IDX was accepted, and used_event is never moved', () => {
    const { stop, says } = graded(interruptKernel({ beforeQueue: EVENT_IDX, ...IN_TURN }));
    expect(stop).toBe('idle');
    expect(says).toContain(
      'disk: the driver has accepted EVENT_IDX (bit 29 of its features): then the device interrupts only when used.idx passes',
    );
    expect(says).not.toContain('while');
    // With used_event behind the 8 entries of the available ring, or without the feature, it comes.
    const take = `more: lhu t5, 2(s4)\n lw t6, 0(s1)\n beq t5, t6, taken\n addi t6, t6, 1\n sw t6, 0(s1)\n sw t6, 8(s1)\n sh t6, 20(s3)\n j more\n taken: nop`;
    expect(graded(interruptKernel({ beforeQueue: EVENT_IDX, ...IN_TURN, take })).stop).toBe('poweroff');
    expect(graded(interruptKernel(IN_TURN)).stop).toBe('poweroff');
  });

  it.each<[string, Steps, string, string]>([
    ['no priority', { priority: '' }, 'idle', 'the priority of source 8 of the PLIC is 0, which means never: write 1 to 0xc000020'],
    [
      'priority and enable bit of another source',
      { priority: 'li t0, 0xc00001c\n li t1, 1\n sw t1, 0(t0)', enable: 'li t0, 0xc002080\n li t1, 0x80\n sw t1, 0(t0)' },
      'idle',
      'the priority of source 8 of the PLIC is 0, which means never: write 1 to 0xc000020 (the kernel has enabled source 7: the empty virtio slot at 0x10007000)',
    ],
    [
      "enabled for M mode's context",
      { enable: 'li t0, 0xc002000\n li t1, 0x100\n sw t1, 0(t0)' },
      'idle',
      "source 8 of the PLIC is not enabled for hart 0's S mode, in which the kernel takes its interrupts (it is enabled for hart 0's M mode): set bit 8 of 0xc002080",
    ],
    [
      'the enable bit of another source',
      { enable: 'li t0, 0xc002080\n li t1, 0x200\n sw t1, 0(t0)' },
      'idle',
      '(enabled there: source 9 (no device has this one)): set bit 8 of 0xc002080',
    ],
    [
      'a threshold of 7',
      { threshold: 'li t0, 0xc201000\n li t1, 7\n sw t1, 0(t0)' },
      'idle',
      "the threshold of hart 0's S mode is 7, and source 8 of the PLIC has priority 1",
    ],
    [
      'enabled when it was pending already',
      { enable: '', beforeWait: `li t2, 50000\n delay: addi t2, t2, -1\n bnez t2, delay\n li t0, 0xc002080\n li t1, 0x100\n sw t1, 0(t0)` },
      'idle',
      'source 8 of the PLIC was enabled only after it had become pending',
    ],
    ['sie.SEIE is off', { sie: '' }, 'idle', 'the interrupt is pending at the hart (sip.SEIP), but sie.SEIE (bit 9) is 0: set it'],
    [
      'sstatus.SIE is off, with WFI, which then does not wait',
      { sstatus: '', wait: 'wait: lw t0, 8(s1)\n li t1, 2\n beq t0, t1, off\n wfi\n j wait' },
      'hang',
      'the interrupt is pending at the hart (sip.SEIP) and enabled in sie, but sstatus.SIE is 0, so that no trap is taken in S mode',
    ],
    [
      'a loop for the variable of the handler',
      { priority: '', wait: 'wait: lw t0, 8(s1)\n li t1, 2\n bne t0, t1, wait' },
      'hang',
      'the priority of source 8 of the PLIC is 0',
    ],
    [
      'the driver asks for none',
      { requests: 'li t0, 1\n sh t0, 0(s3)\n call first\n sw zero, 0x50(s0)' },
      'idle',
      'it asks for no interrupts: the flags of the available ring are 1 (VIRTQ_AVAIL_F_NO_INTERRUPT), so none will come',
    ],
  ])('is told where it stops: %s', (_, steps, stop, sentence) => {
    const { says, stop: reason, evidence } = graded(interruptKernel(steps));
    expect(reason).toBe(stop);
    expect(says).toContain(sentence);
    expect(says).toContain(`disk: the used index is ${evidence.requests.length}, and the driver has looked at no element of the used ring`);
  });

  it('is told where it was claimed and never completed, with the place of the claim', () => {
    const { says, places } = graded(interruptKernel({ ...ONE_BY_ONE, complete: '' }));
    expect(says).toContain('disk: the used index is 2, and the driver has looked at 1 element of the used ring');
    expect(says).toContain('source 8 of the PLIC was claimed and never completed');
    expect(places['claimed in']).toBe('handler');
  });

  it.each<[string, Steps, FaultSetup[]]>([
    ['both are announced at once', {}, []],
    ['they share an interrupt, as the rubric asks', ONE_BY_ONE, [JOINED]],
  ])('is told for a driver that takes one element for each: %s', (_, steps, faults) => {
    const { says, places, stop } = graded(interruptKernel({ ...steps, ...ONE_ELEMENT }), { faults });
    expect(stop).toBe('idle');
    expect(says).toContain('disk: the used index is 2, and the driver has looked at 1 element of the used ring');
    expect(says).toContain('(InterruptStatus is 0), and no other one comes for elements that are there already');
    expect(says).not.toContain('PLIC');
    expect(places['the handler looks at']).toBe('handler');
  });

  it('is told without a repeated run as far as the state alone shows it', () => {
    expect(graded(interruptKernel({ priority: '' })).saysAlone).toContainEqual(
      'disk: its interrupt is pending (InterruptStatus is 1): the priority of source 8 of the PLIC is 0, which means never: write 1 to 0xc000020',
    );
  });

  it.each<[string, Steps]>([
    ['it gets all', {}],
    ['it gets them one by one', ONE_BY_ONE],
    ['it takes one element for each, and each comes alone', { ...ONE_BY_ONE, ...ONE_ELEMENT }],
  ])('is no matter for a driver that powers off: %s', (_, steps) => {
    const { stop, says, evidence } = graded(interruptKernel(steps));
    expect([stop, says, evidence.interrupts]).toEqual(['poweroff', '', null]);
  });

  it('is no matter for a kernel that has got all, or that polls, and then sleeps', () => {
    const POLLS = 'wait: lhu t0, 2(s4)\n li t1, 2\n bne t0, t1, wait\n lbu t0, 32(s5)';
    const sleeps = 'wfi\n j off';
    for (const steps of [{ off: sleeps }, { off: sleeps, wait: POLLS, priority: '', enable: '', threshold: '', sie: '', sstatus: '' }]) {
      const { stop, says, saysAlone } = graded(interruptKernel(steps));
      expect([stop, saysAlone]).toEqual(['idle', []]);
      const [first, ...rest] = says.split('\n').filter((line) => !line.includes('was taken once; the last time its handler'));
      expect(first).toContain('the kernel sleeps (WFI) in a loop that looks at nothing');
      expect(rest.filter((line) => !line.startsWith('no interrupt is enabled (sie is 0)'))).toEqual([
        'disk: the device has answered every request that it was notified of (2)',
      ]);
    }
  });
});

describe('an interrupt that never ends', () => {
  it('is told to be that, where the handler never claims', () => {
    const { stop, says, places, evidence } = graded(interruptKernel({ claim: '', complete: '' }));
    expect([stop, evidence.stop]).toEqual(['limit', { reason: 'limit', limit: '250,000 interrupts in a row' }]);
    expect(says).toContain(
      'the kernel takes the supervisor external interrupt (cause 9) over and over: 250,000 times, and the last 250,000',
    );
    expect(says).toContain(
      'source 8 of the PLIC (disk) is pending and was never claimed: the handler must read the claim register (0xc201004)',
    );
    expect(places).toMatchObject({ 'the handler': 'handler', 'the kernel was at': 'wait' });
  });

  const TIMER = (inHandler: string) => `la t0, vector
      csrw stvec, t0
      csrr t0, time
      addi t0, t0, 1000
      csrw stimecmp, t0
      li t0, 0x20
      csrs sie, t0
      csrsi sstatus, 2
      la s1, ticks
    wait: lw t0, 0(s1)
      li t1, 3
      beq t0, t1, off
      wfi
      j wait
    off: li a7, 8
      ecall
      .align 2
    vector: j handler
    handler: lw t3, 0(s1)
      addi t3, t3, 1
      sw t3, 0(s1)
      ${inHandler}
      sret
      .align 3
    ticks: .dword 0`;

  it.each([
    ['never moved', '', 'the handler', 'handler'],
    ['set to a time in the past, by stimecmp', 'li t4, 5\n set: csrw stimecmp, t4', 'the handler sets it in', 'set'],
    ['set to a time in the past, by the SBI', 'li a0, 5\n li a6, 0\n li a7, 0x54494d45\n set: ecall', 'the handler sets it in', 'set'],
  ])('is told of a timer that is %s', (_, inHandler, label, place) => {
    // `ticks` comes to 3 in the first three interrupts, so a kernel that gets a single instruction further would power off.
    const { says, places } = graded(kernelOf(TIMER(inHandler).replace('li t1, 3', 'li t1, 1')));
    expect(says).toContain('the kernel takes the supervisor timer interrupt (cause 5) over and over');
    expect(says).toMatch(/the timer is set to [\d,]+, and time is [\d,]+: as long as that lies in the past the interrupt stays pending/);
    expect(places[label]).toBe(place);
  });

  it('is told of a timer that is moved by less than its handler takes', () => {
    const work = 'csrr t4, time\n addi t4, t4, 2\n csrw stimecmp, t4\n li t5, 400\n busy: addi t5, t5, -1\n bnez t5, busy';
    const { says, places } = graded(kernelOf(TIMER(work).replace('li t1, 3', 'li t1, 1')));
    expect(says).toContain('over and over');
    expect(says).toContain('the handler sets a later time, but the interval is shorter than what the handler takes');
    expect(places).toMatchObject({ 'the handler sets it in': 'handler' });
  });

  it('is nothing that is told of a timer that is moved', () => {
    const { stop, says } = graded(kernelOf(TIMER('csrr t4, time\n addi t4, t4, 1000\n csrw stimecmp, t4')));
    expect([stop, says]).toEqual(['poweroff', '']);
  });
});

describe('a timer that is waited for', () => {
  const sleeper = (set: string, sie: string, wait = 'wait: wfi\n j wait') =>
    kernelOf(`la t0, vector
      csrw stvec, t0
      ${set}
      ${sie}
    ${wait}
      .align 2
    vector: li a7, 8
      ecall
      .align 3
    flag: .dword 0`);
  const ON = 'li t0, 0x20\n csrs sie, t0\n csrsi sstatus, 2';
  const at = (ticks: string) => `csrr t0, time\n li t1, ${ticks}\n add t0, t0, t1\n csrw stimecmp, t0`;

  it.each([
    ['never set', '', ON, 'idle', 'sie.STIE is set, but the timer is not (by the SBI call set_timer, or by stimecmp)'],
    // 10^16 ticks of 100 ns are 10^9 seconds, or 31.7 years.
    ['far away', at('10000000000000000'), ON, 'idle', 'that is 31 years away'],
    [
      'beyond the limit',
      at('20000000'),
      ON,
      'limit',
      'time is 1,000,000 (time counts at 10 MHz, 10,000,000 ticks a second): that is 1.9 seconds away',
    ],
    [
      'not enabled in sie',
      at('1000'),
      'csrsi sstatus, 2',
      'idle',
      'the interrupt is pending at the hart (sip.STIP), but sie.STIE (bit 5) is 0',
    ],
    ['off in sstatus', at('1000'), 'li t0, 0x20\n csrs sie, t0', 'hang', '(sip.STIP) and enabled in sie, but sstatus.SIE is 0'],
  ])('is told to be %s', (_, set, sie, stop, sentence) => {
    const { stop: reason, says } = graded(sleeper(set, sie));
    expect(reason).toBe(stop);
    expect(says).toContain(sentence);
  });

  it('is left out where it comes', () => {
    expect(graded(sleeper(at('1000'), ON))).toMatchObject({ stop: 'poweroff', says: '' });
  });
});

describe('a loop that waits for a time', () => {
  const loop = (body: string) =>
    kernelOf(
      `csrr s0, time\n li s1, 5000000\n add s2, s0, s1\n li s3, 10\n mul s4, s2, s3\n la sp, far\n addi sp, sp, 512\n loop: ${body}\n li a7, 8\n ecall\n far: nop`,
    );

  it.each([
    ['compared at once', 'csrr t0, time\n bltu t0, s2, loop', 0],
    ['compared by a flag', 'csrr t0, time\n sltu t1, t0, s2\n bnez t1, loop', 0],
    ['the time since the start', 'csrr t0, time\n sub t0, t0, s0\n bltu t0, s1, loop', 0],
    ['in smaller units', 'csrr t0, time\n mul t0, t0, s3\n bltu t0, s4, loop', 0],
    ['in larger units', 'csrr t0, time\n divu t0, t0, s3\n divu t1, s2, s3\n bltu t0, t1, loop', 10],
    ['through memory', 'csrr t0, time\n sd t0, 8(sp)\n ld t1, 8(sp)\n mv t2, t1\n bgeu s2, t2, loop', 0],
  ])('is told with the time that it waits for: %s', (_, body, rounding) => {
    const { stop, says, evidence } = graded(loop(body));
    expect(stop).toBe('limit');
    // The time is read in the first instructions, at a time of 0 ticks.
    expect(Number(evidence.interrupts!.timeWait!.until)).toBeGreaterThanOrEqual(5_000_000 - rounding);
    expect(Number(evidence.interrupts!.timeWait!.until)).toBeLessThanOrEqual(5_000_000);
    expect(says).toContain('the kernel looks at the time in a loop: time is 1,000,000, and the branch at 0x802000');
    expect(says).toContain('0.4 seconds away (time counts at 10 MHz, 10,000,000 ticks a second: one tick is 100 ns)');
  });

  it.each([
    ['looks at it, and waits for something else', 'csrr t0, time\n ld t1, 8(sp)\n beqz t1, loop'],
    ['changes what it compares with', 'csrr t0, time\n addi s2, t0, 100\n bltu t0, s2, loop'],
  ])('is not told of a kernel that %s', (_, body) => {
    expect(graded(loop(body)).evidence.interrupts).toMatchObject({ timeWait: null });
  });
});

describe('keys', () => {
  const typed = (ier: string) =>
    graded(
      kernelOf(`li t0, 0xc000028\n li t1, 1\n sw t1, 0(t0)\n li t0, 0xc002080\n li t1, 0x400\n sw t1, 0(t0)\n la t0, vector\n csrw stvec, t0
        li t0, 0x10000000\n ${ier}\n li a0, 62\n li a7, 1\n ecall\n li t1, 0x200\n csrs sie, t1\n csrsi sstatus, 2\n wait: wfi\n j wait
        .align 2\n vector: li a7, 8\n ecall`),
      { keys: [{ when: '>', after: 0, type: 'ab' }] },
    );

  it('that nobody reads are told of, where the UART may not interrupt', () => {
    expect(typed('')).toMatchObject({ stop: 'idle' });
    expect(typed('').says).toContain(
      '2 typed keys were not read, and the UART raises no interrupt for keys: bit 0 of its register IER (offset 1) is 0',
    );
    expect(typed('li t1, 1\n sb t1, 1(t0)')).toMatchObject({ stop: 'poweroff', says: '' });
  });
});
