/** What a driver is told that has put its queue, or a buffer, where there is no memory (VIRTIO 1.2, 2.7, 4.2.4, 6.1). */
import { describe, expect, it } from 'vitest';
import { ConformingDriver } from '../../testkit/conforming-driver.ts';
import { AT } from '../../testkit/mock-driver.ts';
import { pagesOf } from '../../testkit/pages-of.ts';
import { PlayedWatch } from '../../testkit/played-watch.ts';

function messages(driver: ConformingDriver): string[] {
  driver.finish();
  return driver.slot.trace.findings.map(({ rule, message }) => `${rule} ${message.slice(message.indexOf('('))}`);
}

describe('a queue outside memory', () => {
  const placed = (pfn: number, options: Parameters<ConformingDriver['start']>[0] = {}) => {
    return new ConformingDriver().start({ ...options, instead: { queuePlace: (driver) => driver.poke('QueuePFN', pfn) } });
  };

  it('is where an address was written for a page number', () => {
    const driver = placed(Number(AT.ring)).offer().notify();
    expect(messages(driver)).toEqual([
      'queue-outside-memory (the descriptor table is at 0x80001000000, where there is no memory; QueuePFN is 0x80001000, times a page size of 4096 bytes; that looks like an address: QueuePFN takes the address divided by the page size)',
    ]);
    expect(driver.slot.queue()?.meantTable).toBe(AT.ring);
  });

  it('is where a page number was written without a page size: it is not said to be misaligned as well', () => {
    const driver = placed(Number(AT.ring >> 12n), { without: ['pageSize'] });
    driver.notify();
    expect(messages(driver).filter((message) => !message.startsWith('page-size-missing'))).toEqual([
      'queue-outside-memory (the descriptor table is at 0x80001, where there is no memory; QueuePFN is 0x80001; that looks like a page number, but pages of 1 byte are in force: write the page size to GuestPageSize before QueuePFN)',
    ]);
    expect(driver.slot.queue()?.meantTable).toBe(AT.ring);
  });

  it.each([
    ['low', 0x30_0000_1000n],
    ['high, of which the register holds only a part', 0xffff_ffc0_8000_1000n],
  ])('is where a virtual address was used: %s', (_, virtual) => {
    const virtualMemory = { pages: pagesOf([[virtual, AT.ring]]), watch: new PlayedWatch() };
    const driver = new ConformingDriver('legacy', undefined, undefined, virtualMemory).start({
      instead: { queuePlace: (one) => one.poke('QueuePFN', Number(BigInt.asUintN(32, virtual >> 12n))) },
    });
    expect(messages(driver)[0]).toMatch(/; that looks like a virtual address: the page table maps it to 0x80001000\)$/);
  });

  it('is only said to be there where nothing is known', () => {
    expect(messages(placed(0x1234_5678))).toEqual([
      'queue-outside-memory (the descriptor table is at 0x12345678000, where there is no memory; QueuePFN is 0x12345678, times a page size of 4096 bytes)',
    ]);
  });
});

describe('a buffer outside memory', () => {
  const sent = (mapped: Parameters<typeof pagesOf>[0]) => {
    const virtual = { pages: pagesOf(mapped), watch: new PlayedWatch() };
    const driver = new ConformingDriver('legacy', undefined, undefined, virtual).start().chain({ type: 0 });
    driver.describe(1, { address: 0x30_0000_0000n, length: 512, flags: 3, next: 2 }).run();
    return messages(driver);
  };

  it('is the one of the descriptor that is to blame', () => {
    expect(sent([])).toContain('buffer-outside-memory (descriptor 1: 512 bytes at 0x3000000000)');
  });

  it('is said to have a virtual address, where the page table maps it', () => {
    expect(sent([[0x30_0000_0000n, AT.data]])).toContain(
      'buffer-outside-memory (descriptor 1: 512 bytes at 0x3000000000, a virtual address that the page table maps to 0x80030000)',
    );
  });

  it('says nothing of a page table that maps its address to itself', () => {
    expect(sent([[0x3000000000n, 0x3000000000n]])).toContain('buffer-outside-memory (descriptor 1: 512 bytes at 0x3000000000)');
  });
});
