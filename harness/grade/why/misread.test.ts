/** Drivers whose descriptors and numbers stand in memory differently than the device reads them; and the same driver done right. */
import { describe, expect, it } from 'vitest';
import { gradedKernel } from '../../testkit/graded-kernel.ts';
import { type PollingSteps, pollingKernel } from '../../testkit/polling-kernel.ts';

const OFFER = 'andi t1, t0, 7\n slli t1, t1, 1\n add t1, t1, s3\n sh a0, 4(t1)';
/** Changes the chain before its head is put into the ring. t3: its first descriptor; a1: its header, at 0x80204000. */
const changed = (code: string): PollingSteps => ({ offer: `slli t3, a0, 4\n add t3, t3, s2\n ${code}\n ${OFFER}` });
const legacy = (steps: PollingSteps) => gradedKernel(pollingKernel('legacy', steps), { transport: 'legacy' });
const print = (message: string) =>
  `li a7, 1\n ${[...`${message}\n`].map((one) => `li a0, ${one.charCodeAt(0)}\n ecall`).join('\n ')}\n li a7, 8\n ecall`;
/** An address with its bytes reversed, in t4. */
const REVERSED_HEADER = `li t4, 0\n li t5, 8\n mv t6, a1\n next: slli t4, t4, 8\n andi t2, t6, 255\n or t4, t4, t2
  srli t6, t6, 8\n addi t5, t5, -1\n bnez t5, next`;

describe('what the device reads differently', () => {
  it.each<[string, PollingSteps, string]>([
    [
      'flags and next before len',
      changed('li t4, 1\n sh t4, 8(t3)\n addi t4, a0, 1\n sh t4, 10(t3)\n li t4, 16\n sw t4, 12(t3)'),
      "disk: desc 0 of request #1 holds length 0x10001, flags 0x10: are its fields addr, flags (1), next (1), len (16)? A descriptor's fields are, in this order, addr (8 bytes), len (4), flags (2), next (2)",
    ],
    [
      'addr after the other fields',
      changed('li t4, 16\n sw t4, 0(t3)\n li t4, 1\n sh t4, 4(t3)\n addi t4, a0, 1\n sh t4, 6(t3)\n sd a1, 8(t3)'),
      'disk: desc 0 of request #1 holds the address 0x1000100000010: are its fields len (16), flags (1), next (1), addr (0x80204000)?',
    ],
    [
      'a reversed sector',
      changed('li t4, 1\n slli t4, t4, 56\n sd t4, 8(a1)'),
      "disk: of request #1, the header's sector (0x100000000000000) is 1 with its bytes reversed: all fields and registers of virtio are little-endian",
    ],
    [
      'a sector of four reversed bytes',
      changed('li t4, 0x2000000\n sd t4, 8(a1)'),
      "the header's sector (0x2000000) is 2 with its bytes reversed",
    ],
    ['a reversed type', changed('li t4, 0x1000000\n sw t4, 0(a1)'), "the header's type (0x1000000) is 1 with its bytes reversed"],
    [
      'reversed flags and a reversed length',
      changed('li t4, 0x10000000\n sw t4, 8(t3)\n li t4, 0x100\n sh t4, 12(t3)'),
      'the length of desc 0 (0x10000000) is 16 with its bytes reversed, and flags of desc 0 (0x100) is 1 with its bytes reversed',
    ],
    [
      'a reversed address',
      changed(`${REVERSED_HEADER}\n sd t4, 0(t3)`),
      'the address of desc 0 (0x40208000000000) is 0x80204000 with its bytes reversed',
    ],
    [
      'flag 4 for WRITE',
      changed('li t4, 5\n sh t4, 28(t3)\n li t4, 4\n sh t4, 44(t3)'),
      'disk: desc 1 of request #1 has flags 5, and so flag 4, INDIRECT: its buffer would be a table of descriptors, and the driver has not accepted that feature (INDIRECT_DESC). The flag that lets the device write to the buffer is WRITE, 2',
    ],
  ])('%s', (_, steps, sentence) => {
    expect(legacy(steps).says).toContain(sentence);
  });

  it('descriptors of 24 bytes', () => {
    const chain = `mv t3, s2\n sd a1, 0(t3)\n li t4, 16\n sd t4, 8(t3)\n li t4, 1\n sw t4, 16(t3)\n sh t4, 18(t3)
      sd a2, 24(t3)\n li t4, 512\n sd t4, 32(t3)\n li t4, 3\n sw t4, 40(t3)\n li t4, 2\n sh t4, 42(t3)`;
    const { stop, says } = legacy({ requests: 'call request', offer: `${chain}\n ${OFFER}` });
    expect([stop, says]).toEqual([
      'hang',
      expect.stringContaining(
        'disk: the driver seems to have descriptors of 24 bytes, with a len of 8 bytes (the table is at 0x80201000, and its desc 0 is that of a header). A descriptor has 16 bytes: addr (8 bytes), len (4), flags (2), next (2)',
      ),
    ]);
  });

  it('reversed registers', () => {
    expect(legacy({ size: 'li t0, 0x8000000\n sw t0, 0x38(s0)' }).says).toContain('(that is 8 with its bytes reversed: all fields');
    const place = 'li t0, 0x1020800\n sw t0, 0x40(s0)';
    expect(legacy({ place }).says).toContain('QueuePFN would have to be 0x80201, and it is 0x1020800: its bytes are reversed');
  });

  it('not what a driver does right, whether it is served or waits for something different', () => {
    for (const steps of [{}, { wait: 'poll: lhu t0, 20(s5)\n beqz t0, poll' }]) {
      const { says } = legacy(steps);
      for (const word of ['reversed', 'INDIRECT', 'fields are', '24 bytes']) expect(says).not.toContain(word);
    }
  });

  it('not a request that is wrong in a different way', () => {
    const { evidence, says } = legacy(changed('li t4, 4096\n sd t4, 8(a1)'));
    expect([evidence.requests[0]?.completion?.status, says]).toEqual([1, expect.not.stringContaining('reversed')]);
  });
});

describe('a queue that the device does not have', () => {
  const check = (number: number): PollingSteps => ({
    select: `li t0, ${number}\n sw t0, 0x30(s0)\n lw t0, 0x34(s0)\n beqz t0, short`,
    after: `li a7, 8\n ecall\n short: ${print('panic: queue too short')}`,
  });

  it('is named where the driver gives up since its QueueNumMax is 0', () => {
    expect(legacy(check(1)).says).toContain(
      'disk: QueueSel is 1, so that all that was written is about queue 1, and the device has queue 0 only: QueueNumMax of a queue that it does not have is 0',
    );
    expect(legacy(check(0)).says).toBe('');
  });
});
