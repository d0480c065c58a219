/** Probes of the queue: set-up, sizes, suppression of notifications, several chains, resets (VIRTIO 1.2, 2.7). */
import { AT, GET_ID, NO_INTERRUPT, NOWHERE, OUT, type Probe, type ProbeDriver, RAM_END } from '../probe-driver.ts';

const NOTIFY_ON_EMPTY = 1n << 24n;
const EVENT_IDX = 1n << 29n;

const acknowledge = (driver: ProbeDriver): ProbeDriver => driver.set('InterruptACK', 1);
const again = (driver: ProbeDriver, label: string): ProbeDriver => acknowledge(driver).run().show(label);

const sizes = (...list: readonly number[]): Probe => ({
  play: (driver) => {
    for (const queueSize of list) {
      driver.handshake({ queueSize }).chain();
      for (let round = 0; round < 3; round++) again(driver, `size ${queueSize}, round ${round}: `);
    }
  },
});

export const QUEUE_PROBES: Readonly<Record<string, Probe>> = {
  'queues of 3, 4 and 1024 entries': sizes(3, 4, 1024),
  'a queue of 1 entry, an indirect chain': {
    play: (driver) => {
      driver
        .handshake({ queueSize: 1, features: 1n << 28n })
        .chain({}, AT.table)
        .describe(0, { address: AT.table, length: 48, flags: 4 });
      for (let round = 0; round < 3; round++) again(driver, `round ${round}: `);
    },
  },
  'sizes that are refused': {
    play: (driver) => {
      driver.handshake();
      for (const size of [0, 1025, 0xffff_ffff]) driver.set('QueueNum', size);
      driver.chain().run().show();
    },
  },
  'three chains in one notify': {
    play: (driver) => {
      driver.handshake();
      for (const head of [0, 3, 5]) {
        driver.header(GET_ID, 0n, AT.header + BigInt(16 * head));
        driver.link(
          [
            { address: AT.header + BigInt(16 * head), length: 16 },
            { address: AT.status + BigInt(head), length: 1, flags: 2 },
          ],
          head,
        );
      }
      driver.offer(3, 0, 5).notify().done().show();
    },
  },
  'IN, then GET_ID, in one notify': {
    play: (driver) => {
      driver
        .handshake()
        .chain()
        .header(GET_ID, 0n, AT.header + 16n);
      driver.link(
        [
          { address: AT.header + 16n, length: 16 },
          { address: AT.status + 1n, length: 1, flags: 2 },
        ],
        4,
      );
      driver.offer(0, 4).notify().done().show();
    },
  },
  'the same head twice in one notify': { play: (driver) => driver.handshake().chain({ type: GET_ID }).offer(0, 0).notify().done().show() },
  'a notify without a chain': { play: (driver) => driver.handshake().chain().notify().show() },
  'a notify of another queue': {
    play: (driver) => {
      driver.handshake().chain().offer(0).kick(1).kick(1023).kick(1024).notify(0xffff_ffff).show();
      driver.notify().done().show('queue 0: ');
    },
  },
  'a notify without DRIVER_OK': { play: (driver) => driver.handshake({ status: 3 }).chain().run().show() },
  'a chain offered before DRIVER_OK and never notified': {
    play: (driver) => {
      driver
        .handshake({ status: 3 })
        .chain({ type: GET_ID })
        .offer(0)
        .set('Status', driver.transport === 'legacy' ? 7 : 15)
        .pass()
        .show();
      driver
        .chain({ type: GET_ID })
        .offer(0)
        .set('Status', driver.transport === 'legacy' ? 7 : 15)
        .pass()
        .show('DRIVER_OK again: ');
      driver.set('Status', driver.transport === 'legacy' ? 3 : 11).set('Status', driver.transport === 'legacy' ? 7 : 15);
      driver.pass().show('without and with: ');
    },
  },
  'a chain offered between a notify and DRIVER_OK': {
    play: (driver) => {
      driver.handshake({ status: 3 }).chain({ type: GET_ID }).run().show();
      driver
        .offer(0)
        .set('Status', driver.transport === 'legacy' ? 7 : 15)
        .pass()
        .show('DRIVER_OK: ');
      driver.offer(0).notify().show('notified: ');
    },
  },
  'a notify with status 0': {
    play: (driver) => {
      driver.restart();
      if (driver.transport === 'legacy')
        driver
          .set('GuestPageSize', 4096)
          .set('QueueNum', 8)
          .set('QueuePFN', AT.ring >> 12n);
      else driver.place(8).setRings().set('QueueReady', 1);
      driver.chain().run().show();
    },
  },
  'no interrupt wanted': {
    play: (driver) => {
      driver.handshake().setAvailableFlags(NO_INTERRUPT).chain().run().show();
      driver.setAvailableFlags(0).run().show('wanted: ');
      again(driver, 'acknowledged: ');
    },
  },
  NOTIFY_ON_EMPTY: {
    play: (driver) => {
      driver.handshake({ features: NOTIFY_ON_EMPTY }).setAvailableFlags(NO_INTERRUPT).chain({ type: GET_ID }).run().show();
    },
  },
  'used flags of the driver': {
    play: (driver) =>
      driver
        .handshake()
        .chain()
        .poke(AT.ring + 4096n, 2, 0xffff)
        .run()
        .show(),
  },
  EVENT_IDX: {
    play: (driver) => {
      driver.handshake({ features: EVENT_IDX }).chain({ type: GET_ID });
      for (const [round, event] of [0, 0, 1, 3, 3, 0xffff, 6].entries()) {
        again(driver.setUsedEvent(event), `round ${round}: `).dump(`round ${round}: avail_event`, driver.usedRing + 68n, 2);
      }
    },
  },
  'EVENT_IDX with NO_INTERRUPT': {
    play: (driver) => {
      driver.handshake({ features: EVENT_IDX }).setAvailableFlags(NO_INTERRUPT).chain({ type: GET_ID }).run().show();
      again(driver, 'again: ');
    },
  },
  'EVENT_IDX and NOTIFY_ON_EMPTY': {
    play: (driver) => {
      driver
        .handshake({ features: EVENT_IDX | NOTIFY_ON_EMPTY })
        .chain({ type: GET_ID })
        .setUsedEvent(100)
        .run();
      again(driver, 'again: ');
    },
  },
  'features that were not offered': {
    play: (driver) => {
      driver.handshake({ features: 0xdfff_ffffn }).chain({ type: GET_ID }).run().show();
      driver.setAvailableFlags(NO_INTERRUPT);
      again(driver, 'no interrupt wanted: ');
    },
  },
  'features after FEATURES_OK': {
    play: (driver) => {
      driver
        .handshake({ status: 15 })
        .accept(NOTIFY_ON_EMPTY | EVENT_IDX)
        .set('Status', 15);
      driver.setAvailableFlags(NO_INTERRUPT).chain({ type: GET_ID }).run().show();
    },
  },
  'a ring outside RAM': {
    play: (driver) => {
      driver.handshake().place(8, NOWHERE);
      if (driver.transport === 'legacy') driver.set('QueuePFN', NOWHERE >> 12n);
      else driver.setRings().set('QueueReady', 1);
      driver.notify().show('outside: ');
    },
  },
  'a ring half in RAM': {
    play: (driver) => {
      const half = RAM_END - 4096n;
      driver.handshake().chain();
      if (driver.transport === 'legacy') driver.set('QueuePFN', half >> 12n);
      else driver.place(8, half).setRings().set('QueueReady', 1).place(8);
      driver.read('at once: Status', 'Status').read('at once: InterruptStatus', 'InterruptStatus').refused().show();
      driver.handshake().chain().run().show('after the reset: ');
    },
  },
  'reset while a request is in flight': {
    play: (driver) => {
      driver.handshake().fill(AT.data, 512, 0x21).chain({ type: OUT, sector: 40n }).offer(0).kick().set('Status', 0).show();
      driver.handshake().chain({ sector: 40n }).run().show('on disk: ');
    },
  },
  'reset while several are in flight': {
    play: (driver) => {
      driver.handshake().chain().offer(0, 0, 0).kick().set('Status', 0).show();
      driver.restart().notify().show('after it: ');
    },
  },
  'a queue that went on before its reset': {
    play: (driver) => {
      driver.handshake().chain({ type: GET_ID });
      for (let round = 0; round < 9; round++) driver.run();
      driver.show();
      driver.handshake().chain().run().show('after the reset: ');
    },
  },
};
