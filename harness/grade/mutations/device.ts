/** How the driver set its device up, changed: the status handshake, each feature, the queue, notifies and interrupts. */

import { FEATURE_BITS, STATUS_BITS } from '../../../machine/spec/virtio.ts';
import { hex } from '../../bytes/hex.ts';
import type { DeviceEvidence, Evidence } from '../../evidence/evidence.ts';
import { type Feature, namesOf } from '../../vocabulary/virtio-names.ts';
import { type Mutation, replaced } from './kind.ts';

interface Change {
  name: string;
  what: string;
  fields: Partial<DeviceEvidence>;
}

export function deviceMutations(evidence: Evidence): Mutation[] {
  return evidence.devices.flatMap((device, index) =>
    [...statusChanges(device), ...featureChanges(device), ...counterChanges(device)].map(({ name, what, fields }) => ({
      name: `${device.drive}/${name}`,
      what,
      evidence: { ...evidence, devices: replaced(evidence.devices, index, { ...device, ...fields }) },
    })),
  );
}

/** Each bit that the driver set, never set; and the one that says that it gave up. */
function statusChanges({ statusWrites }: DeviceEvidence): Change[] {
  const set = namesOf(STATUS_BITS).filter((bit) => statusWrites.some((value) => (value & STATUS_BITS[bit]) !== 0));
  return [
    ...set.map((bit) => ({
      name: `status/no-${bit}`,
      what: `the driver never set ${bit}`,
      fields: { statusWrites: statusWrites.map((value) => value & ~STATUS_BITS[bit]) },
    })),
    { name: 'status/FAILED', what: 'the driver set FAILED', fields: { statusWrites: [...statusWrites, STATUS_BITS.FAILED] } },
    { name: 'status/reset', what: 'the driver reset the device at the end', fields: { statusWrites: [...statusWrites, 0] } },
  ];
}

function featureChanges({ deviceFeatures, driverFeatures }: DeviceEvidence): Change[] {
  return namesOf(FEATURE_BITS)
    .filter((feature) => has(deviceFeatures, feature))
    .map((feature) => ({
      name: `features/${feature}`,
      what: `the driver ${has(driverFeatures, feature) ? 'does not accept' : 'accepts'} ${feature}`,
      fields: { driverFeatures: hex(BigInt(driverFeatures) ^ bitOf(feature)) },
    }));
}

function bitOf(feature: Feature): bigint {
  return 1n << BigInt(FEATURE_BITS[feature]);
}

function has(features: string, feature: Feature): boolean {
  return (BigInt(features) & bitOf(feature)) !== 0n;
}

function counterChanges({ queueSize, notifies, interruptsRaised, interruptsAcknowledged, unnotified }: DeviceEvidence): Change[] {
  const changes: Change[] = [
    { name: 'queue-size', what: 'the queue is half as large', fields: { queueSize: queueSize >> 1 } },
    { name: 'notifies', what: 'the driver notified once more', fields: { notifies: notifies + 1 } },
    { name: 'interrupts/raised=0', what: 'no interrupt was raised', fields: { interruptsRaised: 0 } },
    { name: 'interrupts/acknowledged=0', what: 'no interrupt was acknowledged', fields: { interruptsAcknowledged: 0 } },
    { name: 'unnotified', what: 'one more chain waits without a notify', fields: { unnotified: unnotified + 1 } },
    { name: 'broken', what: 'the device stopped answering in the end', fields: { broken: 'a chain of no use' } },
  ];
  const isOther = ({ name }: Change) =>
    (name !== 'interrupts/raised=0' || interruptsRaised > 0) && (name !== 'interrupts/acknowledged=0' || interruptsAcknowledged > 0);
  return changes.filter(isOther);
}
