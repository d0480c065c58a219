/** Requests by VIRTIO 1.2, 5.2.6. Where the specification is silent, the expected answer is QEMU 10's to the same request, measured. */
import { describe, expect, it } from 'vitest';
import { REQUEST_TYPES, SECTOR_BYTES as SECTOR } from '../../spec/virtio.ts';
import { AT, MockDriver, type MockRequest, RAM, RAM_SIZE } from '../../testkit/mock-driver.ts';
import { FEATURE } from '../features.ts';
import { type MemoryDisk, memoryDisk } from './memory-disk.ts';

const { IN, OUT, FLUSH, GET_ID, DISCARD, WRITE_ZEROES } = REQUEST_TYPES;

const OK = 0;
const IOERR = 1;
const UNSUPP = 2;
const SECTORS = 128;
const NEXT = 1;
const WRITE = 2;
const NOWHERE = 0x10_0000_0000n;

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function setup(): { disk: MemoryDisk; driver: MockDriver } {
  const image = new Uint8Array(SECTORS * SECTOR);
  for (let i = 0; i < SECTORS; i++) image.fill(i + 1, i * SECTOR, (i + 1) * SECTOR);
  const disk = memoryDisk(SECTORS * SECTOR, image);
  return { disk, driver: new MockDriver(disk).handshake() };
}

/** Status and used length of one request, and then its effect. */
function answer(driver: MockDriver, request: MockRequest): { status: number; length: number } {
  driver.chain(request).run();
  expect(driver.slot.trace.broken).toBeUndefined();
  return { status: driver.status(), length: driver.usedElement((driver.usedIndex() - 1) % 8).length };
}

describe('IN', () => {
  it('reads sectors', () => {
    const { driver } = setup();
    expect(answer(driver, { type: IN, sector: 3n, length: 1024 })).toEqual({ status: OK, length: 1025 });
    expect(driver.data(1024)).toEqual(new Uint8Array([...filled(512, 4), ...filled(512, 5)]));
  });

  it.each<[string, MockRequest, number]>([
    ['beyond the end', { type: IN, sector: 127n, length: 1024 }, 1025],
    ['far beyond the end', { type: IN, sector: 0xffff_ffff_ffff_ffffn }, 513],
    ['not whole sectors', { type: IN, length: 100 }, 101],
  ])('%s is an error, and all writable bytes count as used', (_, request, length) => {
    const { driver } = setup();
    driver.setData(filled(1024, 99));
    expect(answer(driver, request)).toEqual({ status: IOERR, length });
    expect(driver.data(1024)).toEqual(filled(1024, 99));
  });

  it('into a buffer that is not device-writable succeeds without bringing any data', () => {
    const { driver } = setup();
    driver.setData(filled(512, 99));
    expect(answer(driver, { type: IN, dataWritable: false })).toEqual({ status: OK, length: 1 });
    expect(driver.data()).toEqual(filled(512, 99));
    expect(answer(driver, { type: IN, sector: 128n, dataWritable: false }).status).toBe(OK);
    expect(answer(driver, { type: IN, sector: 129n, dataWritable: false }).status).toBe(IOERR);
  });

  it('takes the last writable byte for the status, whichever descriptor it is in', () => {
    const { driver } = setup();
    driver.chain({ type: IN, sector: 1n }).describe(1, { address: AT.data, length: 513, flags: WRITE }).run();
    expect([driver.usedElement().length, driver.data(513)[511], driver.data(513)[512]]).toEqual([513, 2, OK]);
    driver.describe(1, { address: AT.data, length: 512, flags: WRITE }).run();
    expect([driver.usedElement(1).length, driver.data()[511]]).toEqual([512, IOERR]);
  });

  it('to an address without RAM succeeds, and the data are lost', () => {
    const { driver } = setup();
    driver
      .chain({ type: IN })
      .describe(1, { address: NOWHERE, length: 4096, flags: NEXT | WRITE, next: 2 })
      .run();
    expect([driver.status(), driver.usedElement().length]).toEqual([OK, 4097]);
    const end = RAM + BigInt(RAM_SIZE);
    driver.describe(1, { address: end - 256n, length: 512, flags: NEXT | WRITE, next: 2 }).run();
    expect([driver.status(), driver.memory.peek(end - 1n, 1)]).toEqual([OK, 1n]);
  });

  it('with its status byte outside RAM is used all the same', () => {
    const { driver } = setup();
    driver.chain({ type: IN }).describe(2, { address: NOWHERE, length: 1, flags: WRITE }).run();
    expect([driver.usedElement().length, driver.data()[0]]).toEqual([513, 1]);
    expect(driver.slot.trace.requests[0]?.completion).toEqual({ at: 20_000, status: undefined, usedLength: 513 });
  });

  it('has its header read as zeros where that lies outside RAM: sector 0', () => {
    const { driver } = setup();
    driver.chain({ type: OUT, sector: 5n, dataWritable: true });
    driver.describe(0, { address: NOWHERE, length: 16, flags: NEXT, next: 1 }).run();
    expect([driver.status(), driver.data()[0]]).toEqual([OK, 1]);
  });
});

describe('OUT', () => {
  it('writes sectors', () => {
    const { disk, driver } = setup();
    driver.setData(filled(1024, 77));
    expect(answer(driver, { type: OUT, sector: 2n, length: 1024 })).toEqual({ status: OK, length: 1 });
    expect(disk.read(2 * SECTOR, 1024)).toEqual(filled(1024, 77));
    expect([...disk.written.keys()]).toEqual([2, 3]);
  });

  it('with device-writable data succeeds and writes nothing', () => {
    const { disk, driver } = setup();
    driver.setData(filled(512, 77));
    expect(answer(driver, { type: OUT, dataWritable: true })).toEqual({ status: OK, length: 513 });
    expect([disk.written.size, driver.data()]).toEqual([0, filled(512, 77)]);
  });

  it('takes its data from as many descriptors as there are, the rest of the header too', () => {
    const { disk, driver } = setup();
    driver.chain({ type: OUT, sector: 9n });
    driver.memory.write(AT.header + 16n, filled(100, 7));
    driver.setData(filled(412, 8));
    driver.describe(0, { address: AT.header, length: 116, flags: NEXT, next: 1 });
    driver.describe(1, { address: AT.data, length: 412, flags: NEXT, next: 2 }).run();
    expect([driver.status(), disk.read(9 * SECTOR, SECTOR)]).toEqual([OK, new Uint8Array([...filled(100, 7), ...filled(412, 8)])]);
  });

  it('writes zeros from an address without RAM', () => {
    const { disk, driver } = setup();
    driver.chain({ type: OUT }).describe(1, { address: 0n, length: 512, flags: NEXT, next: 2 }).run();
    expect([driver.status(), disk.read(0, 512)]).toEqual([OK, filled(512, 0)]);
  });

  it.each<[string, MockRequest]>([
    ['beyond the end', { type: OUT, sector: 127n, length: 1024 }],
    ['not whole sectors', { type: OUT, length: 511 }],
  ])('%s is an error and writes nothing', (_, request) => {
    const { disk, driver } = setup();
    expect([answer(driver, request), disk.written.size]).toEqual([{ status: IOERR, length: 1 }, 0]);
  });
});

describe('other requests', () => {
  it('FLUSH reaches the disk, with bit 0 or without', () => {
    let flushed = 0;
    const disk = {
      ...memoryDisk(512),
      flush: () => {
        flushed++;
      },
    };
    const driver = new MockDriver(disk).handshake();
    expect(answer(driver, { type: FLUSH })).toEqual({ status: OK, length: 513 });
    expect([answer(driver, { type: FLUSH | 1 }).status, flushed]).toEqual([OK, 2]);
  });

  it.each([
    ['blk0', 512, 'blk0\0~~~'],
    ['blk0', 3, 'blk~~'],
    ['12345678901234567890', 20, '12345678901234567890~'],
    ['123456789012345678901', 512, '12345678901234567890~'],
    ['', 20, '\0~'],
  ])('GET_ID of "%s" into %i bytes', (serial, length, expected) => {
    const driver = new MockDriver(memoryDisk(512), serial).handshake();
    driver.setData(filled(512, '~'.charCodeAt(0)));
    expect(answer(driver, { type: GET_ID, length })).toEqual({ status: OK, length: length + 1 });
    expect(new TextDecoder().decode(driver.data(expected.length))).toBe(expected);
  });

  it('the barrier bit means nothing', () => {
    const { driver } = setup();
    expect(answer(driver, { type: 0x8000_0000, sector: 1n }).status).toBe(OK);
    expect(driver.data()[0]).toBe(2);
  });

  it('unknown types are unsupported, SCSI commands of three descriptors an error', () => {
    const { disk, driver } = setup();
    for (const type of [6, 7, 10, 12, 14, 15, 32, 33, 0x7fff_fffe]) {
      expect([type, answer(driver, { type, dataWritable: true })]).toEqual([type, { status: UNSUPP, length: 513 }]);
      expect([type, answer(driver, { type, dataWritable: false })]).toEqual([type, { status: UNSUPP, length: 1 }]);
    }
    expect(answer(driver, { type: 2 }).status).toBe(IOERR);
    expect(answer(driver, { type: 3 }).status).toBe(IOERR);
    expect(disk.written.size).toBe(0);
  });
});

describe('DISCARD and WRITE_ZEROES', () => {
  const UNMAP = 1;
  function segment(driver: MockDriver, type: number, sector: bigint, count: number, flags = 0, length = 16): number {
    driver.memory.poke(AT.data, 8, sector);
    driver.memory.poke(AT.data + 8n, 4, count);
    driver.memory.poke(AT.data + 12n, 4, flags);
    return answer(driver, { type, length }).status;
  }

  it('WRITE_ZEROES writes zeros, DISCARD leaves the sectors as they are', () => {
    const { disk, driver } = setup();
    expect(segment(driver, DISCARD, 4n, 2)).toBe(OK);
    expect(disk.written.size).toBe(0);
    expect(segment(driver, WRITE_ZEROES, 4n, 2)).toBe(OK);
    expect(segment(driver, WRITE_ZEROES, 9n, 1, UNMAP)).toBe(OK);
    expect([[...disk.written.keys()], disk.read(4 * SECTOR, 1024)]).toEqual([[4, 5, 9], filled(1024, 0)]);
  });

  it('check range, flags and length', () => {
    const { disk, driver } = setup();
    expect(segment(driver, WRITE_ZEROES, 128n, 1)).toBe(IOERR);
    expect(segment(driver, DISCARD, 0n, 129)).toBe(IOERR);
    expect(segment(driver, WRITE_ZEROES, 0n, 0x40_0000)).toBe(IOERR);
    expect(segment(driver, WRITE_ZEROES, 0n, 1, 2)).toBe(UNSUPP);
    expect(segment(driver, DISCARD, 0n, 1, UNMAP)).toBe(UNSUPP);
    expect(segment(driver, WRITE_ZEROES, 0n, 1, 0, 17)).toBe(UNSUPP);
    expect(disk.written.size).toBe(0);
  });

  it('are limited to 2 GiB less a sector, like every request', () => {
    const driver = new MockDriver(memoryDisk(2 ** 33)).handshake();
    expect([segment(driver, DISCARD, 0n, 0x3f_ffff), segment(driver, DISCARD, 0n, 0x40_0000)]).toEqual([OK, IOERR]);
  });

  it.each([DISCARD, WRITE_ZEROES])('type %i with less than a segment breaks the device', (type) => {
    const { driver } = setup();
    driver.chain({ type, length: 8 }).run();
    expect([driver.slot.trace.broken, driver.usedIndex()]).toEqual(['header-too-short', 0]);
  });
});

describe('a read-only disk', () => {
  it('says so and refuses writes', () => {
    const driver = new MockDriver({ ...memoryDisk(8192, filled(512, 3)), readOnly: true }).handshake();
    expect(driver.slot.trace.deviceFeatures & FEATURE.RO).toBe(FEATURE.RO);
    expect(answer(driver, { type: OUT })).toEqual({ status: IOERR, length: 1 });
    expect(answer(driver, { type: FLUSH }).status).toBe(OK);
    expect([answer(driver, { type: IN }).status, driver.data()[0]]).toEqual([OK, 3]);
    driver.memory.poke(AT.data, 8, 0);
    driver.memory.poke(AT.data + 8n, 8, 1);
    expect(answer(driver, { type: WRITE_ZEROES, length: 16 }).status).toBe(IOERR);
  });
});

it('a disk of no whole sectors is our own mistake', () => {
  expect(() => new MockDriver({ ...memoryDisk(512), size: 1000 })).toThrow(RangeError);
});
