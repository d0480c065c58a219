/** Each fault with a mock driver: what the driver sees, and that the requests before and after it work as usual. */

import { describe, expect, it } from 'vitest';
import type { Fault } from '../spec/fault.ts';
import { AT, MockDriver, NO_STATUS } from '../testkit/mock-driver.ts';
import { memoryDisk } from './block/memory-disk.ts';
import { COMPLETION_DELAY } from './device.ts';
import { AFTER_NEXT_LIMIT, altered, FaultPlan, type PlannedFault } from './faults.ts';

const NEXT = 1;
const WRITE = 2;
const IN = 0;
const OUT = 1;
const GET_ID = 8;

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function setup(...faults: PlannedFault[]) {
  const disk = memoryDisk(65536, filled(65536, 5));
  return { disk, driver: new MockDriver(disk, 'blk0', 'legacy', undefined, faults).handshake() };
}

const on = (fault: Fault, type = IN, nth = 1): PlannedFault => ({ type, nth, fault });

/** Descriptors 3 to 5: an IN of sector 0, in addition to the driver's own chain. */
function secondChain(driver: MockDriver): MockDriver {
  driver.header(IN, 0n, AT.header + 64n);
  driver.describe(3, { address: AT.header + 64n, length: 16, flags: NEXT, next: 4 });
  driver.describe(4, { address: AT.data + 4096n, length: 512, flags: NEXT | WRITE, next: 5 });
  return driver.describe(5, { address: AT.status + 8n, length: 1, flags: WRITE });
}

describe('a plan', () => {
  it('counts the requests of its type, or all of them; the first fault of one request holds', () => {
    const lost: Fault = { kind: 'interrupt-lost' };
    const late: Fault = { kind: 'late', nanoseconds: 1 };
    const plan = new FaultPlan([on(lost, OUT, 2), { type: undefined, nth: 3, fault: late }, { type: undefined, nth: 4, fault: late }]);
    const types = [OUT, IN, undefined, OUT, OUT];
    expect(types.map((type) => plan.next(type))).toEqual([undefined, undefined, late, lost, undefined]);
  });
});

describe('answer', () => {
  it.each([
    ['IOERR', 1],
    ['UNSUPP', 2],
  ] as const)('%s fails a read: status %i and no data, but a used element and an interrupt', (answer, status) => {
    const { driver } = setup(on({ kind: 'answer', answer }));
    driver.chain({ type: IN }).run();
    expect([driver.status(), driver.data()[0], driver.line.level]).toEqual([status, 0, true]);
    // All device-writable bytes, as for a read that really fails.
    expect(driver.usedElement()).toEqual({ id: 0, length: 513 });
    driver.chain({ type: IN }).run();
    expect([driver.status(), driver.data()[0]]).toEqual([0, 5]);
    expect(driver.slot.trace.requests.map(({ fault }) => fault)).toEqual([{ kind: 'answer', answer }, undefined]);
  });

  it('fails a write, which leaves the disk alone', () => {
    const { driver, disk } = setup(on({ kind: 'answer', answer: 'IOERR' }, OUT, 2));
    driver.setData(filled(512, 1)).chain({ type: OUT }).run();
    driver.setData(filled(512, 2)).chain({ type: OUT }).run();
    expect([driver.status(), disk.read(0, 1)[0]]).toEqual([1, 1]);
  });

  it('does not help a malformed chain, which is counted all the same', () => {
    const { driver } = setup(on({ kind: 'answer', answer: 'IOERR' }));
    driver
      .chain({ type: IN })
      .describe(2, { address: AT.status, length: 1 })
      .describe(1, { address: AT.data, length: 512, flags: 1, next: 2 });
    driver.run();
    expect([driver.status(), driver.usedIndex(), driver.slot.trace.broken]).toEqual([NO_STATUS, 0, 'status-missing']);
    expect(driver.slot.trace.requests[0]!.fault).toBeUndefined();
    driver.handshake().chain({ type: IN }).run();
    expect(driver.status()).toBe(0);
  });
});

describe('late', () => {
  it('completes so much later than usual, in one go', () => {
    const { driver } = setup(on({ kind: 'late', nanoseconds: 1000 }));
    driver.chain({ type: IN }).offer().notify();
    driver.wait(COMPLETION_DELAY + 999);
    expect([driver.status(), driver.data()[0], driver.usedIndex(), driver.line.level]).toEqual([NO_STATUS, 0, 0, false]);
    driver.wait(1);
    expect([driver.status(), driver.data()[0], driver.usedIndex(), driver.line.level]).toEqual([0, 5, 1, true]);
    expect(driver.slot.trace.requests[0]!.completion?.at).toBe(COMPLETION_DELAY + 1000);
  });

  it('is overtaken by what is made in between', () => {
    const { driver } = setup(on({ kind: 'late', nanoseconds: 100_000 }));
    secondChain(driver.chain({ type: IN }))
      .offer(0)
      .notify()
      .wait(1000)
      .offer(3)
      .notify()
      .wait(COMPLETION_DELAY);
    expect([driver.usedIndex(), driver.usedElement(0).id, driver.status()]).toEqual([1, 3, NO_STATUS]);
    driver.wait(100_000);
    expect([driver.usedIndex(), driver.usedElement(1).id, driver.status()]).toEqual([2, 0, 0]);
  });

  it('is completed by a reset, and by the end of the machine, as any request in flight', () => {
    const { driver } = setup(on({ kind: 'late', nanoseconds: 10 ** 9 }), on({ kind: 'late', nanoseconds: 10 ** 9 }, IN, 2));
    driver.chain({ type: IN }).offer().notify().write('Status', 0);
    expect([driver.usedIndex(), driver.clock.scheduled()]).toEqual([1, 0]);
    driver.handshake().chain({ type: IN }).offer().notify().slot.settle();
    expect([driver.usedIndex(), driver.status(), driver.clock.scheduled()]).toEqual([1, 0, 0]);
  });
});

describe('after the next one', () => {
  it('turns two requests of one notify round', () => {
    const { driver } = setup(on({ kind: 'after-next' }));
    secondChain(driver.chain({ type: IN }))
      .offer(0)
      .offer(3)
      .notify()
      .wait();
    expect([driver.usedIndex(), driver.usedElement(0).id, driver.usedElement(1).id]).toEqual([2, 3, 0]);
    expect([driver.status(), driver.data()[0], driver.slot.trace.interruptsRaised]).toEqual([0, 5, 2]);
    expect(driver.clock.scheduled()).toBe(0);
  });

  it('lets one request pass, not those after it', () => {
    const { driver } = setup(on({ kind: 'after-next' }, IN, 2));
    secondChain(driver.chain({ type: IN }))
      .offer(3)
      .offer(0)
      .offer(3)
      .offer(3)
      .notify()
      .wait();
    expect([0, 1, 2, 3].map((position) => driver.usedElement(position).id)).toEqual([3, 3, 0, 3]);
  });

  it('waits for a request that is made later', () => {
    const { driver } = setup(on({ kind: 'after-next' }));
    secondChain(driver.chain({ type: IN }))
      .offer(0)
      .notify()
      .wait(500_000);
    expect(driver.usedIndex()).toBe(0);
    driver.offer(3).notify().wait(COMPLETION_DELAY);
    expect([driver.usedIndex(), driver.usedElement(0).id, driver.usedElement(1).id]).toEqual([2, 3, 0]);
  });

  it('is only late where no other is made', () => {
    const { driver } = setup(on({ kind: 'after-next' }));
    driver.chain({ type: IN }).offer().notify();
    expect(driver.wait(COMPLETION_DELAY + AFTER_NEXT_LIMIT - 1).usedIndex()).toBe(0);
    expect([driver.wait(1).usedIndex(), driver.status()]).toEqual([1, 0]);
    // The next one is no longer overtaken by anything.
    expect(driver.chain({ type: IN }).run().usedIndex()).toBe(2);
  });
});

describe('a lost interrupt', () => {
  it('comes with neither line nor InterruptStatus; the next one is as ever', () => {
    const { driver } = setup(on({ kind: 'interrupt-lost' }));
    driver.chain({ type: IN }).run();
    expect([driver.usedIndex(), driver.status(), driver.line.level, driver.read('InterruptStatus')]).toEqual([1, 0, false, 0]);
    expect(driver.slot.trace.interruptsRaised).toBe(0);
    driver.chain({ type: IN }).run();
    expect([driver.line.level, driver.read('InterruptStatus'), driver.slot.trace.interruptsRaised]).toEqual([true, 1, 1]);
  });
});

describe('a joined interrupt', () => {
  it('stands for two requests, which complete in their order at the time of the second', () => {
    const { driver } = setup(on({ kind: 'interrupt-joined' }));
    secondChain(driver.chain({ type: IN }))
      .offer(0)
      .notify()
      .wait(500_000);
    expect([driver.usedIndex(), driver.line.level]).toEqual([0, false]);
    driver.offer(3).notify().wait(COMPLETION_DELAY);
    expect([driver.usedIndex(), driver.usedElement(0).id, driver.usedElement(1).id]).toEqual([2, 0, 3]);
    expect([driver.line.level, driver.slot.trace.interruptsRaised, driver.status()]).toEqual([true, 1, 0]);
    const [first, second] = driver.slot.trace.requests;
    expect(first!.completion!.at).toBe(second!.completion!.at);
  });

  it('is the request alone, late, where no other one is made', () => {
    const { driver } = setup(on({ kind: 'interrupt-joined' }));
    driver.chain({ type: IN }).offer().notify();
    expect(driver.wait(COMPLETION_DELAY + AFTER_NEXT_LIMIT - 1).usedIndex()).toBe(0);
    expect([driver.wait(1).usedIndex(), driver.slot.trace.interruptsRaised]).toEqual([1, 1]);
    expect([driver.chain({ type: IN }).run().usedIndex(), driver.slot.trace.interruptsRaised]).toEqual([2, 2]);
  });
});

describe('other bytes', () => {
  const data: Fault = { kind: 'data', bytes: filled(3, 9) };

  it('stand before what the disk holds, which stays as it is', () => {
    const { driver, disk } = setup(on(data));
    driver.chain({ type: IN }).run();
    expect([...driver.data(5)]).toEqual([9, 9, 9, 5, 5]);
    expect([driver.status(), driver.usedElement().length, disk.read(0, 1)[0]]).toEqual([0, 513, 5]);
    expect([...driver.slot.trace.requests[0]!.data.subarray(0, 4)]).toEqual([9, 9, 9, 5]);
  });

  it('leave the answer itself alone, which may be the disk', () => {
    const answer = filled(4, 5);
    expect([...altered(answer, 0, data)]).toEqual([9, 9, 9, 5]);
    // The answer is long, so it is delivered in pieces.
    expect([altered(answer.subarray(0, 2), 0, data), altered(answer.subarray(2), 2, data)].map((piece) => [...piece])).toEqual([
      [9, 9],
      [9, 5],
    ]);
    expect([...answer]).toEqual([5, 5, 5, 5]);
  });

  it('are no more than the answer has', () => {
    const { driver } = setup(on(data, IN, 1), on({ kind: 'data', bytes: filled(600, 9) }, GET_ID));
    // Beyond the end of the disk: IOERR, without data.
    driver.chain({ type: IN, sector: 128n }).run();
    expect([driver.status(), driver.data()[0]]).toEqual([1, 0]);
    driver.chain({ type: GET_ID, length: 20 }).run();
    expect([...driver.data(6)]).toEqual([9, 9, 9, 9, 9, 0]);
  });
});
