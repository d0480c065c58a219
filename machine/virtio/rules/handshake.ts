/** Finding the device, reset, and the status bits in their order: VIRTIO 1.2, 2.1, 2.4, 3.1, 4.2.3.1. */

import { hex } from '../../hex.ts';
import { STATUS_BITS } from '../../spec/virtio.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';
import type { View } from './view.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET, FAILED } = STATUS_BITS;
const KNOWN = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | DEVICE_NEEDS_RESET | FAILED;

/** For a write of Status that is not a reset. */
const onStatus = (broken: (value: number, view: View) => string | undefined) =>
  onWrite('Status', (value, view) => ((value & 0xff) === 0 ? undefined : broken(value & 0xff, view)));

/** For a write of Status that sets a bit which was not set before. */
const onSetting = (bit: number, broken: (value: number, view: View) => string | undefined) =>
  onStatus((value, view) => ((value & ~view.status & bit) === 0 ? undefined : broken(value, view)));

/** A write of FAILED is always allowed: with it the driver gives the device up. */
const lacksAcknowledge = (value: number): boolean => (value & ACKNOWLEDGE) === 0 && value !== FAILED;

/** For the first status bit, if the register was never read. */
const unread = (register: string) => onStatus((_, view) => brokenIf(view.status === 0 && !view.everRead.has(register)));

export const HANDSHAKE_RULES: readonly Rule[] = [
  {
    id: 'magic-unchecked',
    section: '4.2.3.1.1',
    severity: 'must',
    sentence:
      'The driver uses the device before it has read MagicValue. Only the value "virt" there shows that these are registers of virtio-mmio.',
    ...unread('MagicValue'),
  },
  {
    id: 'version-unchecked',
    section: '4.2.3.1.1',
    severity: 'must',
    sentence:
      'The driver uses the device before it has read Version, which says whether it has the legacy registers (1) or the modern ones (2).',
    ...unread('Version'),
  },
  {
    id: 'device-id-unchecked',
    section: '4.2.3.1.1',
    severity: 'must',
    sentence: 'The driver uses the device before it has read DeviceID. 0 means an empty slot, 2 a block device.',
    ...unread('DeviceID'),
  },
  {
    id: 'reset-missing',
    section: '3.1.1',
    severity: 'must',
    sentence:
      'The driver sets DRIVER or a later status bit on a device that it has never reset. Initialisation begins with writing 0 to Status.',
    ...onStatus((value, view) => brokenIf(!view.everReset && (value & ~ACKNOWLEDGE) !== 0, `Status ${hex(value)}`)),
  },
  {
    id: 'reset-unconfirmed',
    section: '2.4.2',
    severity: 'should',
    sentence: 'The driver goes on after a reset without reading Status until it is 0. That value says that the reset is complete.',
    // The first bit after each reset counts: the driver has gone on.
    ...onStatus((_, view) => brokenIf(!view.resetSeen && view.status === 0)),
  },
  {
    id: 'acknowledge-missing',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The driver sets a later status bit but has never set ACKNOWLEDGE (1), which says that the system has noticed the device.',
    ...onStatus((value, view) => brokenIf(lacksAcknowledge(value) && !view.everAcknowledged, `Status ${hex(value)}`)),
  },
  {
    id: 'acknowledge-lost',
    section: '3.1.1',
    severity: 'should',
    sentence: 'ACKNOWLEDGE (1) was set before the reset but not again after it. The reset has cleared it.',
    ...onStatus((value, view) =>
      brokenIf(lacksAcknowledge(value) && view.everAcknowledged && (view.status & ACKNOWLEDGE) === 0, `Status ${hex(value)}`),
    ),
  },
  {
    id: 'driver-bit-missing',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The driver sets FEATURES_OK or DRIVER_OK but not DRIVER (2), which says that the system knows how to drive the device.',
    ...onStatus((value) => brokenIf((value & (FEATURES_OK | DRIVER_OK)) !== 0 && (value & DRIVER) === 0, `Status ${hex(value)}`)),
  },
  {
    id: 'status-bits-merged',
    section: '3.1.1',
    severity: 'note',
    sentence: 'One write sets several status bits. They are separate steps of the initialisation, but devices accept it.',
    ...onStatus((value, view) => brokenIf(countBits(value & ~view.status & ~FAILED) > 1, `Status ${hex(value)} after ${hex(view.status)}`)),
  },
  {
    id: 'status-bit-cleared',
    section: '2.1.1',
    severity: 'must',
    sentence: 'The driver clears a status bit. A bit stays set until the device is reset: write the old bits together with the new one.',
    ...onStatus((value, view) => brokenIf((view.status & ~value & KNOWN) !== 0, `Status ${hex(value)} after ${hex(view.status)}`)),
  },
  {
    id: 'status-bit-unknown',
    section: '2.1',
    severity: 'note',
    sentence: 'The driver sets a status bit that the specification does not define.',
    ...onStatus((value) => brokenIf((value & ~KNOWN) !== 0, `Status ${hex(value)}`)),
  },
  {
    id: 'failed-without-reset',
    section: '2.1.1',
    severity: 'must',
    sentence: 'The driver has given the device up with FAILED (128) but goes on initialising it. It must reset the device first.',
    ...onStatus((value, view) =>
      brokenIf((view.status & FAILED) !== 0 && value !== view.status, `Status ${hex(value)} after ${hex(view.status)}`),
    ),
  },
  {
    id: 'features-ok-missing',
    section: '3.1.1',
    severity: 'must',
    transport: 'modern',
    sentence: 'DRIVER_OK is set although FEATURES_OK (8) was not set before it, so the device could not agree to the features.',
    ...onSetting(DRIVER_OK, (_, view) => brokenIf((view.status & FEATURES_OK) === 0)),
  },
  {
    id: 'features-ok-unread',
    section: '3.1.1',
    severity: 'must',
    transport: 'modern',
    sentence:
      'The driver does not read Status after it has set FEATURES_OK. If the bit is clear then, the device has refused the features.',
    ...onSetting(DRIVER_OK, (_, view) => brokenIf((view.status & FEATURES_OK) !== 0 && !view.featuresOkSeen)),
  },
  {
    id: 'features-ok-legacy',
    section: '3.1.2',
    severity: 'note',
    transport: 'legacy',
    sentence: 'FEATURES_OK is set on a legacy device, which does not have this step. QEMU accepts it.',
    ...onSetting(FEATURES_OK, () => ''),
  },
  {
    id: 'notify-before-driver-ok',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The device is notified before DRIVER_OK (4) is set. Until then the device need not look at the queue.',
    on: 'notify',
    broken: (_, view) => brokenIf((view.status & DRIVER_OK) === 0, `Status ${hex(view.status)}`),
  },
  {
    id: 'notify-needs-reset',
    section: '2.1.1',
    severity: 'should',
    transport: 'modern',
    sentence: 'The driver goes on using a device that has set DEVICE_NEEDS_RESET (64). The device completes no request before it is reset.',
    on: 'notify',
    broken: (_, view) => brokenIf(view.needsReset),
  },
  {
    id: 'needs-reset-by-driver',
    section: '2.1',
    severity: 'note',
    sentence: 'The driver sets DEVICE_NEEDS_RESET (64). Only the device may set this bit.',
    ...onSetting(DEVICE_NEEDS_RESET, (value) => `Status ${hex(value)}`),
  },
];

function countBits(value: number): number {
  let bits = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
