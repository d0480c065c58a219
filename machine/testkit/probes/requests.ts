/** Probes of well-formed requests: every type, and every way to cut one into descriptors (VIRTIO 1.2, 5.2.6). */
import { AT, DISCARD, FLUSH, GET_ID, IN, OUT, type Probe, type ProbeDriver, WRITE, WRITE_ZEROES } from '../probe-driver.ts';

/** Sectors of the drives that play probes. */
export const SECTORS = 64;
const BARRIER = 0x8000_0000;
const ZONE_REPORT = 16;
const UNMAP = 1;

const readBack = (driver: ProbeDriver, sector: bigint, length = 512): ProbeDriver =>
  driver.fill(AT.data, 1024, 0xee).chain({ type: IN, sector, length }).run().dump(`sector ${sector} on disk`, AT.data, length);

const simple = (request: Parameters<ProbeDriver['chain']>[0]): Probe => ({
  play: (driver) => driver.handshake().chain(request).run().show(),
});

/** One segment of DISCARD or WRITE_ZEROES. */
const segment = (driver: ProbeDriver, sector: number | bigint, sectors: number, flags = 0, at: bigint = AT.data): ProbeDriver =>
  driver
    .poke(at, 8, sector)
    .poke(at + 8n, 4, sectors)
    .poke(at + 12n, 4, flags);

/** Makes a request for each of the segments. */
const segments =
  (type: number, list: readonly (readonly [sector: number | bigint, sectors: number, flags?: number])[]) =>
  (driver: ProbeDriver): void => {
    list.forEach(([sector, sectors, flags = 0], index) => {
      driver.handshake().chain({ type, length: 16, dataWritable: false });
      segment(driver, sector, sectors, flags).run().show(`${index}: `);
    });
    readBack(driver.handshake(), 4n, 1024);
  };

const SEGMENTS = [
  [4, 1],
  [5, 2, UNMAP],
  [8, 1, 2],
  [SECTORS, 1],
  [SECTORS - 1, 2],
  [4, 0x40_0000],
  [0, 0],
  [2n ** 63n, 1],
  [4, 0],
] as const;

export const REQUEST_PROBES: Readonly<Record<string, Probe>> = {
  'IN of sector 0': simple({}),
  'IN of 4 sectors': simple({ sector: 3n, length: 2048 }),
  'IN of the last sector': simple({ sector: BigInt(SECTORS - 1) }),
  'IN beyond the end': simple({ sector: BigInt(SECTORS) }),
  'IN across the end': simple({ sector: BigInt(SECTORS - 1), length: 1024 }),
  'IN of sector 2^63': simple({ sector: 2n ** 63n }),
  'IN of sector 2^64 - 1': simple({ sector: 2n ** 64n - 1n }),
  'IN of 100 bytes': simple({ length: 100 }),
  'OUT of 100 bytes': simple({ type: OUT, length: 100 }),
  'OUT of 513 bytes': simple({ type: OUT, length: 513 }),
  'IN of nothing': {
    play: (driver) => {
      const parts = [
        { address: AT.header, length: 16 },
        { address: AT.status, length: 1, flags: WRITE },
      ];
      for (const [type, sector] of [
        [IN, 0],
        [OUT, 0],
        [IN, SECTORS],
        [OUT, SECTORS + 1],
      ] as const) {
        driver.handshake().header(type, BigInt(sector)).link(parts).run().show(`type ${type}, sector ${sector}: `);
      }
    },
  },
  'IN with data in two descriptors': {
    play: (driver) => {
      driver.handshake().header(IN, 1n);
      driver.link([
        { address: AT.header, length: 16 },
        { address: AT.data + 1n, length: 300, flags: WRITE },
        { address: AT.data + 400n, length: 212, flags: WRITE },
        { address: AT.status, length: 1, flags: WRITE },
      ]);
      driver.run().show().dump('all data', AT.data, 640);
    },
  },
  'IN with the status byte behind the data': {
    play: (driver) => {
      driver.handshake().header(IN, 1n);
      driver.link([
        { address: AT.header, length: 16 },
        { address: AT.data, length: 513, flags: WRITE },
      ]);
      driver.run().show().dump('all data', AT.data, 520);
    },
  },
  'status descriptor of 3 bytes': {
    play: (driver) => {
      for (const type of [IN, OUT]) {
        driver.handshake().header(type, 1n);
        driver.link([
          { address: AT.header, length: 16 },
          { address: AT.data, length: 510, flags: type === IN ? WRITE : 0 },
          { address: AT.status, length: 3, flags: WRITE },
        ]);
        driver.run().show(`type ${type}: `);
      }
    },
  },
  'OUT, read back': {
    play: (driver) => {
      driver.handshake().fill(AT.data, 1024, 0x5a).chain({ type: OUT, sector: 8n, length: 1024 }).run().show();
      readBack(driver, 8n, 1024);
    },
  },
  'OUT with data in three descriptors': {
    play: (driver) => {
      driver
        .handshake()
        .header(OUT, 10n)
        .fill(AT.data, 100, 1)
        .fill(AT.data + 100n, 300, 2)
        .fill(AT.data + 400n, 200, 3);
      driver.link([
        { address: AT.header, length: 16 },
        { address: AT.data, length: 100 },
        { address: AT.data + 100n, length: 300 },
        { address: AT.data + 400n, length: 112 },
        { address: AT.status, length: 1, flags: WRITE },
      ]);
      readBack(driver.run().show(), 10n);
    },
  },
  'OUT with header and data in one descriptor': {
    play: (driver) => {
      driver.handshake().fill(AT.data, 1024, 0x33).header(OUT, 11n, AT.data);
      driver.link([
        { address: AT.data, length: 528 },
        { address: AT.status, length: 1, flags: WRITE },
      ]);
      readBack(driver.run().show(), 11n);
    },
  },
  'header in two descriptors': {
    play: (driver) => {
      for (const first of [4, 8, 15]) {
        driver.handshake().header(IN, 2n);
        driver.link([
          { address: AT.header, length: first },
          { address: AT.header + BigInt(first), length: 16 - first },
          { address: AT.data, length: 512, flags: WRITE },
          { address: AT.status, length: 1, flags: WRITE },
        ]);
        driver.run().show(`${first} bytes first: `);
      }
    },
  },
  'OUT with device-writable data': {
    play: (driver) => {
      driver.handshake().fill(AT.data, 512, 0x66).chain({ type: OUT, sector: 12n, dataWritable: true }).run().show();
      readBack(driver, 12n);
    },
  },
  'IN with device-readable data': simple({ sector: 1n, dataWritable: false }),
  'IN with device-readable data, at and beyond the end': {
    play: (driver) => {
      for (const sector of [SECTORS, SECTORS + 1]) {
        driver
          .handshake()
          .chain({ sector: BigInt(sector), dataWritable: false })
          .run()
          .show(`${sector}: `);
      }
    },
  },
  FLUSH: {
    play: (driver) => {
      driver.handshake().chain({ type: FLUSH }).run().show('with data: ');
      driver.handshake().header(FLUSH, 99n);
      driver.link([
        { address: AT.header, length: 16 },
        { address: AT.status, length: 1, flags: WRITE },
      ]);
      driver.run().show();
    },
  },
  GET_ID: {
    play: (driver) => {
      for (const length of [20, 3, 512]) driver.handshake().chain({ type: GET_ID, length }).run().show(`${length} bytes: `);
      driver.handshake().chain({ type: GET_ID, length: 20, dataWritable: false }).run().show('into nothing: ');
    },
  },
  'types from 2 on, device-writable data': {
    play: (driver) => {
      for (let type = 2; type < 34; type++) {
        driver.handshake().chain({ type, dataWritable: true });
        // These two need a segment.
        if (type === DISCARD || type === WRITE_ZEROES) driver.refused();
        else driver.run();
        driver.show(`${type}: `);
      }
    },
  },
  'types from 2 on, device-readable data': {
    play: (driver) => {
      for (let type = 2; type < 34; type++) {
        // These look at their data.
        if ([DISCARD, WRITE_ZEROES, ZONE_REPORT, ZONE_REPORT | OUT].includes(type)) continue;
        driver.handshake().chain({ type, dataWritable: false }).run().show(`${type}: `);
      }
    },
  },
  'ZONE_REPORT into too small a buffer': {
    drive: 'second',
    play: (driver) => driver.handshake().chain({ type: ZONE_REPORT, length: 16 }).refused().show(),
  },
  'types with high bits': {
    play: (driver) => {
      for (const type of [BARRIER | IN, BARRIER | FLUSH, 0x100, 0x4000_0001, 0xffff_ffff]) {
        driver
          .handshake()
          .chain({ type: type >>> 0, dataWritable: true })
          .run()
          .show(`${(type >>> 0).toString(16)}: `);
      }
    },
  },
  'SCSI command': {
    play: (driver) => {
      driver.handshake().header(2);
      driver.link([
        { address: AT.header, length: 16 },
        { address: AT.table, length: 16 },
        { address: AT.data, length: 96, flags: WRITE },
        { address: AT.data + 96n, length: 16, flags: WRITE },
        { address: AT.status, length: 1, flags: WRITE },
      ]);
      driver
        .run()
        .show()
        .dump('errors', AT.data + 96n, 16);
    },
  },
  DISCARD: { play: segments(DISCARD, SEGMENTS) },
  WRITE_ZEROES: { play: segments(WRITE_ZEROES, SEGMENTS) },
  'WRITE_ZEROES of two segments': {
    play: (driver) => {
      driver.handshake().chain({ type: WRITE_ZEROES, length: 32, dataWritable: false });
      segment(driver, 4, 1);
      segment(driver, 5, 1, 0, AT.data + 16n)
        .run()
        .show();
    },
  },
  'WRITE_ZEROES with an even type': {
    play: (driver) =>
      segment(driver.handshake().chain({ type: WRITE_ZEROES - 1, length: 16, dataWritable: false }), 4, 1)
        .run()
        .show(),
  },
  'WRITE_ZEROES of 17 bytes': {
    play: (driver) =>
      segment(driver.handshake().chain({ type: WRITE_ZEROES, length: 17, dataWritable: false }), 4, 1)
        .run()
        .show(),
  },
  'WRITE_ZEROES, then what lies around': {
    play: (driver) => {
      driver.handshake().fill(AT.data, 2048, 0x77).chain({ type: OUT, sector: 20n, length: 2048 }).run();
      segment(driver.chain({ type: WRITE_ZEROES, length: 16 }), 21, 2)
        .run()
        .show();
      readBack(driver, 20n, 2048);
    },
  },
  'DISCARD, then what lies there': {
    play: (driver) => {
      driver.handshake().fill(AT.data, 512, 0x78).chain({ type: OUT, sector: 24n }).run();
      segment(driver.chain({ type: DISCARD, length: 16 }), 24, 1)
        .run()
        .show();
      readBack(driver, 24n);
    },
  },
  'a read-only drive': {
    drive: 'readOnly',
    play: (driver) => {
      driver.read('features', 'HostFeatures').read('capacity', 0x100).read('write cache', 0x120, 1);
      for (const type of [OUT, IN, FLUSH, GET_ID]) driver.handshake().chain({ type }).run().show(`type ${type}: `);
      driver.handshake().chain({ type: OUT, dataWritable: true }).run().show('OUT of nothing: ');
      for (const type of [WRITE_ZEROES, DISCARD]) {
        segment(driver.handshake().chain({ type, length: 16 }), 4, 1)
          .run()
          .show(`type ${type}: `);
        segment(driver.handshake().chain({ type, length: 16 }), 4, 0)
          .run()
          .show(`type ${type}, no sectors: `);
        segment(driver.handshake().chain({ type, length: 16 }), SECTORS, 1)
          .run()
          .show(`type ${type}, beyond: `);
      }
    },
  },
  'the second drive': {
    drive: 'second',
    play: (driver) => {
      driver.read('features', 'HostFeatures').read('capacity', 0x100);
      driver.handshake().chain().run().show('IN: ');
      driver.fill(AT.data, 512, 0x44).chain({ type: OUT, sector: 1n }).run().show('OUT: ');
      driver.chain({ type: GET_ID, length: 20 }).run().show('GET_ID: ');
    },
  },
};
