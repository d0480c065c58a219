/** Drivers that wait for a field of the queue that does not say when a request is done, each with what is said of it. */
import { describe, expect, it } from 'vitest';
import { gradedKernel } from '../testkit/graded-kernel.ts';
import { pollingKernel } from '../testkit/polling-kernel.ts';

const told = (wait: string) => gradedKernel(pollingKernel('legacy', { wait }), { transport: 'legacy' });

describe('a kernel that polls', () => {
  it.each([
    [
      'used.flags',
      'poll: lhu t0, 0(s4)\n beqz t0, poll',
      'the kernel polls used.flags of queue 0 of disk at 0x80202000, which stays 0',
      'used.flags only says whether the device wants to be notified',
    ],
    [
      'the id of the first element, which is 0',
      'poll: lw t0, 4(s4)\n beqz t0, poll',
      'the kernel polls used.ring[0].id of queue 0 of disk at 0x80202004',
      'that field is the head of a chain that is done',
    ],
    [
      'the length of the first element, for every request',
      'poll: lw t0, 8(s4)\n beqz t0, poll\n sw zero, 8(s4)',
      'the kernel polls used.ring[0].len of queue 0 of disk at 0x80202008',
      'each request that is done has the next slot of the ring: wait for used.idx, at 0x80202002',
    ],
    [
      'avail.idx',
      'poll: lhu t0, 2(s3)\n bnez t0, poll',
      'the kernel polls avail.idx of queue 0 of disk at 0x80201082, which stays 1, and it waits for the value 0',
      'only the driver writes to the available ring',
    ],
    [
      'the flags of a descriptor',
      'poll: lhu t0, 12(s2)\n bnez t0, poll',
      'the kernel polls desc[0].flags of queue 0 of disk at 0x8020100c',
      'only the driver writes descriptors',
    ],
    [
      'the next field of a descriptor',
      'poll: lhu t0, 14(s2)\n bnez t0, poll',
      'the kernel polls desc[0].next of queue 0 of disk at 0x8020100e',
      'only the driver writes descriptors',
    ],
    [
      'bit 1 of InterruptStatus',
      'poll: lw t0, 0x60(s0)\n andi t0, t0, 2\n beqz t0, poll',
      'it waits for bit 1 (mask 2) to be set',
      'bit 0 of InterruptStatus stands for a used buffer, bit 1 for a change of the configuration',
    ],
  ])('%s', (_, wait, polled, advice) => {
    const { stop, says } = told(wait);
    expect([stop, says]).toEqual(['hang', expect.stringContaining(polled)]);
    expect(says).toContain(advice);
    expect(says).not.toContain('the device has the descriptor table');
  });

  it('the used index is not told to', () => {
    const { stop, says } = told('poll: lhu t0, 2(s4)\n li t1, 7\n bne t0, t1, poll');
    expect([stop, says]).toEqual([
      'hang',
      expect.stringContaining('the kernel polls used.idx of queue 0 of disk at 0x80202002, which stays 1'),
    ]);
    expect(says).not.toContain('wait for used.idx');
  });
});
