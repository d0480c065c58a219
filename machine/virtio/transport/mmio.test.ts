/** Identity, configuration space and access widths of a slot; values as QEMU 10's `virt` gives them for the same disk, measured. */
import { describe, expect, it } from 'vitest';
import { MockDriver } from '../../testkit/mock-driver.ts';
import { memoryDisk } from '../block/memory-disk.ts';

const MIB = 1 << 20;
const WCE = 0x120;

const setup = () => new MockDriver(memoryDisk(64 * MIB));

describe('a slot with a block device', () => {
  it('says what it is', () => {
    const driver = setup();
    expect([driver.read('MagicValue'), driver.read('Version'), driver.read('DeviceID'), driver.read('VendorID')]).toEqual([
      0x74726976, 1, 2, 0x554d4551,
    ]);
  });

  it('reads zero in every other register, with no shared memory', () => {
    const { device } = setup().slot;
    const nonZero = Array.from({ length: 64 }, (_, i) => 4 * i).filter((offset) => device.read(offset, 4) !== 0);
    expect(nonZero).toEqual([0x00, 0x04, 0x08, 0x0c, 0x10, 0x34, 0xb0, 0xb4]);
    expect(device.read(0xb0, 4)).toBe(0xffff_ffff);
  });

  it('has 32-bit registers: other widths read 0 and are ignored', () => {
    const { device } = setup().slot;
    device.write(0x70, 5, 1);
    device.write(0x70, 5, 2);
    expect([device.read(0x00, 1), device.read(0x00, 2), device.read(0x70, 4)]).toEqual([0, 0, 0]);
  });

  it('has its configuration', () => {
    const { device } = setup().slot;
    const words = Array.from({ length: 16 }, (_, i) => device.read(0x100 + 4 * i, 4));
    // 64 MiB = 0x20000 sectors; 130 cylinders of 16 heads and 63 sectors.
    expect(words.slice(0, 8)).toEqual([0x20000, 0, 0, 254, 0x3f100082, 512, 0, 0]);
    expect(words.slice(8)).toEqual([0x10001, 0x3fffff, 1, 1, 0x3fffff, 1, 0xffff_ffff, 0xffff_ffff]);
  });

  it('ends its configuration after 0x39 bytes', () => {
    const { device } = setup().slot;
    expect([device.read(0x138, 1), device.read(0x138, 2), device.read(0x139, 1), device.read(0x1fc, 4)]).toEqual([
      1, 0xffff, 0xff, 0xffff_ffff,
    ]);
    device.write(0x1fc, 1, 4);
  });

  it.each([
    [3 * 512, 0x3f100002],
    [2 ** 40, 0x3f103fff],
  ])('has a geometry within bounds for %i bytes', (size, geometry) => {
    expect(new MockDriver(memoryDisk(size)).slot.device.read(0x110, 4)).toBe(geometry);
  });

  it('lets the driver change the write cache only', () => {
    const { device } = setup().slot;
    device.write(0x100, 7, 4);
    device.write(WCE, 0, 1);
    expect([device.read(0x100, 4), device.read(WCE, 1)]).toEqual([0x20000, 0]);
    device.write(WCE, 5, 1);
    expect(device.read(WCE, 1)).toBe(1);
  });

  it('decides on the write cache at DRIVER_OK by FLUSH, unless it can be configured, and has one again after a reset', () => {
    const driver = setup().handshake();
    expect(driver.slot.device.read(WCE, 1)).toBe(0);
    driver.write('Status', 0);
    expect(driver.slot.device.read(WCE, 1)).toBe(1);
    driver.handshake({ features: 1n << 9n });
    expect(driver.slot.device.read(WCE, 1)).toBe(1);
    driver.handshake({ features: 1n << 11n });
    expect(driver.slot.device.read(WCE, 1)).toBe(1);
  });
});

describe('an empty slot', () => {
  const empty = () => new MockDriver().slot;

  it('has an identity at any width, and no device', () => {
    const { device } = empty();
    expect([device.read(0, 4), device.read(0, 2), device.read(0, 1)]).toEqual([0x74726976, 0x6976, 0x76]);
    expect([device.read(4, 4), device.read(8, 4), device.read(12, 4)]).toEqual([1, 0, 0x554d4551]);
    expect([device.read(0x10, 4), device.read(0xb0, 4), device.read(0x100, 4)]).toEqual([0, 0, 0]);
  });

  it('ignores writes', () => {
    const slot = empty();
    slot.device.write(0x70, 1, 4);
    slot.settle();
    expect([slot.device.read(0x70, 4), slot.unnotified(), slot.trace.statusWrites]).toEqual([0, 0, []]);
  });
});
