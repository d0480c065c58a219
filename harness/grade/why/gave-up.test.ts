/** Drivers that wait for a while and then panic, or power off: what is said of the device; and twins of which nothing is said. */
import { describe, expect, it } from 'vitest';
import { device, evidence, request } from '../../testkit/evidence.ts';
import { gradedKernel } from '../../testkit/graded-kernel.ts';
import { type PollingSteps, pollingKernel } from '../../testkit/polling-kernel.ts';
import { whyStopped } from './index.ts';

const told = (transport: 'legacy' | 'modern', steps: PollingSteps) => gradedKernel(pollingKernel(transport, steps), { transport });
const print = (message: string) =>
  `li a7, 1\n ${[...`${message}\n`].map((one) => `li a0, ${one.charCodeAt(0)}\n ecall`).join('\n ')}\n li a7, 8\n ecall`;
/** Looks so often at the used index, and goes on at `give_up`. */
const waits = (times: number, wait = 'lhu t0, 2(s4)') =>
  `li t3, ${times}\n poll: ${wait}\n bne t0, s7, got\n addi t3, t3, -1\n bnez t3, poll\n j give_up\n got: mv s7, t0`;
const panics = (message: string) => ({ after: `li a7, 8\n ecall\n give_up: ${print(`panic: ${message}`)}` });
const TIMEOUT: PollingSteps = { wait: waits(100_000), ...panics('disk timeout') };
const SIXTEEN = 'li t0, 16\n sw t0, 0x38(s0)';

describe('a kernel that panics since no answer comes', () => {
  it.each<[string, 'legacy' | 'modern', PollingSteps, string[]]>([
    [
      'from a queue that lies elsewhere',
      'legacy',
      { size: SIXTEEN },
      ["disk: the driver wrote QueueNotify, but the device found nothing new in the available ring: the driver's available ring follows 8"],
    ],
    [
      'since it never notified the device',
      'legacy',
      { notify: '' },
      ['disk: request #1 is in the available ring, but QueueNotify was never'],
    ],
    [
      'from swapped rings',
      'modern',
      { place: 'sw s2, 0x80(s0)\n sw s4, 0x90(s0)\n sw s3, 0xa0(s0)\n li t0, 1\n sw t0, 0x44(s0)' },
      ["QueueDeviceLow/High got the address of the driver's available ring"],
    ],
    [
      'from a broken device',
      'modern',
      { data: 'li a2, 2048\n add a2, a2, s5\n sw zero, 8(t0)' },
      ['disk: the device is broken since request #1: a descriptor has the length 0; only a reset would end that'],
    ],
    [
      'at the place where it looks',
      'legacy',
      { wait: waits(100_000, 'lhu t0, 6(s4)') },
      [
        'disk: the device has answered every request that it was notified of (1): it has the used ring at 0x80202000, with used.idx at 0x80202002',
      ],
    ],
    ['so soon', 'legacy', { wait: waits(2) }, ['Does the driver look there, and does it wait long enough?']],
  ])('%s', (_, transport, steps, sentences) => {
    const { stop, says } = told(transport, { ...TIMEOUT, ...steps });
    expect([stop, says]).toEqual(['poweroff', expect.stringMatching(/^the kernel panicked: disk timeout$/m)]);
    for (const sentence of sentences) expect(says).toContain(sentence);
  });

  it('while the device still works', () => {
    const open = request({ time: 2_000_000, completion: null });
    const run = evidence({
      console: 'panic: no answer\n',
      stop: { reason: 'poweroff' },
      devices: [device()],
      requests: [open],
      time: 5_000_000,
    });
    expect(whyStopped(run).flatMap((detail) => ('text' in detail ? [detail.text] : []))).toEqual([
      'the kernel panicked: no answer',
      'blk: the device had not answered request #1 when the machine stopped, 3,000 µs after it was notified',
    ]);
  });

  it('is told nothing of the device where that is not why', () => {
    expect(told('legacy', { ...TIMEOUT, requests: 'call request\n call request\n j give_up', ...panics('no such file') }).says).toBe(
      'the kernel panicked: no such file\npanicked in',
    );
  });
});

describe('a kernel that powers off', () => {
  const QUIET = { wait: waits(100_000), after: 'li a7, 8\n ecall\n give_up: nop' };

  it('without an answer', () => {
    expect(told('legacy', { ...QUIET, size: SIXTEEN }).says).toContain("the driver's available ring follows 8 descriptors");
    expect(told('legacy', { ...QUIET, notify: '' }).says).toContain('QueueNotify was never written');
  });

  it.each<[string, PollingSteps]>([
    ['with all answers', {}],
    ['with a notify too many at the end', { after: 'sw zero, 0x50(s0)' }],
    ['with an answer that it did not wait for', { requests: 'call request', wait: '' }],
  ])('%s is told nothing', (_, steps) => {
    for (const transport of ['legacy', 'modern'] as const) {
      const { stop, says } = told(transport, steps);
      expect([stop, says]).toEqual(['poweroff', '']);
    }
  });
});
