/** Modern registers: VIRTIO 1.2, 4.2.2 and 4.2.3, and where it leaves things open QEMU 10's answers (qemu-oracle.test.ts compares more). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT, MODERN_REGISTER, MockDriver, REGISTER } from '../../testkit/mock-driver.ts';
import { memoryDisk } from '../block/memory-disk.ts';

const VERSION_1 = 1n << 32n;
const NEEDS_RESET = 0x40;
const CONFIGURATION_CHANGE = 2;

const setup = () => new MockDriver(memoryDisk(65536), 'blk0', 'modern');
const ready = (features = VERSION_1) => setup().handshake({ features });

describe('features', () => {
  it('are offered in two words, VERSION_1 in the second and nothing of legacy in the first', () => {
    const driver = setup();
    const words = [0, 1, 0].map((word) => {
      driver.write('HostFeaturesSel', word);
      return driver.read('HostFeatures');
    });
    expect(words).toEqual([0x30006e54, 0x101, 0x30006e54]);
    expect([driver.read('Version'), driver.slot.trace.deviceFeatures]).toEqual([2, 0x101_30006e54n]);
  });

  it('count from FEATURES_OK on', () => {
    const driver = ready(VERSION_1 | (1n << 29n));
    expect(driver.slot.trace.driverFeatures).toBe(0x1_2000_0000n);
    driver.chain({ type: 0 }).run();
    expect(driver.availableEvent()).toBe(1);
  });
});

describe('a queue', () => {
  it('is where the three addresses say', () => {
    const driver = ready().chain({ type: 0 }).run();
    expect([driver.usedIndex(), driver.usedElement(), driver.status(), driver.line.level]).toEqual([1, { id: 0, length: 513 }, 0, true]);
  });

  it('takes the high words of its addresses', () => {
    const driver = ready();
    driver.slot.device.write(MODERN_REGISTER.QueueDescLow + 4, 1, 4);
    driver.write('QueueReady', 1);
    driver.chain({ type: 0 }).run();
    expect([driver.usedIndex(), driver.slot.trace.broken]).toEqual([0, 'zero-length']);
  });

  it('says whether it is ready, until a reset', () => {
    const driver = setup();
    const states = [driver.read('QueueReady')];
    driver.handshake({ features: VERSION_1 });
    states.push(driver.read('QueueReady'));
    driver.write('Status', 0);
    expect([...states, driver.read('QueueReady')]).toEqual([0, 1, 0]);
  });

  it('ignores the registers of the legacy transport', () => {
    const driver = ready();
    driver.write('QueueAlign', 64);
    driver.write('QueuePFN', 0);
    driver.chain({ type: 0 }).run();
    expect([driver.usedIndex(), driver.read('QueuePFN')]).toEqual([1, 0]);
  });
});

describe('a broken device', () => {
  it('asks for a reset, with a configuration change interrupt', () => {
    const driver = ready().offer(8).notify();
    const asked = [driver.read('Status'), driver.read('InterruptStatus') & CONFIGURATION_CHANGE];
    expect(asked).toEqual([0xf | NEEDS_RESET, CONFIGURATION_CHANGE]);
    expect([driver.line.level, driver.read('ConfigGeneration')]).toEqual([true, 1]);
    driver.handshake({ features: VERSION_1 }).chain({ type: 0 }).run();
    expect([driver.read('Status'), driver.usedIndex()]).toEqual([0xf, 1]);
  });

  it('says nothing to a driver that did not accept VERSION_1', () => {
    const driver = ready(0n).offer(8).notify();
    expect([driver.read('Status'), driver.read('InterruptStatus'), driver.line.level]).toEqual([0xf, 0, false]);
  });

  it('raises no interrupt before DRIVER_OK', () => {
    const driver = ready();
    driver.write('Status', 0xb);
    driver.offer(8).notify();
    expect([driver.read('Status'), driver.line.level, driver.read('ConfigGeneration')]).toEqual([0xb | NEEDS_RESET, false, 0]);
  });
});

it('keeps addresses and feature selector over a reset by the driver', () => {
  const driver = ready();
  driver.write('HostFeaturesSel', 1);
  driver.write('Status', 0);
  driver.write('QueueReady', 1);
  driver.chain({ type: 0 }).run();
  expect([driver.usedIndex(), driver.read('HostFeatures')]).toEqual([1, 0x101]);
});

it('takes any values in any order from a hostile driver', () => {
  const offset = fc.constantFrom(...Object.values({ ...REGISTER, ...MODERN_REGISTER }), 0x84, 0x94, 0xa4);
  const word = fc.oneof(
    fc.nat(16),
    fc.constantFrom(1024, Number(AT.ring), 0x8000_0000, 0xffff_ffff),
    fc.integer({ min: 0, max: 0xffff_ffff }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(offset, word), { maxLength: 20 }), fc.nat(20), (accesses, index) => {
      const driver = ready().chain({ type: 0 }).setAvailableIndex(index).notify();
      for (const [at, value] of accesses) driver.slot.device.write(at, value, 4);
      driver.notify().wait().write('Status', 0);
      expect([driver.read('Status'), driver.line.level, driver.clock.scheduled()]).toEqual([0, false, 0]);
    }),
    { numRuns: 300, seed: 5 },
  );
});
