/** Races for memory that belongs to the device (VIRTIO 1.2, 2.7.13.3, 2.7.8, 3.3.1). The test itself makes the hart's accesses. */

import { beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../ports.ts';
import { rolesOf } from '../../spec/block-request.ts';
import { ConformingDriver } from '../../testkit/conforming-driver.ts';
import { AT } from '../../testkit/mock-driver.ts';
import { PlayedWatch } from '../../testkit/played-watch.ts';
import { WorkMeter } from '../../work-meter.ts';
import type { Touch } from '../rules/event.ts';
import { OWNERSHIP_RULES } from '../rules/ownership.ts';
import type { View } from '../rules/view.ts';
import { BufferOwnership } from './ownership.ts';

const IN = 0;
const OUT = 1;
const [X, Y] = [0x100n, 0x200n];

let watch: PlayedWatch;
let driver: ConformingDriver;

beforeEach(() => {
  watch = new PlayedWatch();
  driver = new ConformingDriver('legacy', undefined, watch).start();
});

/** The index of the available ring is stored by the hart, as `offer` does in memory. */
function publish(type: number, data = {}): void {
  driver.chain({ type, ...data });
  const index = Number(driver.memory.peek(driver.availableRing + 2n, 2)) + 1;
  driver.memory.poke(driver.availableRing + 4n + BigInt(2 * ((index - 1) % 8)), 2, 0);
  watch.play('store', driver.availableRing + 2n, { length: 2, value: index });
  driver.setAvailableIndex(index);
}

function races(): [string, number, bigint | undefined][] {
  driver.handleInterrupt().finish();
  return driver.slot.trace.findings.map(({ rule, count, pc }) => [rule, count, pc]);
}

const send = (type: number) => {
  publish(type);
  driver.notify();
};

describe('a store', () => {
  it.each([
    ['header', AT.header + 15n, 'race-store'],
    ['data', AT.data, 'race-store'],
    ['status byte', AT.status, 'race-store'],
    ['descriptor', AT.ring + 16n, 'race-descriptor'],
  ])('to the %s is a race from the available ring on, before the notify', (_, address, rule) => {
    publish(OUT);
    watch.play('store', address);
    driver.notify().wait();
    expect(races()).toEqual([[rule, 1, X]]);
  });

  it.each([AT.header - 1n, AT.header + 16n, AT.status + 1n, AT.ring + 48n])('beside them is none (%s)', (address) => {
    send(OUT);
    watch.play('store', address);
    driver.wait();
    expect(races()).toEqual([]);
  });

  it('before the publication and after the completion is none', () => {
    driver.chain({ type: OUT });
    watch.play('store', AT.data);
    send(OUT);
    driver.wait().handleInterrupt();
    watch.play('store', AT.data);
    watch.play('store', AT.ring);
    expect(races()).toEqual([]);
  });

  it('counts once for each instruction and request', () => {
    for (let request = 0; request < 3; request++) {
      send(OUT);
      for (const pc of [X, X, Y]) watch.play('store', AT.data, { pc });
      driver.wait().handleInterrupt();
    }
    expect(races()).toEqual([
      ['race-store', 3, X],
      ['race-store', 3, Y],
    ]);
  });

  it('by more instructions than anybody reads is counted', () => {
    for (let request = 0; request < 20; request++) {
      send(OUT);
      for (let n = 0; n < 40; n++) watch.play('store', AT.data, { pc: BigInt(1000 * request + n) });
      driver.wait().handleInterrupt();
    }
    // 16 of each request are reported, and 100 of those become findings; the others are left out.
    expect(races()).toHaveLength(100);
    expect(driver.slot.trace.racesLeftOut).toBe(20 * 40 - 100);
  });

  it('does not hide other findings, however many there are', () => {
    for (let n = 0; n < 10; n++) {
      send(OUT);
      for (let pc = 0; pc < 16; pc++) watch.play('store', AT.data, { pc: BigInt(100 * n + pc) });
      driver.wait().handleInterrupt();
    }
    publish(99);
    driver.notify().wait();
    expect(races().map(([rule]) => rule)).toContain('request-type-unknown');
  });

  it('is told with request, time and place', () => {
    driver.request({ type: IN });
    driver.wait(500);
    send(OUT);
    driver.wait(7);
    watch.play('store', AT.data + 8n, { length: 4 });
    driver.wait().handleInterrupt().finish();
    expect(driver.slot.trace.findings).toMatchObject([
      { rule: 'race-store', section: '2.7.13.3', severity: 'must', request: 2, time: 20_507, instructions: 20_507n, pc: X },
    ]);
    expect(driver.slot.trace.findings[0]?.message).toMatch(
      /\(the data of request 2, 4 bytes at 0x80030008; until the request is in the used ring the device may read there: /,
    );
  });
});

describe('a load', () => {
  it('from a device-writable buffer is a race, from one that the device reads is none', () => {
    send(IN);
    watch.play('load', AT.data);
    watch.play('load', AT.header);
    driver.wait().handleInterrupt();
    send(OUT);
    watch.play('load', AT.data, { pc: Y });
    driver.wait();
    expect(races()).toEqual([['race-load', 1, X]]);
  });

  it('of the status byte that is never looked at again is a race', () => {
    send(OUT);
    watch.play('load', AT.status);
    driver.wait().handleInterrupt();
    watch.play('load', AT.status, { pc: Y });
    expect(races()).toEqual([['race-load', 1, X]]);
  });

  it.each([
    ['again and again', 2, 0],
    ['until it changed', 1, 1],
    ['both', 5, 1],
  ])('of the status byte %s is a poll, and a note', (_, before, after) => {
    send(OUT);
    for (let i = 0; i < before; i++) watch.play('load', AT.status);
    driver.wait().handleInterrupt();
    for (let i = 0; i < after; i++) watch.play('load', AT.status);
    expect(races()).toEqual([['status-byte-polled', 1, X]]);
  });

  it('of the status byte after the completion alone is neither', () => {
    send(OUT);
    driver.wait().handleInterrupt();
    watch.play('load', AT.status);
    expect(races()).toEqual([]);
  });

  it('is decided on when the byte is used again', () => {
    send(OUT);
    watch.play('load', AT.status);
    driver.wait().handleInterrupt();
    send(OUT);
    watch.play('load', AT.status);
    watch.play('load', AT.status);
    driver.wait();
    expect(races()).toEqual([
      ['race-load', 1, X],
      ['status-byte-polled', 1, X],
    ]);
  });
});

describe('the chains of the available ring', () => {
  /** Counts the chains that are read. All have one descriptor at the same address. */
  function counting() {
    const read: number[] = [];
    const told: Touch[] = [];
    const played = new PlayedWatch();
    const ownership = new BufferOwnership({
      watch: played,
      work: new WorkMeter(),
      clock: { now: () => 0 } as Clock,
      instructions: () => 0n,
      roles: rolesOf,
      published: function* (index, known) {
        for (let number = known + 1; number <= index; number++) {
          read.push(number);
          const descriptor = { index: number, indirect: false, address: AT.data, length: 32, flags: 0, next: 0 };
          yield { number, place: { ringEntry: 0n, table: 0n }, descriptors: [descriptor] };
        }
      },
      tell: (touch) => told.push(touch),
      leftOut: () => undefined,
    });
    return { ownership, read, told, played };
  }

  it('are read once, however often the index is stored', () => {
    const { ownership, read } = counting();
    for (let n = 0; n < 100; n++) ownership.lookForChains(3);
    ownership.lookForChains(5);
    expect(read).toEqual([1, 2, 3, 4, 5]);
  });

  it('are read anew when the queue was reset', () => {
    const { ownership, read } = counting();
    ownership.lookForChains(1);
    ownership.releaseAll();
    ownership.lookForChains(1);
    expect(read).toEqual([1, 1]);
  });

  it('are not read any more once as much is watched as may be', () => {
    const { ownership, read, played } = counting();
    ownership.lookForChains(10_000);
    const before = read.length;
    for (let n = 0; n < 100; n++) ownership.lookForChains(10_000);
    expect([read.length, played.ranges.length]).toEqual([before, 2048]);
    ownership.release(1);
    ownership.lookForChains(10_000);
    expect(read.length).toBe(before + 1);
  });

  it('may all be the same memory: one access is told of some of them', () => {
    const { ownership, told, played } = counting();
    ownership.lookForChains(500);
    played.play('store', AT.data);
    expect(told).toHaveLength(16);
  });
});

describe('nothing is watched', () => {
  it('but the index of the available ring while no request is under way', () => {
    expect(watch.ranges).toEqual([{ address: driver.availableRing + 2n, length: 2 }]);
    driver.request({ type: IN });
    expect(watch.ranges).toHaveLength(1);
  });

  it('after a reset, on a broken device, and of a ring that is none any more', () => {
    send(OUT);
    driver.poke('Status', 0);
    expect(watch.ranges).toEqual([]);
    driver.start().chain({ type: IN }).describe(0, { address: AT.header, length: 16 }).run();
    expect(watch.ranges).toHaveLength(1);
    driver.start();
    watch.play('store', driver.availableRing + 2n, { length: 2, value: 0x5a5a });
    expect(watch.ranges).toEqual([]);
  });

  it('of a request beyond its first MiB', () => {
    driver.start().header(OUT);
    driver
      .describe(0, { address: AT.header, length: 16, flags: 1, next: 1 })
      .describe(1, { address: AT.data, length: 0xffff_fe00, flags: 1, next: 2 });
    driver.describe(2, { address: AT.status, length: 1, flags: 2 }).offer().notify();
    expect(watch.ranges.reduce((sum, { length }) => sum + length, 0)).toBeLessThan((1 << 20) + 200);
  });
});

describe('a status byte that is read too early', () => {
  const said = (request: number, { queueSize = 8, chains = request } = {}) => {
    const rule = OWNERSHIP_RULES.find(({ id }) => id === 'race-load');
    if (rule?.on !== 'touch') throw new Error('there is no such rule');
    const [place, time] = [
      { address: 0x8000_0000n, width: 1, pc: X },
      { time: 0, instructions: 0n },
    ];
    const touch: Touch = { access: 'load', part: 'status', deviceWritable: true, ...place, ...time, request, polled: false };
    return rule.broken({ kind: 'touch', touch }, { queueSize, chains } as View);
  };

  it('after 65,536 requests is one whose driver may count further than the index does', () => {
    expect(said(2 ** 16 + 1)).toMatch(/the used index has 16 bits, and goes on at 0 after 65535: does the counter of the driver, too\?$/);
  });

  it('of the first request after as many as the queue has entries is one whose driver may count modulo that', () => {
    expect(said(9)).toMatch(/the first request after 8, .* or is that taken modulo 8\?$/);
    expect(said(9, { queueSize: 16 })).not.toContain('modulo');
    expect(said(8)).not.toContain('modulo');
    // Several were under way.
    expect(said(9, { chains: 12 })).not.toContain('modulo');
  });

  it('before that is nothing of the kind', () => {
    expect(said(2 ** 16)).toMatch(/before the device wrote it: 1 byte at 0x80000000$/);
  });
});
