/** Drivers that put a head, a status byte or a buffer where it must not be, each with what is said of it; and their twins. */
import { describe, expect, it } from 'vitest';
import { gradedKernel } from '../testkit/graded-kernel.ts';
import { type PollingSteps, pollingKernel } from '../testkit/polling-kernel.ts';

const told = (steps: PollingSteps, { races }: { races: boolean } = { races: false }) =>
  gradedKernel(pollingKernel('legacy', steps), { transport: 'legacy', races });
const HEAD_3 = { choose: 'li a0, 3' };
const SPIN = { after: 'spin: j spin' };

describe('a head in the available ring', () => {
  it.each<[string, PollingSteps, string[]]>([
    [
      'in the slot after its own',
      { ...HEAD_3, offer: 'addi t1, t0, 1\n andi t1, t1, 7\n slli t1, t1, 1\n add t1, t1, s3\n sh a0, 4(t1)' },
      [
        'disk: the device took request #1 from avail.ring[0], which holds 0: desc 0 is not the first of a chain',
        'the chain that the driver made begins at desc 3, and that number is in avail.ring[1]: the head belongs in avail.ring[avail.idx % 8]',
      ],
    ],
    [
      'that is never put there',
      { ...HEAD_3, offer: '' },
      ['the chain that the driver made begins at desc 3, and that number is not in the ring'],
    ],
    [
      'with an index that is raised by 2',
      { ...HEAD_3, raise: 'addi t0, t0, 2\n sh t0, 2(s3)' },
      [
        'request #2 from avail.ring[1], which holds 0',
        'avail.idx is 2, and the device was notified once: it must be raised by 1 for each chain',
      ],
    ],
    ['always in the first slot', { ...SPIN, offer: 'sh a0, 4(s3)' }, ['only avail.ring[0] holds a head (3), and the others hold 0']],
  ])('%s', (_, steps, sentences) => {
    const { stop, says } = told(steps);
    expect(stop).toBe('hang');
    for (const sentence of sentences) expect(says).toContain(sentence);
  });

  it.each([HEAD_3, {}])('in its own slot', (steps) => {
    expect(told({ ...steps, ...SPIN }).says).not.toContain('avail.ring');
  });
});

describe('a status byte', () => {
  const look = { after: 'spin: lbu t0, 44(s5)\n beqz t0, spin' };

  it('in the header of its request is named', () => {
    expect(told({ ...look, status: 'mv a3, a1' }).says).toMatch(
      /the status byte of request #2 is at 0x80204030, which is byte 0 of its header: the device wrote its answer there \(OK\)/,
    );
  });

  it('in a byte of its own is not', () => {
    const { stop, says } = told(look);
    expect([stop, says]).toEqual(['hang', expect.not.stringContaining('status byte')]);
  });
});

describe('a buffer', () => {
  it("that is the kernel's own code is named by what fails then", () => {
    const { says } = told({ data: 'la a2, request' });
    expect(says).toMatch(
      /the kernel's own code at 0x80200[0-9a-f]+ was overwritten by the device: request #1 \(IN, sector 0\) had it write 512 bytes of data to 0x80200[0-9a-f]+\. Does desc 1 /,
    );
  });

  it('that is used for something else while the device owns it was likely freed', () => {
    const store = 'li t0, 2048\n add t0, t0, s5\n sd t0, 0(t0)';
    const freed = 'most likely the buffer was freed, or its function has returned, while the device still owned it';
    const { findings } = told({ requests: 'call request', wait: '', after: store }, { races: true });
    expect(findings.filter((one) => one.includes(freed))).toHaveLength(1);
    expect(told({ requests: 'call request', after: store }, { races: true }).findings.join()).not.toContain(freed);
  });

  it.each([
    ['8 bytes over its status byte', 'sd zero, 32(s5)', 'most likely the buffer was freed, or its function has returned'],
    ['its header', 'sw zero, 12(s5)', 'was the buffer filled anew, or freed, too early?'],
  ])('%s, too', (_, store, sentence) => {
    const races = (wait: PollingSteps) => told({ requests: 'call request', ...wait, after: store }, { races: true }).findings;
    expect(races({ wait: '' }).filter((one) => one.includes(sentence))).toHaveLength(1);
    expect(races({}).join()).not.toContain(sentence);
  });

  it('whose status byte is set too late was not freed', () => {
    const { findings } = told({ requests: 'call request', wait: '', after: 'sb zero, 32(s5)' }, { races: true });
    expect(findings.join()).toContain('The kernel stores into a buffer');
    expect(findings.join()).not.toContain('freed');
  });
});
