/** Probes of chains that break the device, or that it accepts although they are wrong (VIRTIO 1.2, 2.7.5; board.md: "silent cases"). */
import { AT, GET_ID, IN, INDIRECT, NEXT, NOWHERE, OUT, type Parts, type Probe, type ProbeDriver, RAM_END, WRITE } from '../probe-driver.ts';

const HEADER = { address: AT.header, length: 16 };
const DATA = { address: AT.data, length: 512, flags: WRITE };
const STATUS = { address: AT.status, length: 1, flags: WRITE };

/** A chain that is refused; then one more notify, an acknowledgement, and a reset, after which the device works again. */
const broken = (prepare: (driver: ProbeDriver) => unknown): Probe => ({
  play: (driver) => {
    driver.handshake();
    prepare(driver);
    driver.refused().show().refused().show('again: ');
    driver.set('InterruptACK', 3).show('acknowledged: ');
    driver.handshake().chain().run().show('after the reset: ');
  },
});

const refusedChain = (parts: Parts, type = IN): Probe => broken((driver) => driver.header(type).link(parts));

/** A chain with an indirect table: `table` has its descriptors, `length` is the length that the referring descriptor gives. */
const indirect =
  (table: Parts, { length = 16 * table.length, flags = INDIRECT as number, features = 1n << 28n } = {}) =>
  (driver: ProbeDriver): ProbeDriver =>
    driver.handshake({ features }).header(IN, 1n).link(table, 0, AT.table).describe(0, { address: AT.table, length, flags });

const answered = (prepare: (driver: ProbeDriver) => ProbeDriver): Probe => ({ play: (driver) => prepare(driver).run().show() });

const unmapped =
  (type: number, address: bigint, length: number) =>
  (driver: ProbeDriver): ProbeDriver =>
    driver
      .handshake()
      .header(type)
      .link([HEADER, { address, length, flags: type === IN ? WRITE : 0 }, STATUS]);

/** As many descriptors as a chain may have, or more; all but the first and the last one describe the same bytes. */
const long = (count: number): Parts =>
  Array.from({ length: count }, (_, i) => (i === 0 ? HEADER : i < count - 1 ? { ...DATA, length: 1 } : STATUS));

export const MALFORMED_PROBES: Readonly<Record<string, Probe>> = {
  'head out of range': broken((driver) => driver.offer(8)),
  'head 65535': broken((driver) => driver.offer(65535)),
  'next out of range': broken((driver) =>
    driver
      .header(IN)
      .describe(0, { ...HEADER, flags: NEXT, next: 1 })
      .describe(1, { ...DATA, flags: NEXT | WRITE, next: 8 }),
  ),
  'next 65535': broken((driver) => driver.header(IN).describe(0, { ...HEADER, flags: NEXT, next: 65535 })),
  'a descriptor that is its own next': broken((driver) => driver.header(IN).describe(0, { ...HEADER, flags: NEXT, next: 0 })),
  'a loop of device-writable descriptors': broken((driver) =>
    driver
      .header(IN)
      .link([HEADER, DATA, STATUS])
      .describe(2, { ...STATUS, flags: NEXT | WRITE, next: 1 }),
  ),
  'a zero-length descriptor': refusedChain([HEADER, { ...DATA, length: 0 }, STATUS]),
  'a zero-length header': refusedChain([{ ...HEADER, length: 0 }, DATA, STATUS]),
  'readable after writable': refusedChain([DATA, HEADER, STATUS]),
  'status byte not writable': refusedChain([HEADER, DATA, { ...STATUS, flags: 0 }]),
  'no writable descriptor': refusedChain([HEADER, { ...DATA, flags: 0 }, { ...STATUS, flags: 0 }], OUT),
  'header only': refusedChain([HEADER]),
  'header writable': refusedChain([{ ...HEADER, flags: WRITE }, DATA, STATUS]),
  'header of 15 bytes': refusedChain([{ ...HEADER, length: 15 }, DATA, STATUS]),
  'no status descriptor': answered((driver) => driver.handshake().header(IN, 1n).link([HEADER, DATA])),
  'OUT without a status descriptor': refusedChain([HEADER, { ...DATA, flags: 0 }], OUT),
  'length 0xffffffff': broken((driver) => driver.header(IN).link([HEADER, { ...DATA, length: 0xffff_ffff }, STATUS])),

  'avail index jumps': {
    play: (driver) => {
      driver.handshake().chain().setAvailableIndex(100).notify().until(AT.status, 1, 0n).show();
      driver.notify().show('again: ').handshake().chain().run().show('after the reset: ');
    },
  },
  'avail index jumps, errors': answered((driver) =>
    driver
      .handshake()
      .chain({ sector: 1n << 40n })
      .setAvailableIndex(100),
  ),
  'avail index jumps, GET_ID': answered((driver) => driver.handshake().chain({ type: GET_ID }).setAvailableIndex(100)),
  'avail index goes back': {
    play: (driver) => {
      driver.handshake().chain().run().poke(AT.status, 1, 0xee).setAvailableIndex(0).notify().until(AT.status, 1, 0n).show();
    },
  },
  'good, then malformed, in one notify': {
    play: (driver) => {
      driver.handshake().chain().offer(0, 8).notify().until(AT.status, 1, 0n).show();
      driver.set('InterruptACK', 1).show('acknowledged: ');
    },
  },
  'good answered, then malformed': {
    play: (driver) => {
      driver.handshake().chain().run().show().offer(8).notify().show('broken: ');
      driver.set('InterruptACK', 3).show('acknowledged: ');
    },
  },
  'queue set up anew while broken': {
    play: (driver) => {
      driver.handshake().offer(8).notify().show();
      driver
        .set('Status', driver.transport === 'legacy' ? 7 : 15)
        .set('QueueNum', 8)
        .chain()
        .offer(0)
        .notify()
        .show('again: ');
    },
  },

  'indirect table': answered(indirect([HEADER, DATA, STATUS])),
  'indirect table, not negotiated': answered(indirect([HEADER, DATA, STATUS], { features: 0n })),
  'indirect table with WRITE': answered(indirect([HEADER, DATA, STATUS], { flags: INDIRECT | WRITE })),
  'indirect table with NEXT': answered(indirect([HEADER, DATA, STATUS], { flags: INDIRECT | NEXT })),
  'indirect table of 40 bytes': broken(indirect([HEADER, DATA, STATUS], { length: 40 })),
  'indirect table of 32 bytes': broken(indirect([HEADER, DATA, STATUS], { length: 32 })),
  'indirect table of 0 bytes': broken(indirect([HEADER, DATA, STATUS], { length: 0 })),
  'indirect table with more entries than used': answered(indirect([HEADER, DATA, STATUS], { length: 16 * 40 })),
  'indirect flag inside an indirect table': answered(
    indirect([{ ...HEADER, flags: INDIRECT }, DATA, { ...STATUS, flags: WRITE | INDIRECT }]),
  ),
  'indirect flag on the second descriptor': broken((driver) =>
    driver
      .handshake({ features: 1n << 28n })
      .header(IN)
      .link([DATA, STATUS], 0, AT.table)
      .link([HEADER, { address: AT.table, length: 32, flags: INDIRECT }]),
  ),
  'a loop in an indirect table': broken((driver) =>
    indirect([HEADER, DATA, STATUS])(driver).describe(2, { ...STATUS, flags: NEXT | WRITE, next: 1 }, AT.table),
  ),
  'next out of range in an indirect table': broken((driver) =>
    indirect([HEADER, DATA, STATUS])(driver).describe(1, { ...DATA, flags: NEXT | WRITE, next: 3 }, AT.table),
  ),
  'indirect table outside RAM': broken((driver) => driver.describe(0, { address: NOWHERE, length: 48, flags: INDIRECT })),
  'indirect table half in RAM': broken((driver) => driver.describe(0, { address: RAM_END - 16n, length: 48, flags: INDIRECT })),
  'indirect table of 514 entries': answered(indirect(long(514))),
  'indirect table of 1024 entries': answered(indirect(long(1024))),
  'indirect table of 1025 entries': broken(indirect(long(1025))),

  'data outside RAM, IN': answered(unmapped(IN, NOWHERE, 512)),
  'data outside RAM, OUT': {
    play: (driver) => {
      unmapped(
        OUT,
        NOWHERE,
        512,
      )(driver)
        .poke(AT.header + 8n, 8, 30)
        .run()
        .show();
      driver.chain({ sector: 30n }).run().show('read back: ');
    },
  },
  'data outside RAM, 4096 bytes': answered(unmapped(IN, NOWHERE, 4096)),
  'data outside RAM, 4608 bytes': broken(unmapped(IN, NOWHERE, 4608)),
  'data half outside RAM': {
    play: (driver) => {
      unmapped(
        IN,
        RAM_END - 256n,
        512,
      )(driver)
        .run()
        .show()
        .dump('the half in RAM', RAM_END - 256n, 256);
    },
  },
  'data at the top of the address space': answered(unmapped(IN, 0xffff_ffff_ffff_fe00n, 512)),
  'data at address 0': answered(unmapped(IN, 0n, 512)),
  'header outside RAM': answered((driver) => driver.handshake().link([{ ...HEADER, address: NOWHERE }, DATA, STATUS])),
  'status byte outside RAM': answered((driver) =>
    driver
      .handshake()
      .header(IN, 1n)
      .link([HEADER, DATA, { ...STATUS, address: NOWHERE }]),
  ),
};
