/** Every rule of VIRTIO 1.2 that the machine knows: a driver that breaks it gets a finding, one that does the same thing right does not. */
import { describe, expect, it } from 'vitest';
import { ConformingDriver } from '../../testkit/conforming-driver.ts';
import { AT } from '../../testkit/mock-driver.ts';
import type { RuleCase } from './cases/case.ts';
import { DESCRIPTOR_CASES } from './cases/descriptors.ts';
import { ENTROPY_CASES } from './cases/entropy.ts';
import { FEATURE_CASES } from './cases/features.ts';
import { HANDSHAKE_CASES } from './cases/handshake.ts';
import { INDIRECT_CASES } from './cases/indirect.ts';
import { NOTIFICATION_CASES } from './cases/notification.ts';
import { QUEUE_CASES } from './cases/queue.ts';
import { REGISTER_CASES } from './cases/registers.ts';
import { REQUEST_CASES } from './cases/requests.ts';
import { RACE_RULES, RULES } from './index.ts';

const CASES: readonly RuleCase[] = [
  ...[...HANDSHAKE_CASES, ...FEATURE_CASES, ...QUEUE_CASES, ...REGISTER_CASES],
  ...[...DESCRIPTOR_CASES, ...INDIRECT_CASES, ...REQUEST_CASES, ...ENTROPY_CASES, ...NOTIFICATION_CASES],
];

const readAndWrite = (driver: ConformingDriver) => driver.start().request({ type: 0 }).request({ type: 1 });

const driverOf = ({ transport, device }: RuleCase) => new ConformingDriver(transport, device?.());

describe('a rule', () => {
  it.each(CASES.map((one) => [one.rule, one] as const))('%s: is broken', (rule, one) => {
    const driver = driverOf(one);
    one.breaks(driver);
    expect(driver.finish()).toContain(rule);
  });

  it.each(CASES.map((one) => [one.rule, one] as const))('%s: is kept', (rule, one) => {
    const driver = driverOf(one);
    (one.keeps ?? readAndWrite)(driver);
    expect(driver.finish()).not.toContain(rule);
  });

  it(`has an id of its own, a section, a sentence, and a case here (those of races: ownership.test.ts; of pages: scattered.test.ts): ${RULES.length} rules`, () => {
    expect(RULES.length).toBeGreaterThanOrEqual(30);
    const tested = new Set(CASES.map(({ rule }) => rule));
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    const elsewhere = new Set([...RACE_RULES, 'buffer-scattered']);
    expect(RULES.filter(({ id }) => !elsewhere.has(id) && !tested.has(id)).map(({ id }) => id)).toEqual([]);
    for (const { id, section, sentence } of RULES) {
      expect(id).toMatch(/^[a-z][a-z0-9-]+$/);
      expect(section).toMatch(/^[2-6](\.\d+){1,4}$/);
      expect(sentence).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('a sentence', () => {
  const messageOf = (rule: string, drive: (driver: ConformingDriver) => void): string | undefined => {
    const driver = new ConformingDriver().start();
    drive(driver);
    driver.finish();
    return driver.slot.trace.findings.find((one) => one.rule === rule)?.message;
  };

  it('about a read into a readable buffer names the type first, and more so where the buffer holds data', () => {
    const read = (driver: ConformingDriver) => driver.request({ type: 0, dataWritable: false });
    expect(messageOf('read-data-readable', read)).toMatch(/If a write is meant, the type must be OUT; for a read .* \(512 bytes\)$/);
    const full = (driver: ConformingDriver) => read(driver.setData(Uint8Array.of(72)));
    expect(messageOf('read-data-readable', full)).toMatch(/\(512 bytes, which hold data already: a write\?\)$/);
  });

  it.each([
    ['legacy', 'QueuePFN had not been written, or not since the last reset'],
    ['modern', 'QueueReady had not been written, or not since the last reset'],
  ] as const)('about a missing queue names the register: %s', (transport, text) => {
    const driver = new ConformingDriver(transport).start({ without: ['queuePlace'] }).notify();
    driver.finish();
    expect(driver.slot.trace.findings.find(({ rule }) => rule === 'queue-missing')?.message).toContain(`(${text})`);
  });

  it.each([
    ['legacy', 0x44, 'offset 0x44, which is QueueReady in the modern interface; Version is 1, the legacy interface'],
    ['modern', 0x28, 'offset 0x28, which is GuestPageSize in the legacy interface; Version is 2, the modern interface'],
    ['legacy', 0xc8, 'offset 0xc8'],
  ] as const)('about a register of the other version says what it is there: %s, %s', (transport, offset, text) => {
    const driver = new ConformingDriver(transport).start();
    driver.slot.device.write(offset, 1, 4);
    expect(driver.slot.trace.findings.find(({ rule }) => rule === 'register-unknown')?.message).toContain(`(${text})`);
  });

  it('about a writable header blames the header', () => {
    const send = (driver: ConformingDriver) =>
      driver.chain({ type: 1 }).describe(0, { address: AT.header, length: 16, flags: 3, next: 1 }).run();
    expect(messageOf('readable-after-writable', send)).toMatch(
      /\(descriptor 0 holds the header, which the device reads, but has the WRITE flag\)$/,
    );
  });

  it('about a type that is text says so, and nothing of its sector', () => {
    const send = (driver: ConformingDriver) => driver.request({ type: 0x6c6c6548, sector: 5n });
    expect(messageOf('request-type-unknown', send)).toMatch(/which is the text "Hell": is the header the first in the chain\?\)$/);
    expect(messageOf('sector-unused', send)).toBeUndefined();
  });

  it('about an index that jumped says from where to where, and the requests that were never made have none', () => {
    const driver = new ConformingDriver().start({ queueSize: 8 });
    for (let n = 0; n < 7; n++) driver.request({ type: 0 });
    driver.chain({ type: 0 }).setAvailableIndex(0).notify().wait().finish();
    expect(driver.slot.trace.findings.map(({ rule }) => rule)).toEqual(['avail-index-jumped']);
    expect(driver.slot.trace.findings[0]?.message).toContain(
      '(from 7 back to 0, with 8 entries; is it taken modulo the number of entries?',
    );
    expect(driver.slot.trace.requests.map(({ phantom }) => phantom).filter((phantom) => !phantom)).toHaveLength(8);
    expect(driver.slot.trace.requests.length).toBeGreaterThan(8);
  });
});

describe('a driver by the book', () => {
  it.each(['legacy', 'modern'] as const)('breaks none, %s', (transport) => {
    expect(readAndWrite(new ConformingDriver(transport)).finish()).toEqual([]);
  });
});

describe('a finding', () => {
  it('counts its repeats, and keeps time and request of the first', () => {
    const driver = new ConformingDriver().start().request({ type: 0 });
    driver.request({ type: 1, length: 100 }).request({ type: 1, length: 7 }).finish();
    expect(driver.slot.trace.findings).toEqual([
      {
        rule: 'data-length',
        section: '5.2.6.1',
        severity: 'must',
        request: 2,
        culprit: { position: 1, field: 'length' },
        time: 20_000,
        instructions: 20_000n,
        pc: 0x100n,
        count: 2,
        message: 'The length of the data of an IN or OUT request is not a multiple of 512 bytes. (100 bytes)',
      },
    ]);
  });

  it('of data that are no whole sectors blames the descriptor of the status that is longer than its byte', () => {
    const driver = new ConformingDriver('modern').start().chain({ type: 0 });
    driver.describe(2, { address: AT.status, length: 4, flags: 2 }).run().finish();
    const found = driver.slot.trace.findings.find(({ rule }) => rule === 'data-length');
    expect(found?.culprit).toEqual({ position: 2, field: 'length' });
    expect(found?.message).toContain('(515 bytes)');
  });

  it('of a reset that was not waited for is counted once for each reset', () => {
    const driver = new ConformingDriver('modern').start({ without: ['confirmReset'] });
    const count = () => driver.slot.trace.findings.find(({ rule }) => rule === 'reset-unconfirmed')?.count;
    expect(count()).toBe(1);
    driver.start({ without: ['confirmReset'] });
    expect(count()).toBe(2);
  });

  it('of an interrupt that was never acknowledged is a must once the driver has taken one, and a note for one that polls', () => {
    const severityOf = (interrupt: 'none' | 'taken' | 'handled') => {
      const driver = new ConformingDriver().start().chain({ type: 0 }).run();
      driver.slot.settle(interrupt);
      return driver.slot.trace.findings.map(({ rule, severity }) => [rule, severity]);
    };
    expect(severityOf('handled')).toEqual([['interrupt-unacknowledged', 'must']]);
    expect(severityOf('none')).toEqual([['interrupt-unacknowledged', 'note']]);
    // Its handler has not returned: it may have been about to acknowledge.
    expect(severityOf('taken')).toEqual([]);
  });

  it('of equal reads counts the first between two other events, as a skipped loop would', () => {
    const driver = new ConformingDriver().start();
    for (let i = 0; i < 100; i++) driver.slot.device.read(0x60, 1);
    driver.chain({ type: 0 }).run();
    for (let i = 0; i < 100; i++) driver.slot.device.read(0x60, 1);
    driver.finish();
    expect(driver.slot.trace.findings.find(({ rule }) => rule === 'register-width')?.count).toBe(2);
  });

  it('about the end is there once, however often the machine is settled', () => {
    const driver = new ConformingDriver().start().chain({ type: 0 }).offer();
    driver.slot.settle();
    driver.slot.settle();
    expect(driver.slot.trace.findings.map(({ rule, count }) => [rule, count])).toEqual([['notify-missing', 1]]);
  });
});
