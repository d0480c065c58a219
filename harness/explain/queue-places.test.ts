/** Drivers that tell the device a different place for the queue than their own, each with what is said of it; and those that do not. */
import { describe, expect, it } from 'vitest';
import { followsFromQueue } from '../evidence/queue-consequences.ts';
import { queueMistake } from '../evidence/queue-mistake.ts';
import { device } from '../testkit/evidence.ts';
import { gradedKernel } from '../testkit/graded-kernel.ts';
import { type PollingSteps, pollingKernel } from '../testkit/polling-kernel.ts';

const told = (transport: 'legacy' | 'modern', steps: PollingSteps) => gradedKernel(pollingKernel(transport, steps), { transport });
const pfn = (change: string) => `li t0, 4096\n sw t0, 0x3c(s0)\n srli t0, s1, 12\n ${change}\n sw t0, 0x40(s0)`;
const align = (bytes: number) => `li t0, ${bytes}\n sw t0, 0x3c(s0)\n srli t0, s1, 12\n sw t0, 0x40(s0)`;

describe('a queue over the legacy interface', () => {
  it.each<[string, PollingSteps, string[]]>([
    [
      'QueueNum was never written',
      { size: '' },
      [
        "the driver's available ring follows 8 descriptors, and the device's follows 256, since QueueNum was never written, so that the device takes 256",
        'QueueNum was never written, so that the device takes 256, QueueAlign 4096',
        'the driver seems to have its available ring at 0x80201080',
      ],
    ],
    ['QueueNum is a different number', { size: 'li t0, 16\n sw t0, 0x38(s0)' }, ["the device's follows 16, since QueueNum is 16"]],
    [
      'QueuePFN is one page off',
      { place: pfn('addi t0, t0, 1') },
      [
        'the device has the descriptor table at 0x80202000, the available ring at 0x80202080 (avail.idx at 0x80202082) and the used ring at 0x80203000 (used.idx at 0x80203002): QueuePFN is 0x80202, GuestPageSize 4096',
        'the driver seems to have its descriptor table at 0x80201000 and its available ring at 0x80201080',
        "the kernel waits for a change at 0x80202002, but used.idx of the device's queue is at 0x80203002",
        'QueuePFN would have to be 0x80201, and it is 0x80202',
      ],
    ],
    [
      'the queue does not begin at a page',
      { layout: 'addi s2, s1, 16\n addi s3, s1, 144\n li t0, 4112\n add s4, s1, t0' },
      ["the driver's table lies 16 bytes after the beginning of a page, which a page number cannot say: align the queue to 4096 bytes"],
    ],
    [
      'QueueAlign is smaller',
      { place: align(512) },
      [
        "the kernel waits for a change at 0x80202002, but used.idx of the device's queue is at 0x80201202",
        "the used ring's index would be with an alignment of 4096 bytes, but QueueAlign is 512",
      ],
    ],
    [
      'QueueAlign was never written',
      { place: 'srli t0, s1, 12\n sw t0, 0x40(s0)', layout: 'mv s2, s1\n addi s3, s1, 128\n addi s4, s1, 192' },
      ['QueueAlign was never written, so that the device takes 4096'],
    ],
    [
      'QueueNum is too large',
      { size: 'li t0, 2048\n sw t0, 0x38(s0)' },
      ['QueueNum got 2048, which the device refuses, so that it keeps 256'],
    ],
    [
      'GuestPageSize was never written',
      { features: 'sw zero, 0x20(s0)' },
      ['QueuePFN has a page number, but GuestPageSize was never written: write 4096 to GuestPageSize before QueuePFN'],
    ],
    [
      'GuestPageSize is written after QueuePFN',
      {
        features: 'sw zero, 0x20(s0)',
        place: 'li t0, 4096\n sw t0, 0x3c(s0)\n srli t0, s1, 12\n sw t0, 0x40(s0)\n li t0, 4096\n sw t0, 0x28(s0)',
      },
      [
        'GuestPageSize 4096 (but the device counts in units of 1, as it was when QueuePFN was written)',
        'GuestPageSize was written after QueuePFN, too late for it, and the device took 1 instead: write 4096 to GuestPageSize before QueuePFN',
      ],
    ],
    [
      'GuestPageSize is the exponent of the page size',
      { features: 'sw zero, 0x20(s0)\n li t0, 12\n sw t0, 0x28(s0)' },
      [
        'GuestPageSize 12 (not a power of two, so that the device counts in units of 4)',
        'GuestPageSize is 12, which is not a power of two: write the page size in bytes to it, 4096',
      ],
    ],
    [
      'GuestPageSize is 1',
      { features: 'sw zero, 0x20(s0)\n li t0, 1\n sw t0, 0x28(s0)' },
      ['QueuePFN has a page number, but GuestPageSize is 1: write 4096 to GuestPageSize before QueuePFN'],
    ],
    ['QueuePFN is 0', { place: 'sw zero, 0x40(s0)' }, ['it has no queue: QueuePFN got 0, which takes the queue away']],
    [
      'QueueSel is 1',
      { select: 'li t0, 1\n sw t0, 0x30(s0)' },
      ['it has no queue: QueueSel is 1, so that all that was written is about queue 1'],
    ],
    [
      'GuestPageSize is another one than the driver divides by',
      { features: 'sw zero, 0x20(s0)\n li t0, 512\n sw t0, 0x28(s0)' },
      ['QueuePFN counts pages of GuestPageSize bytes, which is 512: write 4096 to GuestPageSize'],
    ],
    [
      'the load is taken out of the loop as well',
      { place: align(512), wait: 'lhu t0, 2(s4)\n poll: beq t0, s7, poll\n mv s7, t0' },
      ['was loaded once, just before the loop', 'but QueueAlign is 512'],
    ],
  ])('lies elsewhere: %s', (_, steps, sentences) => {
    const { stop, says } = told('legacy', steps);
    expect(stop).toBe('hang');
    for (const sentence of sentences) expect(says).toContain(sentence);
  });

  it('lies where the driver has it', () => {
    const { stop, evidence } = told('legacy', {});
    expect([stop, evidence.requests.map(({ completion }) => completion?.status)]).toEqual(['poweroff', [0, 0]]);
  });

  it('lies where the driver has it, which waits for something different', () => {
    const { stop, says } = told('legacy', { wait: 'poll: lhu t0, 20(s5)\n beqz t0, poll' });
    expect([stop, says]).toEqual(['hang', expect.not.stringContaining('the device has the descriptor table')]);
  });

  it('lies where the driver has it, which takes the index modulo the size', () => {
    const requests = 'call request\n'.repeat(9);
    const { stop, says } = told('legacy', { requests, raise: 'addi t0, t0, 1\n andi t0, t0, 7\n sh t0, 2(s3)' });
    expect([stop, says]).toEqual(['hang', expect.not.stringContaining('seems to have')]);
  });

  it('has an index that was not raised', () => {
    const { says } = told('legacy', { raise: '' });
    expect(says).toContain('(avail.idx at 0x80201082), in a queue of 8 entries, nothing has changed. It has the chain');
    expect(says).not.toContain('agree');
  });
});

describe('a queue over the modern interface', () => {
  const ready = 'li t0, 1\n sw t0, 0x44(s0)';
  it.each<[string, PollingSteps, string[]]>([
    [
      'the rings are swapped',
      { place: `sw s2, 0x80(s0)\n sw s4, 0x90(s0)\n sw s3, 0xa0(s0)\n ${ready}` },
      [
        'the available ring at 0x80201300 (avail.idx at 0x80201302, by QueueDriverLow/High) and the used ring at 0x80201200 (used.idx at 0x80201202, by QueueDeviceLow/High)',
        'the driver seems to have its available ring at 0x80201200',
        "QueueDeviceLow/High got the address of the driver's available ring, which belongs in QueueDriverLow/High",
        "QueueDriverLow/High got the address of the driver's used ring, which belongs in QueueDeviceLow/High",
      ],
    ],
    [
      'table and available ring are swapped',
      { place: `sw s3, 0x80(s0)\n sw s2, 0x90(s0)\n sw s4, 0xa0(s0)\n ${ready}` },
      ["QueueDriverLow/High got the address of the driver's descriptor table, which belongs in QueueDescLow/High"],
    ],
    [
      'no descriptor table',
      { place: `sw s3, 0x90(s0)\n sw s4, 0xa0(s0)\n ${ready}` },
      ['QueueDescLow and QueueDescHigh were never written'],
    ],
    [
      'the address in the wrong half',
      { place: `sw s2, 0x80(s0)\n sw zero, 0x80(s0)\n sw s3, 0x90(s0)\n sw s4, 0xa0(s0)\n ${ready}` },
      ['QueueDescLow is 0'],
    ],
    ['no available ring', { place: `sw s2, 0x80(s0)\n sw s4, 0xa0(s0)\n ${ready}` }, ['QueueDriverLow was never written']],
    ['no used ring', { place: `sw s2, 0x80(s0)\n sw s3, 0x90(s0)\n ${ready}` }, ['QueueDeviceLow was never written']],
    [
      'QueueReady before the addresses',
      { place: `${ready}\n sw s2, 0x80(s0)\n sw s3, 0x90(s0)\n sw s4, 0xa0(s0)` },
      ['write the addresses first'],
    ],
    [
      'the ring of entries for the used ring',
      { place: `sw s2, 0x80(s0)\n sw s3, 0x90(s0)\n addi t0, s4, 4\n sw t0, 0xa0(s0)\n ${ready}` },
      ['QueueDeviceLow/High got 0x80201304, and the driver has its used ring at 0x80201300'],
    ],
  ])('lies elsewhere: %s', (_, steps, sentences) => {
    const { stop, says } = told('modern', steps);
    expect(stop).toBe('hang');
    for (const sentence of sentences) expect(says).toContain(sentence);
  });

  it('lies where the driver has it', () => {
    expect(told('modern', {}).stop).toBe('poweroff');
  });

  it('was taken away by a reset after it had been set up', () => {
    const { stop, says } = told('modern', { ready: 'li t0, 15\n sw t0, 0x70(s0)\n sw zero, 0x70(s0)' });
    expect(stop).toBe('hang');
    expect(says).toContain('the driver wrote 0 to Status after it had set the device up, which resets the device and takes its queue away');
  });

  /** The device's table has one descriptor, which refers to the driver's chain as to an indirect table of so many bytes. */
  const indirect = (length: number): PollingSteps => ({
    features:
      'li t0, 1\n sw t0, 0x24(s0)\n sw t0, 0x20(s0)\n sw zero, 0x24(s0)\n li t0, 0x10000000\n sw t0, 0x20(s0)\n li t0, 11\n sw t0, 0x70(s0)\n lw t0, 0x70(s0)',
    place: `addi t0, s1, 1024\n sw t0, 0x80(s0)\n sw s3, 0x90(s0)\n sw s4, 0xa0(s0)\n ${ready}`,
    requests: 'call request',
    offer: `addi t1, s1, 1024\n sd s2, 0(t1)\n li t2, ${length}\n sw t2, 8(t1)\n li t2, 4\n sh t2, 12(t1)\n sh zero, 4(s3)`,
  });

  it('has an indirect table that is malformed, and lies where the driver has it', () => {
    const { stop, says } = told('modern', indirect(3));
    expect([stop, says]).toEqual(['hang', expect.stringContaining('an indirect descriptor table that is malformed')]);
    expect(says).not.toContain('seems to have');
    expect(told('modern', indirect(48)).stop).toBe('poweroff');
  });
});

describe('broken rules that only follow from the place of the queue', () => {
  const ready = 'li t0, 1\n sw t0, 0x44(s0)';
  const graver = (transport: 'legacy' | 'modern', steps: PollingSteps) => {
    const { evidence } = told(transport, steps);
    const found = evidence.findings.filter(({ severity }) => severity === 'must');
    const following = found.filter((one) => followsFromQueue(one, evidence));
    return { following: following.map(({ rule }) => rule), rules: found.map(({ rule }) => rule) };
  };
  const NOT_ZEROED = 'li t0, 5\n sh t0, 2(s4)\n li s7, 5\n call request';

  it.each<[string, 'legacy' | 'modern', PollingSteps, string[]]>([
    [
      'the rings are swapped',
      'modern',
      { place: `sw s2, 0x80(s0)\n sw s4, 0x90(s0)\n sw s3, 0xa0(s0)\n ${ready}` },
      ['used-ring-not-zeroed'],
    ],
    [
      'table and available ring are swapped',
      'modern',
      { place: `sw s3, 0x80(s0)\n sw s2, 0x90(s0)\n sw s4, 0xa0(s0)\n ${ready}` },
      ['avail-index-jumped', 'avail-flags'],
    ],
    [
      'table and used ring are swapped',
      'modern',
      { place: `sw s4, 0x80(s0)\n sw s3, 0x90(s0)\n sw s2, 0xa0(s0)\n ${ready}` },
      ['used-ring-not-zeroed'],
    ],
    ['QueueNum is smaller', 'legacy', { size: 'li t0, 2\n sw t0, 0x38(s0)' }, ['avail-index-jumped', 'avail-flags', 'next-out-of-range']],
  ])('are known as such: %s', (_, transport, steps, rules) => {
    expect(graver(transport, steps).following).toEqual(rules);
  });

  it.each<[string, 'legacy' | 'modern', PollingSteps, string]>([
    ['a used ring that was not zeroed', 'legacy', { requests: NOT_ZEROED }, 'used-ring-not-zeroed'],
    ['the same over the modern interface', 'modern', { requests: NOT_ZEROED }, 'used-ring-not-zeroed'],
    // The used ring has the same place whether the queue has 8 or 16 entries.
    [
      'the same with a wrong QueueNum that leaves the used ring where it is',
      'legacy',
      { requests: NOT_ZEROED, size: 'li t0, 16\n sw t0, 0x38(s0)' },
      'used-ring-not-zeroed',
    ],
    ['flags of the available ring', 'legacy', { requests: 'li t0, 7\n sh t0, 0(s3)\n call request', wait: 'j .' }, 'avail-flags'],
  ])('are not: %s', (_, transport, steps, rule) => {
    const { following, rules } = graver(transport, steps);
    expect([following, rules]).toEqual([[], expect.arrayContaining([rule])]);
  });
});

describe('an address', () => {
  const place = { table: '0x3000002000', available: '0x3000002080', used: '0x3000003000', size: 8, index: 0, entries: [] };
  const driver = { table: '0x80207000', head: 0, available: '0x80207080', index: 1 };
  const registers = { QueuePFN: '0x3000002', GuestPageSize: '0x1000', QueueNum: '0x8', QueueAlign: '0x1000' };
  const polled = {
    pc: '0x80200100',
    address: '0x3000003002',
    physical: '0x80211002',
    width: 2,
    value: '0x0',
    what: { kind: 'memory' },
    decides: true,
  } as const;

  it('that is a virtual one is said with the physical one, beside one of the device', () => {
    const mistake = queueMistake(device({ queue: { registers, place, driver, wideDescriptor: null } }), polled);
    expect(mistake?.places.at(-1)).toBe(
      "the kernel waits for a change at 0x3000003002, which the page table maps to 0x80211002, but used.idx of the device's queue is at 0x3000003002",
    );
  });

  it('after the end of memory is said with that end', () => {
    const [finding] = told('legacy', { place: 'li t0, 0x81000\n sw t0, 0x40(s0)' }).findings.filter((one) => one.includes('QueuePFN is'));
    expect(finding).toContain('the descriptor table is at 0x81000000, where there is no memory');
    expect(finding).toContain('the last byte of memory is at 0x80ffffff');
  });

  it('far from memory is not', () => {
    const [finding] = told('legacy', { place: 'li t0, 0x3000002\n sw t0, 0x40(s0)' }).findings.filter((one) => one.includes('QueuePFN is'));
    expect(finding).not.toContain('the last byte of memory');
  });
});
