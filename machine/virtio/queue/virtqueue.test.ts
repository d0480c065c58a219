/** The queue as a driver sees it through a slot; the expected answers are those of QEMU 10 to the same rings, measured. */
import { describe, expect, it } from 'vitest';
import { AT, MockDriver, NO_STATUS, RAM, RAM_SIZE } from '../../testkit/mock-driver.ts';
import { memoryDisk } from '../block/memory-disk.ts';
import { FEATURE } from '../features.ts';
import type { ChainProblem } from '../record/trace.ts';

const NEXT = 1;
const WRITE = 2;
const INDIRECT = 4;
const GET_ID = 8;
const NOWHERE = 0x10_0000_0000n;

const setup = (): MockDriver => new MockDriver(memoryDisk(65536)).handshake();

/** What a driver sees of a broken device: nothing is used, no interrupt, an unchanged status byte, and no reaction to anything until reset. */
function expectBroken(driver: MockDriver, problem: ChainProblem): void {
  expect(driver.slot.trace.broken).toBe(problem);
  expect([driver.usedIndex(), driver.read('InterruptStatus'), driver.read('Status'), driver.line.level]).toEqual([0, 0, 7, false]);
  driver.chain({ type: 0 }).run();
  expect([driver.usedIndex(), driver.status()]).toEqual([0, NO_STATUS]);
  driver.handshake().chain({ type: 0 }).run();
  expect([driver.slot.trace.broken, driver.usedIndex(), driver.status()]).toEqual([undefined, 1, 0]);
}

describe('a chain', () => {
  it('may be long, in any order, and begin anywhere', () => {
    const driver = setup().chain({ type: 0 });
    driver.describe(7, { address: AT.header, length: 16, flags: NEXT, next: 3 });
    driver.describe(3, { address: AT.data, length: 512, flags: NEXT | WRITE, next: 5 });
    driver.describe(5, { address: AT.status, length: 1, flags: WRITE });
    driver.offer(7).notify().wait();
    expect([driver.usedIndex(), driver.usedElement(), driver.status()]).toEqual([1, { id: 7, length: 513 }, 0]);
    expect(driver.slot.trace.requests[0]?.descriptors.map(({ index }) => index)).toEqual([7, 3, 5]);
  });

  it('wraps round the ring, whose size need not be a power of two', () => {
    const driver = new MockDriver(memoryDisk(65536)).handshake({ queueSize: 7 }).chain({ type: GET_ID });
    for (let i = 0; i < 20; i++) driver.run();
    expect([driver.usedIndex(), driver.usedElement(19 % 7), driver.slot.trace.broken]).toEqual([20, { id: 0, length: 513 }, undefined]);
  });

  it('goes on when the 16-bit indices wrap', () => {
    const driver = new MockDriver(memoryDisk(512)).handshake({ queueSize: 1024 }).chain({ type: GET_ID, length: 1 });
    for (let round = 0; round < 65; round++) {
      for (let i = 0; i < 1024; i++) driver.offer();
      driver.notify().wait();
    }
    expect([driver.usedIndex(), driver.slot.unnotified(), driver.slot.trace.broken]).toEqual([1024, 0, undefined]);
  });
});

describe('a malformed chain breaks the device', () => {
  const cases: [ChainProblem, string, (driver: MockDriver) => unknown][] = [
    ['head-out-of-range', 'head = size', (driver) => driver.offer(8)],
    ['head-out-of-range', 'head = 65535', (driver) => driver.offer(0xffff)],
    [
      'next-out-of-range',
      'next > size',
      (driver) => driver.describe(1, { address: AT.data, length: 512, flags: NEXT | WRITE, next: 9 }).offer(),
    ],
    ['loop', 'to itself', (driver) => driver.describe(0, { address: AT.header, length: 16, flags: NEXT, next: 0 }).offer()],
    ['loop', 'back to the head', (driver) => driver.describe(2, { address: AT.status, length: 1, flags: NEXT | WRITE, next: 0 }).offer()],
    ['zero-length', 'data', (driver) => driver.describe(1, { address: AT.data, length: 0, flags: NEXT | WRITE, next: 2 }).offer()],
    ['readable-after-writable', 'status', (driver) => driver.describe(2, { address: AT.status, length: 1 }).offer()],
    [
      'readable-after-writable',
      'header writable',
      (d) =>
        d
          .chain({ type: 1 })
          .describe(0, { address: AT.header, length: 16, flags: NEXT | WRITE, next: 1 })
          .offer(),
    ],
    [
      'header-missing',
      'all writable',
      (driver) => driver.describe(0, { address: AT.header, length: 16, flags: NEXT | WRITE, next: 1 }).offer(),
    ],
    ['header-too-short', '15 bytes', (driver) => driver.describe(0, { address: AT.header, length: 15, flags: NEXT, next: 1 }).offer()],
    ['status-missing', 'header only', (driver) => driver.describe(0, { address: AT.header, length: 16 }).offer()],
    [
      'unmapped',
      'more than 4096 bytes',
      (driver) => driver.describe(1, { address: NOWHERE, length: 4608, flags: NEXT | WRITE, next: 2 }).offer(),
    ],
    [
      'unmapped',
      '4 GiB from RAM on',
      (driver) => driver.describe(1, { address: RAM, length: 0xffff_ffff, flags: NEXT | WRITE, next: 2 }).offer(),
    ],
    ['avail-index-jumped', 'by 100', (driver) => driver.setAvailableIndex(100)],
    ['avail-index-jumped', 'backwards', (driver) => driver.setAvailableIndex(-1)],
    [
      'indirect-malformed',
      'no whole descriptor',
      (driver) => driver.describe(0, { address: AT.table, length: 40, flags: INDIRECT }).offer(),
    ],
    ['indirect-malformed', 'empty table', (driver) => driver.describe(0, { address: AT.table, length: 0, flags: INDIRECT }).offer()],
    ['unmapped', 'indirect table', (driver) => driver.describe(0, { address: NOWHERE, length: 48, flags: INDIRECT }).offer()],
    [
      'unmapped',
      'half of an indirect table',
      (driver) => driver.describe(0, { address: RAM + BigInt(RAM_SIZE) - 16n, length: 48, flags: INDIRECT }).offer(),
    ],
    ['unmapped', '4 GiB of table', (driver) => driver.describe(0, { address: AT.table, length: 0xffff_fff0, flags: INDIRECT }).offer()],
    [
      'next-out-of-range',
      'in a table',
      (driver) => driver.chain({ type: 0 }, AT.table).describe(0, { address: AT.table, length: 32, flags: INDIRECT }).offer(),
    ],
    ['status-missing', 'indirect, but not the head', (d) => d.describe(1, { address: AT.table, length: 48, flags: INDIRECT }).offer()],
  ];
  it.each(cases)('%s: %s', (problem, _, ring) => {
    const driver = setup().chain({ type: 0 });
    ring(driver);
    driver.notify().wait();
    // With a wrong index, the device has taken as many chains as the queue holds before it notices; they are lost.
    if (problem === 'avail-index-jumped') {
      expect([driver.slot.trace.broken, driver.usedIndex(), driver.line.level]).toEqual([problem, 0, false]);
      expect([driver.slot.trace.requests.length, driver.read('InterruptStatus')]).toEqual([8, 1]);
      return;
    }
    expectBroken(driver, problem);
    const [request] = driver.slot.trace.requests;
    expect([request?.problem, request?.completion]).toEqual([problem, undefined]);
  });

  it('and what was in flight then gets data and status, but no used element and no interrupt', () => {
    const disk = memoryDisk(65536, new Uint8Array(512).fill(5));
    const driver = new MockDriver(disk).handshake().chain({ type: 0 }).offer(0).offer(8).notify().wait();
    expect([driver.data()[0], driver.status(), driver.usedIndex()]).toEqual([5, 0, 0]);
    expect([driver.read('InterruptStatus'), driver.line.level, driver.slot.trace.interruptsRaised]).toEqual([1, false, 0]);
    expect(driver.slot.trace.requests[0]?.completion).toBeUndefined();
  });
});

describe('an indirect table', () => {
  const indirect = (features: bigint, entries = 3): MockDriver => {
    const driver = new MockDriver(memoryDisk(65536)).handshake({ features }).chain({ type: 0 }, AT.table);
    return driver.describe(0, { address: AT.table, length: 16 * entries, flags: INDIRECT | WRITE });
  };

  it.each([FEATURE.INDIRECT_DESC, 0n])('is followed, negotiated or not (%s)', (features) => {
    const driver = indirect(features).run();
    expect([driver.usedIndex(), driver.usedElement(), driver.status()]).toEqual([1, { id: 0, length: 513 }, 0]);
    expect(driver.slot.trace.requests[0]?.descriptors.map((descriptor) => descriptor.indirect)).toEqual([true, true, true]);
  });

  it('is not nested: the flag means nothing inside', () => {
    const driver = indirect(FEATURE.INDIRECT_DESC);
    driver.describe(0, { address: AT.header, length: 16, flags: NEXT | INDIRECT, next: 1 }, AT.table).run();
    expect(driver.usedElement()).toEqual({ id: 0, length: 513 });
  });

  it.each([
    [1024, undefined],
    [1025, 'indirect-malformed'],
  ])('holds chains of at most 1024 descriptors (%i)', (count, problem) => {
    const driver = indirect(FEATURE.INDIRECT_DESC, count);
    for (let i = 1; i < count; i++) driver.describe(i, { address: AT.data, length: 1, flags: WRITE | NEXT, next: i + 1 }, AT.table);
    driver.describe(count - 1, { address: AT.status, length: 1, flags: WRITE }, AT.table).run();
    expect(driver.slot.trace.broken).toBe(problem);
    expect(driver.usedIndex()).toBe(problem ? 0 : 1);
  });
});

describe('interrupt suppression', () => {
  const NO_INTERRUPT = 1;
  const raised = (driver: MockDriver): boolean => {
    const level = driver.line.level;
    driver.write('InterruptACK', 1);
    return level;
  };

  it('obeys NO_INTERRUPT', () => {
    const driver = setup().chain({ type: 0 }).setAvailableFlags(NO_INTERRUPT).run();
    expect([driver.usedIndex(), raised(driver)]).toEqual([1, false]);
    expect(raised(driver.setAvailableFlags(0).run())).toBe(true);
  });

  it('interrupts despite it when nothing is left and NOTIFY_ON_EMPTY was accepted', () => {
    const driver = new MockDriver(memoryDisk(65536)).handshake({ features: FEATURE.NOTIFY_ON_EMPTY });
    driver.chain({ type: 0 }).setAvailableFlags(NO_INTERRUPT).offer().offer().notify().wait();
    expect([driver.usedIndex(), driver.slot.trace.interruptsRaised]).toEqual([2, 1]);
  });

  it('does not count a chain as under way that broke the device before its reset', () => {
    const driver = setup().chain({ type: 0 }).describe(0, { address: AT.header, length: 16 }).run();
    expect(driver.slot.trace.broken).toBe('status-missing');
    driver.handshake({ features: FEATURE.NOTIFY_ON_EMPTY }).chain({ type: 0 }).setAvailableFlags(NO_INTERRUPT).run();
    expect([driver.usedIndex(), driver.line.level]).toEqual([1, true]);
  });

  it('interrupts when used_event is passed, and announces avail_event, with EVENT_IDX', () => {
    const driver = new MockDriver(memoryDisk(65536)).handshake({ features: FEATURE.EVENT_IDX }).chain({ type: 0 });
    driver.setAvailableFlags(NO_INTERRUPT).setUsedEvent(0).run();
    expect([raised(driver), driver.availableEvent()]).toEqual([true, 1]);
    expect(raised(driver.run())).toBe(false);
    driver.setUsedEvent(5);
    expect([3, 4, 5, 6, 7].map(() => raised(driver.run()))).toEqual([false, false, false, true, false]);
    expect(driver.availableEvent()).toBe(7);
  });

  it('clears NO_NOTIFY in the used flags and keeps the other bits', () => {
    const driver = setup().chain({ type: 0 });
    driver.memory.poke(driver.usedRing, 2, 0xffff);
    driver.run();
    expect(driver.memory.peek(driver.usedRing, 2)).toBe(0xfffen);
  });
});
