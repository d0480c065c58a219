/**
 * `device`: how the driver set the device up. The handshake (virtio 1.2, 3.1.1) is what was written to the Status register
 * since its last reset; bits that were set by one write count as in order, since QEMU and labs take it so.
 */

import { z } from 'zod';
import { FEATURE_BITS, STATUS_BITS } from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';
import type { DeviceEvidence } from '../evidence/evidence.ts';
import type { Detail } from '../result/result.ts';
import { type Count, count, name } from '../vocabulary/fields.ts';
import { type Feature, namesOf, type StatusBit } from '../vocabulary/virtio-names.ts';
import { countText, isWithin } from './count.ts';
import { type CheckContext, defineCheck, deviceOf, driveMistakes, driveName, failed, PASSED, type Verdict } from './kind.ts';

const features = z.array(z.enum(namesOf(FEATURE_BITS))).min(1);

const schema = z.strictObject({
  drive: name().optional().describe("The drive; the scenario's first one if it is left out."),
  status: z
    .array(z.enum(namesOf(STATUS_BITS)))
    .min(1)
    .optional()
    .describe('Status bits that the driver must set, in this order.'),
  features: z
    .strictObject({
      negotiated: features.optional().describe('Features that the driver must accept.'),
      not: features.optional().describe('Features that the driver must not accept.'),
    })
    .optional(),
  'queue-size': count().optional().describe('Descriptors in the queue: a number, or min and max.'),
  interrupts: z
    .strictObject({
      raised: count().optional().describe('Interrupts of the device: a number, or min and max.'),
      acknowledged: count().optional().describe('Writes to InterruptACK: a number, or min and max.'),
    })
    .optional(),
});

type Expected = z.output<typeof schema>;

/** A property that is not as expected. */
interface Wrong {
  property: string;
  expected: string;
  found: string;
}

function handshake(wanted: readonly StatusBit[], { statusWrites }: DeviceEvidence): Wrong[] {
  const writes = statusWrites.slice(statusWrites.lastIndexOf(0) + 1);
  let at = 0;
  for (const bit of wanted) {
    const found = writes.findIndex((value) => (value & STATUS_BITS[bit]) !== 0);
    if (found === -1 || found < at) {
      const shown = writes.slice(0, 16).map(statusName).join(', then ');
      return [{ property: 'status', expected: wanted.join(', then '), found: shown === '' ? 'no status bit was set' : shown }];
    }
    at = found;
  }
  return [];
}

function statusName(value: number): string {
  const bits = namesOf(STATUS_BITS).filter((bit) => (value & STATUS_BITS[bit]) !== 0);
  return bits.length === 0 ? hex(value) : bits.join('|');
}

function negotiation(wanted: NonNullable<Expected['features']>, device: DeviceEvidence): Wrong[] {
  const negotiated = hexBits(device.driverFeatures) & hexBits(device.deviceFeatures);
  const has = (feature: Feature) => ((negotiated >> BigInt(FEATURE_BITS[feature])) & 1n) === 1n;
  return [
    ...(wanted.negotiated ?? [])
      .filter((one) => !has(one))
      .map((one) => ({ property: `feature ${one}`, expected: 'accepted', found: 'not accepted' })),
    ...(wanted.not ?? []).filter(has).map((one) => ({ property: `feature ${one}`, expected: 'not accepted', found: 'accepted' })),
  ];
}

function hexBits(text: string): bigint {
  return BigInt(text.startsWith('0x') ? text : `0x${text}`);
}

function counted(property: string, wanted: Count | undefined, found: number): Wrong[] {
  if (wanted === undefined || isWithin(wanted, found)) return [];
  return [{ property, expected: countText(wanted), found: String(found) }];
}

function evaluate(expected: Expected, { scenario, evidence }: CheckContext): Verdict {
  const device = deviceOf(evidence, driveName(expected.drive, scenario));
  const wrong = [
    ...(expected.status === undefined ? [] : handshake(expected.status, device)),
    ...(expected.features === undefined ? [] : negotiation(expected.features, device)),
    ...counted('queue size', expected['queue-size'], device.queueSize),
    ...counted('interrupts raised', expected.interrupts?.raised, device.interruptsRaised),
    ...counted('interrupts acknowledged', expected.interrupts?.acknowledged, device.interruptsAcknowledged),
  ];
  if (wrong.length === 0) return PASSED;
  return failed(
    `not as expected: ${wrong.map((one) => one.property).join(', ')}`,
    wrong.flatMap((one): Detail[] => [
      { kind: 'expected', text: `${one.property}: ${one.expected}` },
      { kind: 'found', text: `${one.property}: ${one.found}` },
    ]),
  );
}

export const deviceCheck = defineCheck({ schema, mistakes: (expected, placement) => driveMistakes(expected.drive, placement), evaluate });
