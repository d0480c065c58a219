/** Finding the device, reset, and the status bits in their order: VIRTIO 1.2, 2.1, 2.4, 3.1, 4.2.3.1. */

import { hex } from '../../hex.ts';
import { STATUS_BITS } from '../../spec/virtio.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';
import type { View } from './view.ts';

const { ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET, FAILED } = STATUS_BITS;
const KNOWN = ACKNOWLEDGE | DRIVER | DRIVER_OK | FEATURES_OK | DEVICE_NEEDS_RESET | FAILED;

/** On a write of Status that is no reset. */
const onStatus = (broken: (value: number, view: View) => string | undefined) =>
  onWrite('Status', (value, view) => ((value & 0xff) === 0 ? undefined : broken(value & 0xff, view)));

/** On a write of Status that sets a bit which was not set. */
const onSetting = (bit: number, broken: (value: number, view: View) => string | undefined) =>
  onStatus((value, view) => ((value & ~view.status & bit) === 0 ? undefined : broken(value, view)));

/** FAILED alone gives the device up at any time. */
const lacksAcknowledge = (value: number): boolean => (value & ACKNOWLEDGE) === 0 && value !== FAILED;

/** The first status bit is set, and the register was never read. */
const unread = (register: string) => onStatus((_, view) => brokenIf(view.status === 0 && !view.everRead.has(register)));

export const HANDSHAKE_RULES: readonly Rule[] = [
  {
    id: 'magic-unchecked',
    section: '4.2.3.1.1',
    severity: 'must',
    sentence:
      'The driver uses the device without having read MagicValue. Only "virt" there says that the registers are those of virtio-mmio.',
    ...unread('MagicValue'),
  },
  {
    id: 'version-unchecked',
    section: '4.2.3.1.1',
    severity: 'must',
    sentence:
      'The driver uses the device without having read Version, which says whether the registers are the legacy ones (1) or the modern ones (2).',
    ...unread('Version'),
  },
  {
    id: 'device-id-unchecked',
    section: '4.2.3.1.1',
    severity: 'must',
    sentence: 'The driver uses the device without having read DeviceID. 0 is an empty slot, 2 a block device.',
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
    sentence: 'The driver goes on after a reset without reading Status back as 0, which is how the device says that its reset is complete.',
    ...onStatus((_, view) => brokenIf(!view.resetSeen)),
  },
  {
    id: 'acknowledge-missing',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The driver never sets ACKNOWLEDGE (1), which says that the system has noticed the device, before a later status bit.',
    ...onStatus((value, view) => brokenIf(lacksAcknowledge(value) && !view.everAcknowledged, `Status ${hex(value)}`)),
  },
  {
    id: 'acknowledge-lost',
    section: '3.1.1',
    severity: 'should',
    sentence: 'ACKNOWLEDGE (1) was set before the reset, which took it back, and not again after it.',
    ...onStatus((value, view) =>
      brokenIf(lacksAcknowledge(value) && view.everAcknowledged && (view.status & ACKNOWLEDGE) === 0, `Status ${hex(value)}`),
    ),
  },
  {
    id: 'driver-bit-missing',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The driver sets FEATURES_OK or DRIVER_OK without DRIVER (2), which says that the system knows how to drive the device.',
    ...onStatus((value) => brokenIf((value & (FEATURES_OK | DRIVER_OK)) !== 0 && (value & DRIVER) === 0, `Status ${hex(value)}`)),
  },
  {
    id: 'status-bits-merged',
    section: '3.1.1',
    severity: 'note',
    sentence: 'One write sets several status bits, which are separate steps of the initialisation. Devices do not mind.',
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
    sentence: 'The driver has given up on the device with FAILED (128) and goes on initialising it. A reset must come first.',
    ...onStatus((value, view) =>
      brokenIf((view.status & FAILED) !== 0 && value !== view.status, `Status ${hex(value)} after ${hex(view.status)}`),
    ),
  },
  {
    id: 'features-ok-missing',
    section: '3.1.1',
    severity: 'must',
    transport: 'modern',
    sentence: 'DRIVER_OK is set without FEATURES_OK (8) before it, so that the device could not agree to the features.',
    ...onSetting(DRIVER_OK, (_, view) => brokenIf((view.status & FEATURES_OK) === 0)),
  },
  {
    id: 'features-ok-unread',
    section: '3.1.1',
    severity: 'must',
    transport: 'modern',
    sentence: 'The driver does not read Status after setting FEATURES_OK. The device refuses the features by leaving the bit clear.',
    ...onSetting(DRIVER_OK, (_, view) => brokenIf((view.status & FEATURES_OK) !== 0 && !view.featuresOkSeen)),
  },
  {
    id: 'features-ok-legacy',
    section: '3.1.2',
    severity: 'note',
    transport: 'legacy',
    sentence: 'FEATURES_OK is set on a legacy device, which does not know this step. QEMU does not mind.',
    ...onSetting(FEATURES_OK, () => ''),
  },
  {
    id: 'notify-before-driver-ok',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The device is notified before DRIVER_OK (4) is set. Until then it need not look at the queue.',
    on: 'notify',
    broken: (_, view) => brokenIf((view.status & DRIVER_OK) === 0, `Status ${hex(view.status)}`),
  },
  {
    id: 'notify-needs-reset',
    section: '2.1.1',
    severity: 'should',
    transport: 'modern',
    sentence: 'The driver goes on using a device that has set DEVICE_NEEDS_RESET (64). It will complete nothing before its reset.',
    on: 'notify',
    broken: (_, view) => brokenIf(view.needsReset),
  },
  {
    id: 'needs-reset-by-driver',
    section: '2.1',
    severity: 'note',
    sentence: 'The driver writes DEVICE_NEEDS_RESET (64) itself, which only the device sets.',
    ...onSetting(DEVICE_NEEDS_RESET, (value) => `Status ${hex(value)}`),
  },
];

function countBits(value: number): number {
  let bits = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) bits++;
  return bits;
}
