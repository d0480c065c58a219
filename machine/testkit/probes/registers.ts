/** Probes of the registers and the configuration space, at every width (VIRTIO 1.2, 4.2.2 and 4.2.4). */
import { hex } from '../../hex.ts';
import { AT, GET_ID, type Probe, type ProbeDriver } from '../probe-driver.ts';
import type { AccessWidth } from '../probe-player.ts';

const WIDTHS: readonly AccessWidth[] = [1, 2, 4, 8];

/** Every register and field, at one width. */
const readAll = (width: AccessWidth, step: number = width): Probe => ({
  play: (driver) => {
    driver.restart();
    for (let offset = 0; offset < 0x148; offset += step) driver.read(hex(offset), offset, width);
    for (const offset of [0x1f8, 0x1fc, 0x200, 0x208, 0xff8]) driver.read(hex(offset), offset, width);
  },
});

const readState = (driver: ProbeDriver, label: string): ProbeDriver =>
  driver.read(`${label}: Status`, 'Status').read(`${label}: QueueNumMax`, 'QueueNumMax').read(`${label}: QueuePFN`, 'QueuePFN');

export const REGISTER_PROBES: Readonly<Record<string, Probe>> = {
  'registers, 1 byte at a time': readAll(1),
  'registers, 2 bytes at a time': readAll(2),
  'registers, 4 bytes at a time': readAll(4),
  'registers, 8 bytes at a time': readAll(8),
  'registers, misaligned': {
    play: (driver) => {
      for (const width of WIDTHS) {
        for (const offset of [0x01, 0x02, 0x06, 0x61, 0x103, 0x10e, 0x121, 0x136, 0x137])
          driver.read(`${hex(offset)} by ${width}`, offset, width);
      }
      driver.set(0x71, 0x0f0f_0f0f, 4).set(0x6e, 0x0f0f_0f0f, 8).read('Status', 'Status').set(0x11f, 0, 4).read('write cache', 0x120, 1);
    },
  },
  'registers written at every width': {
    play: (driver) => {
      driver.restart();
      for (const width of WIDTHS) driver.set('Status', 0x0102_0304, width).read(`Status after ${width}`, 'Status');
      for (const width of WIDTHS) driver.set(0x120, 0, width).read(`write cache after ${width}`, 0x120, 1).set(0x120, 1, 1);
      driver.set(0x11e, 0, 4).read('write cache after 4 at 0x11e', 0x120, 1).set(0x120, 7, 1).read('write cache of 7', 0x120, 1);
      driver
        .set(0x100, 99, 4)
        .set(0x114, 1, 4)
        .read('capacity', 0x100)
        .read('block size', 0x114)
        .restart()
        .read('write cache after a reset', 0x120, 1);
    },
  },
  'registers that are read only, or none': {
    play: (driver) => {
      driver.restart();
      for (let offset = 0; offset < 0x100; offset += 4) {
        if ([0x00, 0x04, 0x08, 0x0c, 0x10, 0x34, 0x60, 0x2c, 0x48, 0xb0, 0xb4, 0xc0, 0xf8, 0xfc].includes(offset))
          driver.set(offset, 0xffff_ffff);
      }
      for (const offset of [0x00, 0x08, 0x10, 0x34, 0x60, 0xfc]) driver.read(hex(offset), offset);
    },
  },
  'an empty slot': {
    play: (driver) => {
      for (const width of WIDTHS) {
        for (const offset of [-0x6000, -0x5ffc, -0x5ff8, -0x5ff4, -0x5ff0, -0x5fac, -0x5f00, -0x5e00])
          driver.read(`${hex(offset)} by ${width}`, offset, width);
      }
      driver.set(-0x5f90, 1).read('Status', -0x5f90);
    },
  },
  'device features by word': {
    play: (driver) => {
      for (const [i, word] of [1, 0, 2, 0xffff_ffff, 0].entries())
        driver.set('HostFeaturesSel', word).read(`${i}: word ${word}`, 'HostFeatures');
    },
  },
  'queues that do not exist': {
    play: (driver) => {
      driver.handshake();
      for (const queue of [1, 5, 1023, 1024, 0xffff_ffff, 0]) {
        readState(driver.set('QueueSel', queue), `queue ${queue}`).read(`queue ${queue}: ready`, 'QueueReady');
      }
      driver
        .set('QueueSel', 5)
        .set('QueueNum', 16)
        .set('QueueAlign', 64)
        .set('QueuePFN', 77)
        .set('QueueReady', 1)
        .read('queue 5 made ready', 'QueueReady');
      driver.set('QueueSel', 6).read('queue 6', 'QueueReady').set('QueueSel', 0).chain().run().show();
    },
  },
  'status bits': {
    play: (driver) => {
      driver.restart();
      for (const status of [1, 0x1ff, 0x80, 0x40, 0x100]) readState(driver.set('Status', status), hex(status));
    },
  },
  'write cache at DRIVER_OK': {
    play: (driver) => {
      for (const features of [0n, 1n << 9n, 1n << 11n, (1n << 9n) | (1n << 11n)])
        driver.handshake({ features }).read(`features ${features}`, 0x120, 1);
    },
  },
  'interrupt acknowledged bit by bit': {
    play: (driver) => {
      driver.handshake().chain().run();
      for (const bits of [0, 2, 0xffff_fffe, 1]) driver.set('InterruptACK', bits).show(`after ${bits}: `);
    },
  },

  'page size: trailing zeros': {
    only: 'legacy',
    play: (driver) => {
      driver.handshake();
      for (const size of [4096, 0x3000, 0x8000_0000, 3, 1, 512]) driver.set('GuestPageSize', size).read(`size ${hex(size)}`, 'QueuePFN');
      driver
        .set('GuestPageSize', 512)
        .set('QueuePFN', AT.ring >> 9n)
        .chain()
        .run()
        .show();
    },
  },
  'page size never written': {
    only: 'legacy',
    drive: 'second',
    play: (driver) => {
      driver.restart().place(8).set('QueueNum', 8).set('QueuePFN', AT.ring).read('QueuePFN', 'QueuePFN').chain().run().show();
    },
  },
  'QueuePFN 0': {
    only: 'legacy',
    play: (driver) => {
      readState(driver.handshake().set('QueuePFN', 0), 'reset');
      driver.chain().offer(0).notify().show();
    },
  },
  'queue alignments': {
    only: 'legacy',
    play: (driver) => {
      for (const align of [256, 0, 3, 1, 0x8000]) {
        driver.handshake().set('QueueAlign', align).chain().offer(0).notify();
        driver.until(AT.status, 1, 0n).dump(`align ${align}: behind the table`, AT.ring + 128n, 256);
        driver.dump(`align ${align}: at 0x8000`, AT.ring + 0x8000n, 12).read(`align ${align}: InterruptStatus`, 'InterruptStatus');
      }
      driver.set('QueueAlign', 4096);
    },
  },
  'the default queue size': {
    only: 'legacy',
    play: (driver) => {
      driver
        .restart()
        .place(256)
        .set('GuestPageSize', 4096)
        .set('QueuePFN', AT.ring >> 12n)
        .chain()
        .run()
        .show();
      driver.place(8);
    },
  },

  'registers of the other transport': {
    play: (driver) => {
      driver.handshake();
      if (driver.transport === 'legacy') driver.set('QueueReady', 0).set('QueueDescLow', 0).read('QueueReady', 'QueueReady');
      else driver.set('GuestPageSize', 512).set('QueueAlign', 16).set('QueuePFN', 0).read('QueuePFN', 'QueuePFN');
      driver.chain().run().show();
    },
  },
  QueueReady: {
    only: 'modern',
    play: (driver) => {
      driver
        .restart()
        .read('at reset', 'QueueReady')
        .handshake()
        .read('ready', 'QueueReady')
        .set('QueueReady', 0)
        .read('not ready', 'QueueReady');
      driver.chain().run().show('not ready: ');
      driver.set('QueueReady', 2).read('2', 'QueueReady').run().show('ready again: ').set('Status', 0).read('after a reset', 'QueueReady');
    },
  },
  'what survives a reset': {
    only: 'modern',
    play: (driver) => {
      driver.handshake().restart().set('QueueReady', 1).chain({ type: GET_ID }).run().show();
      driver.restart().set('Status', 0xb).set('Status', 0xf).offer(8).notify().show('no addresses: ').set('QueueReady', 1);
      driver.notify().show('features of before: ');
    },
  },
  'without VERSION_1': {
    only: 'modern',
    play: (driver) => {
      driver.handshake({ version1: false }).chain().run().show();
      driver.offer(8).notify().show('broken: ').read('ConfigGeneration', 'ConfigGeneration');
    },
  },
  ConfigGeneration: {
    only: 'modern',
    play: (driver) => {
      driver.handshake().read('at first', 'ConfigGeneration').offer(8).notify().read('broken', 'ConfigGeneration').show();
      driver.set('Status', 0).read('after a reset', 'ConfigGeneration').handshake({ status: 3 }).offer(8).notify();
      driver.read('broken without DRIVER_OK', 'ConfigGeneration').show('without DRIVER_OK: ').set('Status', 15).show('DRIVER_OK then: ');
    },
  },
  'a ring that does not fit RAM, set up after DRIVER_OK': {
    only: 'modern',
    play: (driver) => {
      driver.handshake().set('QueueDeviceLow', 0x80ff_fff0).set('QueueReady', 1).show();
      driver
        .set('InterruptACK', 3)
        .show('acknowledged: ')
        .set('QueueReady', 1)
        .show('once more: ')
        .read('ConfigGeneration', 'ConfigGeneration');
    },
  },
  'addresses above 4 GiB': {
    only: 'modern',
    play: (driver) => {
      driver.handshake().set(0x84, 1).set('QueueReady', 1).chain().refused().show();
      driver.set(0x84, 0).set('QueueReady', 1).notify().show('back: ');
    },
  },
  'no used ring': {
    only: 'modern',
    play: (driver) =>
      driver.handshake().set('QueueDeviceLow', 0).set('QueueReady', 1).chain({ type: GET_ID }).refused().until(AT.status, 1, 0n).show(),
  },
  'no available ring': {
    only: 'modern',
    play: (driver) => driver.handshake().set('QueueDriverLow', 0).set('QueueReady', 1).chain().refused().show(),
  },
};
