import { describe, expect, it } from 'vitest';
import { SECTOR_BYTES as SECTOR } from '../spec/virtio.ts';
import { AT, MockDriver, NO_STATUS } from '../testkit/mock-driver.ts';
import { memoryDisk } from './block/memory-disk.ts';
import { COMPLETION_DELAY } from './device.ts';
import { FEATURE } from './features.ts';
import { TraceRoom } from './record/recorder.ts';
import { DESCRIPTORS_PER_REQUEST, TRACED_BYTES, TRACED_DATA } from './record/trace.ts';

const NEXT = 1;
const WRITE = 2;
const IN = 0;
const OUT = 1;

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
const setup = (): MockDriver => new MockDriver(memoryDisk(65536, filled(65536, 5))).handshake();

/** An IN of sector 0 into descriptors 3 and 4, with its header at AT.header + 64. */
function secondChain(driver: MockDriver, type: number, data: bigint): MockDriver {
  driver.header(type, 0n, AT.header + 64n);
  driver.describe(3, { address: AT.header + 64n, length: 16, flags: NEXT, next: 4 });
  driver.describe(4, { address: data, length: 512, flags: NEXT | (type === IN ? WRITE : 0), next: 5 });
  return driver.describe(5, { address: AT.status + 8n, length: 1, flags: WRITE });
}

describe('completion', () => {
  it('comes 20 microseconds after the notify, data, status, used ring and interrupt together', () => {
    const driver = setup()
      .chain({ type: IN })
      .offer()
      .notify()
      .wait(COMPLETION_DELAY - 1);
    expect([driver.data()[0], driver.status(), driver.usedIndex(), driver.line.level]).toEqual([0, NO_STATUS, 0, false]);
    driver.wait(1);
    expect([driver.data()[0], driver.status(), driver.usedIndex(), driver.line.level]).toEqual([5, 0, 1, true]);
    expect(COMPLETION_DELAY).toBe(20_000);
  });

  it('uses chain and data as they were at the notify', () => {
    const disk = memoryDisk(65536);
    const driver = new MockDriver(disk).handshake().setData(filled(512, 1)).chain({ type: OUT }).offer().notify();
    driver.setData(filled(512, 2)).header(OUT, 1n).describe(0, { address: 0n, length: 0 }).wait();
    expect([disk.read(0, 1)[0], [...disk.written.keys()], driver.usedIndex()]).toEqual([1, [0], 1]);
  });

  it('takes all waiting chains at one notify, in order: a read before a write sees the old data', () => {
    const driver = setup().chain({ type: IN });
    secondChain(driver, OUT, AT.data + 4096n).memory.write(AT.data + 4096n, filled(512, 9));
    driver.offer(0).offer(3).notify().wait();
    expect([driver.usedElement(0).id, driver.usedElement(1).id, driver.data()[0]]).toEqual([0, 3, 5]);
    expect(driver.slot.trace.interruptsRaised).toBe(2);
    driver.run();
    expect(driver.data()[0]).toBe(9);
  });

  it('needs a notify, and can be brought about by settling', () => {
    const driver = setup().chain({ type: IN }).offer().offer();
    expect([driver.slot.unnotified(), driver.wait(10 ** 9).usedIndex()]).toEqual([2, 0]);
    driver.notify();
    expect([driver.slot.unnotified(), driver.usedIndex()]).toEqual([0, 0]);
    driver.slot.settle();
    expect([driver.usedIndex(), driver.clock.scheduled()]).toEqual([2, 0]);
    expect(driver.slot.trace.requests[0]?.completion?.at).toBe(driver.clock.now());
  });

  it('is early when answers in flight would hold too much memory', () => {
    const sectors = (33 << 20) / SECTOR;
    const driver = new MockDriver(memoryDisk(sectors * SECTOR)).handshake().chain({ type: IN });
    // 66 descriptors for the same half megabyte of RAM.
    for (let i = 0; i < 66; i++)
      driver.describe(1 + i, { address: AT.data, length: 512 << 10, flags: NEXT | WRITE, next: 2 + i }, AT.table);
    driver.describe(0, { address: AT.header, length: 16, flags: NEXT, next: 1 }, AT.table);
    driver.describe(67, { address: AT.status, length: 1, flags: WRITE }, AT.table);
    driver.describe(0, { address: AT.table, length: 16 * 68, flags: 4 });
    driver.offer().notify();
    expect(driver.usedIndex()).toBe(0);
    driver.offer().notify();
    expect([driver.usedIndex(), driver.status()]).toEqual([2, 0]);
    driver.offer().notify();
    expect(driver.usedIndex()).toBe(2);
  });
});

describe('interrupt', () => {
  it('stays up until it is acknowledged, and none is lost if it never is', () => {
    const driver = setup().chain({ type: IN }).run().run();
    expect([driver.line.level, driver.read('InterruptStatus'), driver.usedIndex()]).toEqual([true, 1, 2]);
    driver.write('InterruptACK', 2);
    expect(driver.line.level).toBe(true);
    driver.write('InterruptACK', 1);
    expect([driver.line.level, driver.read('InterruptStatus')]).toEqual([false, 0]);
    driver.write('InterruptACK', 1);
    expect([driver.slot.trace.interruptsRaised, driver.slot.trace.interruptsAcknowledged]).toEqual([2, 1]);
  });
});

describe('reset', () => {
  it('completes what is in flight, as QEMU drains it, and then forgets all but page size and alignment', () => {
    const driver = setup().chain({ type: IN }).offer().notify();
    driver.write('Status', 0);
    expect([driver.usedIndex(), driver.data()[0], driver.line.level, driver.read('InterruptStatus')]).toEqual([1, 5, false, 0]);
    expect([driver.read('QueuePFN'), driver.read('Status'), driver.clock.scheduled()]).toEqual([0, 0, 0]);
    driver.write('QueuePFN', Number(AT.ring >> 12n));
    expect(driver.read('QueuePFN')).toBe(Number(AT.ring >> 12n));
  });

  it('takes back the accepted features', () => {
    const driver = new MockDriver(memoryDisk(512)).handshake({ features: FEATURE.NOTIFY_ON_EMPTY });
    driver.write('Status', 0);
    driver.write('QueueNum', 8);
    driver.write('QueuePFN', Number(AT.ring >> 12n));
    driver.chain({ type: IN }).setAvailableFlags(1).run();
    expect([driver.usedIndex(), driver.line.level]).toEqual([1, false]);
  });
});

describe('features', () => {
  it('cannot be changed after FEATURES_OK', () => {
    const driver = setup();
    driver.write('Status', 0xb);
    driver.write('GuestFeatures', Number(FEATURE.NOTIFY_ON_EMPTY));
    driver.chain({ type: IN }).setAvailableFlags(1).run();
    expect(driver.line.level).toBe(false);
  });

  it('in the upper word have no effect, but are on record', () => {
    const driver = setup();
    driver.write('GuestFeaturesSel', 1);
    driver.write('GuestFeatures', Number(FEATURE.NOTIFY_ON_EMPTY));
    driver.chain({ type: IN }).setAvailableFlags(1).run();
    expect([driver.line.level, driver.slot.trace.driverFeatures]).toEqual([false, FEATURE.NOTIFY_ON_EMPTY << 32n]);
  });
});

describe('trace', () => {
  it('records a request from notify to completion', () => {
    const driver = setup().wait(1000).chain({ type: IN, sector: 7n }).offer().notify();
    const [request] = driver.slot.trace.requests;
    expect(request).toMatchObject({
      number: 1,
      queue: 0,
      head: 0,
      notifiedAt: 1000,
      instructions: 1000n,
      consoleBytes: 7,
      type: 0,
      sector: 7n,
    });
    expect([request?.completion, request?.data]).toEqual([undefined, filled(512, 0)]);
    driver.wait();
    expect([request?.completion, request?.data]).toEqual([{ at: 21_000, status: 0, usedLength: 513 }, filled(512, 5)]);
    expect(request?.descriptors).toEqual([
      { index: 0, indirect: false, address: AT.header, length: 16, flags: 1, next: 1 },
      { index: 1, indirect: false, address: AT.data, length: 512, flags: 3, next: 2 },
      { index: 2, indirect: false, address: AT.status, length: 1, flags: 2, next: 0 },
    ]);
  });

  it('has the data by position, whatever the flags say', () => {
    const driver = setup().setData(filled(512, 8)).chain({ type: OUT, dataWritable: true }).run();
    expect(driver.slot.trace.requests[0]?.data).toEqual(filled(512, 8));
    driver.setData(filled(512, 9)).chain({ type: IN, dataWritable: false }).run();
    expect(driver.slot.trace.requests[1]?.data).toEqual(filled(512, 9));
  });

  it('has header and data of a malformed chain, too', () => {
    const driver = setup().setData(filled(512, 8)).chain({ type: OUT, sector: 2n });
    driver.describe(2, { address: AT.status, length: 1 }).run();
    expect(driver.slot.trace.requests[0]).toMatchObject({ type: OUT, sector: 2n, problem: 'status-missing', data: filled(512, 8) });
  });

  it('keeps the first bytes of long data', () => {
    const driver = setup().chain({ type: IN, length: 8192 }).run();
    expect(driver.slot.trace.requests[0]?.data).toEqual(filled(TRACED_DATA, 5));
  });

  it('counts what the driver did', () => {
    const driver = setup().chain({ type: IN }).run();
    driver.write('QueueNotify', 1);
    expect(driver.slot.trace).toMatchObject({ statusWrites: [0, 3, 7], queueSize: 8, notifies: 1, deviceFeatures: 0x31006ed4n });
  });

  const small = (most: number) =>
    new MockDriver(memoryDisk(1 << 20), 'blk', 'legacy', undefined, undefined, new TraceRoom(most)).handshake();

  it('has limits', () => {
    const driver = small(10).chain({ type: 8 });
    for (let i = 0; i < 300; i++) driver.write('Status', 7);
    for (let i = 0; i < 13; i++) driver.run();
    const { requests, requestsUntraced, statusWrites } = driver.slot.trace;
    expect([requests.length, requestsUntraced, statusWrites.length]).toEqual([10, 3, 256]);
  });

  it('keeps no more data after a limit, but the requests', () => {
    const driver = setup().chain({ type: IN, length: TRACED_DATA });
    for (let i = 0; i < TRACED_BYTES / TRACED_DATA + 2; i++) driver.run();
    const { requests, requestsUntraced } = driver.slot.trace;
    expect([requests.length, requestsUntraced]).toEqual([TRACED_BYTES / TRACED_DATA + 2, 0]);
    expect([requests.at(-3)!.data.length, requests.at(-1)!.data.length]).toEqual([TRACED_DATA, 0]);
  });

  it('shares its limits with the other devices of the machine', () => {
    const room = new TraceRoom(10);
    const drivers = [1, 2].map(() => new MockDriver(memoryDisk(1 << 20), 'blk', 'legacy', undefined, undefined, room).handshake());
    for (const driver of drivers) driver.chain({ type: IN, length: TRACED_DATA });
    for (let i = 0; i < 10; i++) for (const driver of drivers) driver.run();
    expect(drivers.map(({ slot }) => slot.trace.requests.length)).toEqual([5, 5]);
  });

  it('has a limit for long chains', () => {
    const driver = small(1000).chain({ type: 8 }, AT.table);
    for (let i = 1; i < 1000; i++) driver.describe(i, { address: AT.data, length: 1, flags: NEXT | WRITE, next: i + 1 }, AT.table);
    driver
      .describe(999, { address: AT.status, length: 1, flags: WRITE }, AT.table)
      .describe(0, { address: AT.table, length: 16000, flags: 4 });
    for (let i = 0; i < DESCRIPTORS_PER_REQUEST + 2; i++) driver.run();
    expect([driver.slot.trace.requests.length, driver.slot.trace.requestsUntraced]).toEqual([DESCRIPTORS_PER_REQUEST, 2]);
  });
});
