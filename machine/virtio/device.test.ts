import { describe, expect, it } from 'vitest';
import { SECTOR_BYTES as SECTOR } from '../spec/virtio.ts';
import { AT, MockDriver, NO_STATUS } from '../testkit/mock-driver.ts';
import { memoryDisk } from './block/memory-disk.ts';
import { COMPLETION_DELAY } from './device.ts';
import { FEATURE } from './features.ts';
import { TraceRoom } from './record/kept-requests.ts';
import type { RecorderOptions } from './record/recorder.ts';
import { TRACED_BYTES, TRACED_DATA, TRACED_DESCRIPTORS, type TracedRequest } from './record/trace.ts';

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

  const recorded = (recording: RecorderOptions['recording'], room = new TraceRoom()) =>
    new MockDriver(memoryDisk(1 << 20), 'blk', 'legacy', undefined, undefined, { room, recording }).handshake();
  const numbers = (driver: MockDriver) => driver.slot.trace.requests.map(({ number }) => number);

  it('keeps the first and the last requests, and counts all of them', () => {
    const driver = recorded({ first: 10 }).chain({ type: 8 });
    for (let i = 0; i < 300; i++) driver.write('Status', 7);
    for (let i = 0; i < 300; i++) driver.run();
    const { counts, statusWrites } = driver.slot.trace;
    // The last 64, and the last one before them of this kind.
    expect(numbers(driver)).toEqual([...upTo(1, 10), ...upTo(236, 300)]);
    expect(counts).toEqual([{ type: 8, made: 300, phantoms: 0, answers: new Map([[0, 300]]) }]);
    expect(statusWrites).toHaveLength(256);
  });

  it('keeps the first and the last request of each kind', () => {
    const driver = recorded({ first: 2 });
    for (const [type, times] of [
      [8, 50],
      [4, 5],
      [8, 50],
      [4, 5],
      [8, 200],
    ] as const) {
      driver.chain({ type });
      for (let i = 0; i < times; i++) driver.run();
    }
    expect(numbers(driver)).toEqual([1, 2, 51, 110, ...upTo(246, 310)]);
    expect(driver.slot.trace.counts.map(({ type, made }) => [type, made])).toEqual([
      [8, 300],
      [4, 10],
    ]);
  });

  it('keeps what a finding is about, and what was asked for', () => {
    const driver = recorded({ first: 2, taken: ({ number }) => number === 90 });
    const rounds: [number, number, number][] = [
      [IN, 512, 40],
      [IN, 100, 1],
      [IN, 512, 159],
    ];
    for (const [type, length, times] of rounds) {
      driver.chain({ type, length });
      for (let i = 0; i < times; i++) driver.run();
    }
    expect(driver.slot.trace.findings.map(({ request }) => request)).toContain(41);
    expect(numbers(driver)).toEqual([1, 2, 41, 90, ...upTo(136, 200)]);
  });

  it('keeps a malformed request', () => {
    const driver = recorded({ first: 2 }).chain({ type: IN });
    for (let i = 0; i < 20; i++) driver.run();
    driver.describe(2, { address: AT.status, length: 0, flags: WRITE }).run();
    driver.handshake().chain({ type: IN });
    for (let i = 0; i < 200; i++) driver.run();
    expect(driver.slot.trace.requests.find(({ number }) => number === 21)).toMatchObject({ problem: 'zero-length' });
    expect(driver.slot.trace.counts).toMatchObject([{ made: 221, answers: new Map([[0, 220]]) }]);
  });

  it('keeps only the last requests, and what was asked for, once all of them together are too large', () => {
    const room = new TraceRoom();
    room.take({ descriptors: [], data: new Uint8Array(TRACED_BYTES - TRACED_DATA) });
    const driver = recorded({ taken: ({ number }) => number === 3 }, room).chain({ type: IN, length: TRACED_DATA });
    for (let i = 0; i < 100; i++) driver.run();
    expect(numbers(driver)).toEqual([1, 3, ...upTo(37, 100)]);
  });

  it('asks before a request is dropped, once it is answered', () => {
    const asked: unknown[] = [];
    const dropped = ({ number, completion }: TracedRequest) => {
      asked.push([number, completion?.status]);
      return number === 13;
    };
    const driver = recorded({ first: 10, dropped }).chain({ type: IN });
    for (let i = 0; i < 78; i++) driver.run();
    // One of those that are no more among the last 64 is the last of its kind.
    expect(asked).toEqual([11, 12, 13].map((number) => [number, 0]));
    expect(numbers(driver)).toEqual([...upTo(1, 10), 13, ...upTo(14, 78)]);
  });

  it('only counts where nothing is to be recorded', () => {
    const driver = recorded(undefined).chain({ type: IN }).run();
    expect([driver.slot.trace.requests, driver.slot.trace.counts.map(({ made }) => made)]).toEqual([[], [1]]);
  });

  it('has a limit for long chains, which the devices of a machine share', () => {
    const room = new TraceRoom();
    room.take({ descriptors: Array.from({ length: TRACED_DESCRIPTORS - 1500 }, () => null as never), data: new Uint8Array() });
    const drivers = [1, 2].map(() => {
      const driver = recorded({}, room).chain({ type: 8 }, AT.table);
      for (let i = 1; i < 1000; i++) driver.describe(i, { address: AT.data, length: 1, flags: NEXT | WRITE, next: i + 1 }, AT.table);
      return driver
        .describe(999, { address: AT.status, length: 1, flags: WRITE }, AT.table)
        .describe(0, { address: AT.table, length: 16000, flags: 4 });
    });
    for (const driver of drivers) for (let i = 0; i < 70; i++) driver.run();
    expect(drivers.map(numbers)).toEqual([[1, ...upTo(7, 70)], upTo(7, 70)]);
  });

  it('counts types that nobody would tell apart together', () => {
    const driver = recorded({});
    for (let type = 1000; type < 1100; type++) driver.chain({ type }).run();
    const { counts } = driver.slot.trace;
    expect([counts.length, counts.at(-1)?.type, counts.at(-1)?.made]).toEqual([65, undefined, 36]);
  });
});

/** All numbers from one to another one. */
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
