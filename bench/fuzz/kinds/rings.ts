/** A driver of a block device, or of the network device behind it, that lies: chains that loop, end nowhere or claim gigabytes, indices that jump, registers that change. */
import { REGISTER } from '../../../machine/testkit/mock-driver.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { mustBeGraded } from '../grading.ts';
import { anyAddress, anyLength, anyNumber, FREE } from '../guest/numbers.ts';
import { anyEnd, Script } from '../guest/player.ts';
import type { Kind } from '../kind.ts';

/** The two drives, and the network device. */
const SLOTS = [0x1000_8000n, 0x1000_7000n, 0x1000_6000n] as const;
const SIZES = [1, 2, 8, 8, 8, 64, 1024] as const;
const [NEXT, WRITE, INDIRECT] = [1, 2, 4];
/** The modern transport's registers: each transport ignores the other's. */
const MODERN = { QueueReady: 0x44, QueueDesc: 0x80, QueueDriver: 0x90, QueueDevice: 0xa0 } as const;

/** Where this kernel keeps things. */
const AT = { table: FREE + 0x2_0000n, header: FREE + 0x3_0000n, status: FREE + 0x3_1000n, data: FREE + 0x4_0000n } as const;

class Driver {
  readonly #random: Random;
  readonly script = new Script();
  readonly #slot: bigint;
  readonly #ring: bigint;
  readonly #size: number;

  constructor(random: Random) {
    this.#random = random;
    this.#slot = random.pick(SLOTS);
    this.#size = random.pick(SIZES);
    this.#ring = random.below(16) ? FREE : anyAddress(random) & ~0xfffn;
  }

  get #available(): bigint {
    return this.#ring + BigInt(16 * this.#size);
  }

  get #used(): bigint {
    return (this.#available + BigInt(6 + 2 * this.#size) + 4095n) & ~4095n;
  }

  #set(offset: number, value: bigint): void {
    this.script.do('storeWord', this.#slot + BigInt(offset), value);
  }

  /** For both transports in one. */
  setUp(): void {
    const random = this.#random;
    const features = random.below(2) ? 0n : anyNumber(random);
    for (const status of [0n, 1n, 3n]) this.#set(REGISTER.Status, status);
    for (const word of [0n, 1n]) {
      this.#set(REGISTER.GuestFeaturesSel, word);
      this.#set(REGISTER.GuestFeatures, word === 1n ? 1n : features);
    }
    this.#set(REGISTER.Status, 0xbn);
    this.#set(REGISTER.GuestPageSize, random.below(8) ? 4096n : anyNumber(random));
    this.#set(REGISTER.QueueSel, random.below(8) ? 0n : anyNumber(random));
    this.#set(REGISTER.QueueNum, BigInt(random.below(8) ? this.#size : random.below(2000)));
    this.#set(REGISTER.QueueAlign, random.below(8) ? 4096n : anyNumber(random));
    for (const [register, address] of [
      [MODERN.QueueDesc, this.#ring],
      [MODERN.QueueDriver, this.#available],
      [MODERN.QueueDevice, this.#used],
    ] as const) {
      this.#set(register, address & 0xffff_ffffn);
      this.#set(register + 4, address >> 32n);
    }
    this.#set(MODERN.QueueReady, 1n);
    this.#set(REGISTER.QueuePFN, this.#ring >> 12n);
    this.#set(REGISTER.Status, 0xfn);
    if (random.below(4) === 0) this.script.do('write sie', -1n).do('set sstatus', 2n);
  }

  #describe(table: bigint, index: number, address: bigint, length: number, flags: number, next: number): void {
    const at = table + BigInt(16 * index);
    this.script.do('storeDouble', at, address);
    this.script.do('storeDouble', at + 8n, BigInt(length) | (BigInt(flags & 0xffff) << 32n) | (BigInt(next & 0xffff) << 48n));
  }

  /** Like a request, with a part of it wrong. */
  request(): void {
    const random = this.#random;
    const table = random.below(6) ? this.#ring : AT.table;
    const type = random.below(3) ? random.pick([0, 1, 1, 4, 8, 11, 13, 14]) : random.below(20);
    this.script.do('storeDouble', AT.header, BigInt(type));
    this.script.do('storeDouble', AT.header + 8n, random.below(3) ? BigInt(random.below(4096)) : anyNumber(random));
    const buffers = random.below(4) ? 1 : random.below(8);
    this.#describe(table, 0, AT.header, 16, NEXT, 1);
    for (let index = 1; index <= buffers; index++) {
      const address = random.below(3) ? AT.data : anyAddress(random);
      this.#describe(table, index, address, anyLength(random), NEXT | (type === 0 || random.below(4) === 0 ? WRITE : 0), index + 1);
    }
    this.#describe(table, buffers + 1, AT.status, 1, random.below(8) ? WRITE : 0, random.below(4) ? 0 : random.below(16));
    if (table === AT.table) this.#describe(this.#ring, 0, table, 16 * (buffers + (random.below(4) ? 2 : random.below(5))), INDIRECT, 0);
  }

  /** DISCARD and WRITE_ZEROES take segments: a sector, how many, flags. */
  segments(): void {
    const random = this.#random;
    for (let index = 0; index < random.between(1, 4); index++) {
      const at = AT.data + BigInt(16 * index);
      this.script.do('storeDouble', at, random.below(2) ? BigInt(random.below(2048)) : anyNumber(random));
      this.script.do('storeDouble', at + 8n, random.below(2) ? BigInt(random.below(4096)) : anyNumber(random));
    }
  }

  descriptor(): void {
    const random = this.#random;
    const table = random.below(3) ? this.#ring : AT.table;
    const index = random.below(Math.min(this.#size, 8) + 1);
    const flags = random.below(6) ? random.below(8) : random.below(0x10000);
    this.#describe(table, index, anyAddress(random), anyLength(random), flags, random.below(4) ? random.below(9) : random.below(0x10000));
  }

  offer(): void {
    const random = this.#random;
    const place = this.#available + 4n + BigInt(2 * random.below(this.#size));
    if (random.below(3) === 0) this.script.do('storeHalf', place, BigInt(random.below(8) ? random.below(8) : random.below(0x10000)));
    const step = random.pick([1, 1, 1, 2, this.#size, this.#size + 1, 1024, random.below(0x10000)]);
    this.script.do('addHalf', this.#available + 2n, BigInt(step));
  }

  notify(): void {
    const random = this.#random;
    const queue = random.below(9) ? 0n : anyNumber(random);
    if (random.below(12)) this.#set(REGISTER.QueueNotify, queue);
    else this.script.do('repeatWord', this.#slot + BigInt(REGISTER.QueueNotify), queue, BigInt(random.below(300) + 1));
  }

  register(): void {
    const random = this.#random;
    this.script.do(
      random.pick(['storeWord', 'storeWord', 'storeWord', 'storeHalf', 'storeDouble', 'loadWord', 'loadByte']),
      this.#slot + BigInt(4 * random.below(0x50)),
      anyNumber(random),
    );
  }

  acknowledge(): void {
    this.#set(REGISTER.InterruptACK, 3n);
  }

  wait(): void {
    this.script.do('delay', BigInt(this.#random.below(30_000) + 1));
  }
}

/** By weight. */
const ACTS = [
  'request',
  'request',
  'request',
  'segments',
  'descriptor',
  'descriptor',
  'offer',
  'offer',
  'offer',
  'notify',
  'notify',
  'notify',
  'register',
  'acknowledge',
  'wait',
  'wait',
] as const;

export const rings: Kind = {
  describe: 'virtqueues and descriptors that lie, random registers of the block device',
  make(random) {
    const driver = new Driver(random);
    driver.setUp();
    const count = random.between(3, 60);
    for (let act = 0; act < count; act++) {
      driver[random.pick(ACTS)]();
      if (random.below(40) === 0) driver.setUp();
    }
    return driver.script.kernel(anyEnd(random));
  },
  check: (input, scratch) => mustBeGraded(input, scratch),
};
