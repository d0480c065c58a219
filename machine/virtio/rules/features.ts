/** Feature negotiation: VIRTIO 1.2, 2.2, 3.1.1, 4.2.2.2, 5.2.5.1, 6.1. */

import { hex } from '../../hex.ts';
import { STATUS_BITS } from '../../spec/virtio.ts';
import { FEATURE, has } from '../features.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';
import type { View } from './view.ts';

/** For the write that makes the device live. */
const onDriverOk = (broken: (view: View) => string | undefined) =>
  onWrite('Status', (value, view) => ((value & ~view.status & STATUS_BITS.DRIVER_OK) === 0 ? undefined : broken(view)));

const settled = (view: View): boolean => (view.status & (STATUS_BITS.FEATURES_OK | STATUS_BITS.DRIVER_OK)) !== 0;

export const FEATURE_RULES: readonly Rule[] = [
  {
    id: 'feature-not-offered',
    section: '2.2.1',
    severity: 'must',
    sentence: 'The driver accepts features that the device does not offer. Write back a subset of what DeviceFeatures says.',
    ...onWrite('DriverFeatures', (value, { driverFeaturesWord: word, offered }) => {
      const extra = word > 1 ? 0n : BigInt(value) & ~(offered >> BigInt(32 * word)) & 0xffff_ffffn;
      return brokenIf(extra !== 0n, `${hex(extra)} in word ${word}`);
    }),
  },
  {
    id: 'features-unread',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The driver accepts features before it has read which ones the device offers (DeviceFeatures).',
    ...onWrite('DriverFeatures', (_, view) => brokenIf(!view.read.has('DeviceFeatures'))),
  },
  {
    id: 'features-unwritten',
    section: '3.1.1',
    severity: 'must',
    sentence: 'DRIVER_OK is set before DriverFeatures was written. A driver must write which features it uses, even if it uses none.',
    ...onDriverOk((view) => brokenIf(!view.written.has('DriverFeatures'))),
  },
  {
    id: 'device-features-unselected',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'DeviceFeatures is read although the driver has not chosen a word of it by writing DeviceFeaturesSel.',
    on: 'register-read',
    broken: ({ register }, view) => brokenIf(register === 'DeviceFeatures' && !view.everWritten.has('DeviceFeaturesSel')),
  },
  {
    id: 'driver-features-unselected',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'DriverFeatures is written although the driver has not chosen a word of it by writing DriverFeaturesSel.',
    ...onWrite('DriverFeatures', (_, view) => brokenIf(!view.everWritten.has('DriverFeaturesSel'))),
  },
  {
    id: 'features-written-late',
    section: '3.1.1',
    severity: 'must',
    sentence: 'Features are written after FEATURES_OK or DRIVER_OK. To change them, the driver must reset the device first.',
    ...onWrite('DriverFeatures', (_, view) => brokenIf(settled(view), `Status ${hex(view.status)}`)),
  },
  {
    id: 'version-1-declined',
    section: '6.1',
    severity: 'must',
    transport: 'modern',
    sentence: 'The driver does not accept VERSION_1 (feature 32). It is bit 0 of the second word of the features.',
    ...onDriverOk((view) => brokenIf(has(view.offered, FEATURE.VERSION_1) && !has(view.accepted, FEATURE.VERSION_1))),
  },
  {
    id: 'read-only-declined',
    section: '5.2.6.1',
    severity: 'should',
    device: 'block',
    sentence: 'The device is read-only, but the driver does not accept RO (feature 5), so it cannot know that.',
    ...onDriverOk((view) => brokenIf(has(view.offered, FEATURE.RO) && !has(view.accepted, FEATURE.RO))),
  },
  {
    id: 'flush-unused',
    section: '5.2.5.1',
    severity: 'note',
    device: 'block',
    sentence:
      'The driver accepts FLUSH (feature 9) and writes to the disk, but never sends a FLUSH request. A driver that accepts FLUSH has to flush.',
    on: 'end',
    broken: (_, view) => brokenIf(has(view.accepted & view.offered, FEATURE.FLUSH) && view.writes > 0 && view.flushes === 0),
  },
];
