/** Broken rules that say nothing of their own, and those that do. */
import { expect, it } from 'vitest';
import type { DriverExplanation } from '../evidence/driver.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { device, evidence, explained, finding, type Link, request } from '../testkit/evidence.ts';
import { consequence } from './consequences.ts';

const chain = (data: bigint): Link[] => [
  { roles: [['header', 16]], deviceWritable: false, address: 0x8020_4008n },
  { roles: [['data', 512]], deviceWritable: true, address: data },
  { roles: [['status', 1]], deviceWritable: true, address: 0x8020_5000n },
];
const queueAt = (available: string) => {
  const place = { table: '0x80203000', available, used: '0x80206000', size: 8, index: 1, entries: [0] };
  return [device({ queue: { registers: {}, place, driver: null, wideDescriptor: null } })];
};
const NO_MISTAKE: DriverExplanation = { drive: 'blk', answers: [], usedStore: null, entry: null, element: null, reused: null };
const inRun = (part: Partial<Evidence>) => (one: Parameters<typeof finding>[0]) =>
  consequence(finding({ request: null, ...one }), evidence(part));

it('is a chain that the device took from an entry where the driver had put none, and each after it', () => {
  const stack = { places: [], leftOut: 0, notes: [] };
  const entry = { request: 9, slot: 0, holds: 0, stored: { offset: 16, width: 2, value: 3, stack }, late: null };
  const driver: DriverExplanation = { ...NO_MISTAKE, entry };
  const requests = [8, 9, 14].map((number) => request({ number, chain: chain(0x8020_4100n) }));
  const of = inRun({ requests, explanations: explained({ drivers: [driver] }) });
  expect(of({ rule: 'write-data-writable', request: 14 })).toBe('foreign-chain');
  expect(of({ rule: 'write-data-writable', request: 9 })).toBe('foreign-chain');
  expect(of({ rule: 'write-data-writable', request: 8 })).toBeNull();
  expect(of({ rule: 'register-width' })).toBeNull();
  expect(inRun({ requests })({ rule: 'write-data-writable', request: 14 })).toBeNull();
});

it('is a race for memory that is used for something else as well', () => {
  const raced = { rule: 'race-load', request: 1 };
  const withData = (address: bigint) => inRun({ requests: [request({ number: 1, chain: chain(address) })] });
  expect(withData(0x8020_4000n)(raced)).toBe('shared-memory');
  // From the byte after the header on.
  expect(withData(0x8020_4018n)(raced)).toBeNull();
  // What the request asks for does not depend on where its parts lie.
  expect(withData(0x8020_4000n)({ rule: 'sector-range', request: 1 })).toBeNull();
});

it('is what stands in a ring that lies over the descriptors', () => {
  expect(inRun({ devices: queueAt('0x80203020') })({ rule: 'avail-index-jumped' })).toBe('shared-memory');
  expect(inRun({ devices: queueAt('0x80203080') })({ rule: 'avail-index-jumped' })).toBeNull();
});
