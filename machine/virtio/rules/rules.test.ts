/** Every rule of VIRTIO 1.2 that the machine knows: a driver that breaks it gets a finding, one that does the same thing right does not. */
import { describe, expect, it } from 'vitest';
import { ConformingDriver } from '../../testkit/conforming-driver.ts';
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

  it('of an interrupt that was never acknowledged is a must once the driver has taken one, and a note for one that polls', () => {
    const severityOf = (interruptTaken: boolean) => {
      const driver = new ConformingDriver().start().chain({ type: 0 }).run();
      driver.slot.settle({ interruptTaken });
      return driver.slot.trace.findings.map(({ rule, severity }) => [rule, severity]);
    };
    expect(severityOf(true)).toEqual([['interrupt-unacknowledged', 'must']]);
    expect(severityOf(false)).toEqual([['interrupt-unacknowledged', 'note']]);
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
