/** Legacy registers: VIRTIO 1.2, 4.2.4, and QEMU 10's answers to the same accesses, measured. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT, MockDriver, RAM, RAM_SIZE, REGISTER } from '../../testkit/mock-driver.ts';
import { memoryDisk } from '../block/memory-disk.ts';

const setup = () => new MockDriver(memoryDisk(65536));
const PAGE = Number(AT.ring >> 12n);

describe('features', () => {
  it('are offered in word 0; word 1 is empty, and the selector survives a reset', () => {
    const driver = setup();
    expect(driver.read('HostFeatures')).toBe(0x31006ed4);
    driver.write('HostFeaturesSel', 1);
    expect(driver.read('HostFeatures')).toBe(0);
    driver.write('Status', 0);
    expect(driver.read('HostFeatures')).toBe(0);
  });
});

describe('status', () => {
  it('has 8 bits', () => {
    const driver = setup();
    driver.write('Status', 0x1ff);
    expect([driver.read('Status'), driver.slot.trace.statusWrites]).toEqual([0xff, [0xff]]);
  });

  it('0 in its 8 bits is a reset', () => {
    const driver = setup().handshake();
    driver.write('Status', 0x100);
    expect([driver.read('Status'), driver.read('QueuePFN')]).toEqual([0, 0]);
  });
});

describe('queue selection', () => {
  it('knows queue 0 only, ignores 1024 and above, and goes back to 0 with a reset', () => {
    const driver = setup().handshake();
    expect(driver.read('QueueNumMax')).toBe(1024);
    driver.write('QueueSel', 5);
    driver.write('QueueNum', 16);
    driver.write('QueuePFN', 77);
    driver.write('QueueSel', 2000);
    expect([driver.read('QueueNumMax'), driver.read('QueuePFN')]).toEqual([0, 0]);
    driver.write('QueueSel', 0);
    expect([driver.read('QueuePFN'), driver.slot.trace.queueSize]).toEqual([PAGE, 8]);
    driver.write('QueueSel', 5);
    driver.write('Status', 0);
    expect(driver.read('QueueNumMax')).toBe(1024);
  });
});

describe('queue set-up', () => {
  it('takes QueuePFN for a byte address while GuestPageSize was never written', () => {
    const driver = setup();
    driver.write('QueuePFN', Number(AT.ring));
    expect(driver.read('QueuePFN')).toBe(Number(AT.ring));
    driver.write('GuestPageSize', 4096);
    expect(driver.read('QueuePFN')).toBe(PAGE);
  });

  it('counts the trailing zeros of GuestPageSize, and keeps them over a reset', () => {
    const driver = setup();
    for (const [size, expected] of [
      [0x3000, Number(AT.ring >> 12n)],
      [0x8000_0000, 1],
      [3, Number(AT.ring)],
      [0, Number(AT.ring)],
    ] as const) {
      driver.write('GuestPageSize', 0);
      driver.write('QueuePFN', Number(AT.ring));
      driver.write('GuestPageSize', size);
      expect(driver.read('QueuePFN')).toBe(expected);
    }
    driver.write('GuestPageSize', 4096);
    driver.write('Status', 0);
    driver.write('QueuePFN', PAGE);
    driver.write('GuestPageSize', 0);
    expect(driver.read('QueuePFN')).toBe(Number(AT.ring));
  });

  it('resets the device by QueuePFN 0', () => {
    const driver = setup().handshake();
    driver.write('QueuePFN', 0);
    expect([driver.read('Status'), driver.read('QueuePFN')]).toEqual([0, 0]);
  });

  it.each([0, 1025, 0xffff_ffff])('ignores QueueNum %i', (size) => {
    const driver = setup().handshake();
    driver.write('QueueNum', size);
    driver.chain({ type: 0 }).run();
    expect([driver.usedIndex(), driver.slot.trace.queueSize]).toEqual([1, 8]);
  });

  it('has 256 entries until QueueNum is written, also after a reset, and needs no status', () => {
    const driver = setup().handshake();
    driver.write('Status', 0);
    driver.memory.bytes.fill(0);
    driver.write('QueuePFN', PAGE);
    driver.chain({ type: 0 });
    driver.memory.poke(AT.ring + 4096n + 2n, 2, 1);
    driver.notify().wait();
    expect([driver.memory.peek(AT.ring + 8192n + 2n, 2), driver.read('Status')]).toEqual([1n, 0]);
  });

  it('moves the rings with QueueAlign, which survives a reset; 0 is ignored', () => {
    const driver = setup().handshake({ align: 256 });
    expect(driver.usedRing).toBe(AT.ring + 256n);
    driver.write('QueueAlign', 0);
    driver.chain({ type: 0 }).run();
    expect(driver.usedIndex()).toBe(1);
    driver.write('Status', 0);
    driver.memory.poke(driver.usedRing, 4, 0);
    driver.write('QueueNum', 8);
    driver.write('QueuePFN', PAGE);
    driver.notify().wait();
    expect(driver.usedIndex()).toBe(1);
  });

  it('lays the rings out again when QueueNum or QueueAlign come after QueuePFN', () => {
    const driver = setup();
    driver.write('GuestPageSize', 4096);
    driver.write('QueuePFN', PAGE);
    driver.write('QueueAlign', 512);
    driver.write('QueueNum', 16);
    driver.chain({ type: 0 });
    driver.memory.poke(AT.ring + 256n + 2n, 2, 1);
    driver.notify().wait();
    expect(driver.memory.peek(AT.ring + 512n + 2n, 2)).toBe(1n);
  });
});

describe('garbage in QueuePFN', () => {
  it('outside RAM is an empty queue', () => {
    const driver = setup();
    driver.write('GuestPageSize', 0x8000_0000);
    for (const page of [1000, 0xffff_ffff]) {
      driver.write('QueuePFN', page);
      driver.notify().wait();
      expect([driver.slot.trace.broken, driver.slot.unnotified(), driver.line.level]).toEqual([undefined, 0, false]);
    }
  });

  it('half outside RAM breaks the device until its reset', () => {
    const driver = setup().handshake();
    driver.write('QueueNum', 1024);
    driver.write('QueuePFN', Number((RAM + BigInt(RAM_SIZE)) >> 12n) - 1);
    expect(driver.slot.trace.broken).toBe('unmapped');
    driver.write('QueueNum', 8);
    driver.write('QueuePFN', PAGE);
    driver.chain({ type: 0 }).run();
    expect(driver.usedIndex()).toBe(0);
    driver.handshake().chain({ type: 0 }).run();
    expect(driver.usedIndex()).toBe(1);
  });

  it('counts used_event and avail_event as part of the rings once EVENT_IDX is accepted', () => {
    for (const [features, broken] of [
      [0, undefined],
      [1 << 29, 'unmapped'],
    ] as const) {
      const driver = setup();
      driver.write('GuestFeatures', features);
      driver.write('QueueNum', 8);
      driver.write('QueueAlign', 4);
      // 128 bytes of descriptors, 20 of the available ring and 68 of the used ring, then the end of RAM.
      driver.write('QueuePFN', Number(RAM) + RAM_SIZE - 128 - 20 - 68);
      expect(driver.slot.trace.broken).toBe(broken);
    }
  });
});

describe('a hostile driver', () => {
  const word = fc.oneof(
    fc.nat(16),
    fc.constantFrom(4096, 1024, Number(AT.ring), PAGE, 0x8000_0000, 0xffff_ffff),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  const register = fc.constantFrom(...(Object.keys(REGISTER) as (keyof typeof REGISTER)[]));
  const access = fc.record({ register, value: word });
  /** A descriptor whose fields make sense most of the time. */
  const descriptor = fc.record({
    address: fc.oneof(
      fc.constantFrom(AT.header, AT.data, AT.status, AT.table, AT.ring, RAM + BigInt(RAM_SIZE) - 8n),
      fc.bigInt(0n, 2n ** 64n - 1n),
    ),
    length: fc.oneof(fc.constantFrom(1, 16, 48, 512, 4096), word),
    flags: fc.nat(7),
    next: fc.nat(9),
  });

  it('never makes the device throw, nor reach outside its disk', () => {
    fc.assert(
      fc.property(
        fc.array(access, { maxLength: 12 }),
        fc.array(descriptor, { minLength: 16, maxLength: 16 }),
        fc.nat(20),
        (accesses, table, index) => {
          const driver = setup().handshake();
          driver.header(table[0]!.flags, BigInt(table[1]!.next));
          table.forEach((entry, i) => {
            driver.describe(i % 8, entry, i < 8 ? AT.ring : AT.table);
          });
          driver.setAvailableIndex(index).notify();
          for (const { register: name, value } of accesses) driver.write(name, value);
          driver.notify().wait().write('QueuePFN', 0);
          expect([driver.read('Status'), driver.line.level, driver.clock.scheduled()]).toEqual([0, false, 0]);
        },
      ),
      { numRuns: 300, seed: 3 },
    );
  });
});

it('the lab driver: QueuePFN in bytes, no interrupt acknowledged, status 0xf last', () => {
  const driver = setup();
  driver.write('Status', 0);
  driver.write('Status', 3);
  driver.write('GuestFeaturesSel', 0);
  driver.write('GuestFeatures', 0x01006ed4);
  driver.write('GuestFeaturesSel', 1);
  driver.write('GuestFeatures', 0);
  driver.write('QueueSel', 0);
  driver.write('QueueNum', 64);
  driver.write('QueueAlign', 0x1000);
  driver.write('QueuePFN', Number(AT.ring));
  driver.write('Status', 0xf);
  driver.chain({ type: 0 });
  driver.memory.poke(AT.ring + 1024n + 2n, 2, 1);
  driver.notify().wait();
  expect(driver.memory.peek(AT.ring + 0x1000n + 2n, 2)).toBe(1n);
  expect([driver.read('InterruptStatus'), driver.line.level, driver.slot.trace.driverFeatures]).toEqual([1, true, 0x01006ed4n]);
});
