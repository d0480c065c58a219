/** Notifications and interrupts: VIRTIO 1.2, 2.7.10, 4.2.2.2, 4.2.3.3, 4.2.3.4. */

import { hex } from '../../hex.ts';
import { USED_NO_NOTIFY } from '../../spec/virtio.ts';
import type { QueueMemory } from '../queue/virtqueue.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';

/** A used buffer, and a change of the configuration: all that InterruptStatus defines. */
const INTERRUPT_BITS = 3;

/** Whether what lies there can be an available ring, one that is ahead of the device by no more than its entries. */
const isRing = ({ waiting, size, availableFlags }: QueueMemory): boolean => waiting <= size && availableFlags <= 1;

export const NOTIFICATION_RULES: readonly Rule[] = [
  {
    id: 'notify-missing',
    section: '2.7.10.1',
    severity: 'must',
    sentence: 'A chain is in the available ring, and the device was not notified of it: it may never look.',
    on: 'end',
    broken: ({ queue, broken }) =>
      brokenIf(
        queue !== undefined && !broken && queue.waiting > 0 && isRing(queue) && (queue.usedFlags & USED_NO_NOTIFY) === 0,
        `${queue?.waiting} in the ring`,
      ),
  },
  {
    id: 'ring-memory-reused',
    section: '3.3.1',
    severity: 'note',
    sentence:
      'The available ring of a live queue holds no ring any more: the driver gave its memory away without a reset, and a notification would make the device use what lies there now.',
    on: 'end',
    broken: ({ queue, broken }) => brokenIf(queue !== undefined && !broken && !isRing(queue)),
  },
  {
    id: 'notify-without-chain',
    section: '2.7.13',
    severity: 'note',
    sentence:
      'The device is notified with nothing new in the available ring. The index is increased before the notification, not after it.',
    on: 'notify',
    broken: ({ queue }) => brokenIf(queue?.waiting === 0),
  },
  {
    id: 'notify-unknown-queue',
    section: '4.2.3.3',
    severity: 'must',
    sentence: 'QueueNotify is written with something other than the index of a queue. This device has queue 0 only.',
    ...onWrite('QueueNotify', (value) => brokenIf(value !== 0, String(value))),
  },
  {
    id: 'interrupt-unacknowledged',
    section: '4.2.3.4.1',
    severity: 'note',
    sentence:
      'The device raised interrupts, and none was ever acknowledged through InterruptACK. A driver that polls gets along without; the interrupt stays pending.',
    on: 'end',
    broken: (_, view) => brokenIf(view.interrupts > 0 && view.acknowledged === 0, `${view.interrupts} raised`),
  },
  {
    id: 'interrupt-status-unread',
    section: '4.2.3.4.1',
    severity: 'must',
    sentence: 'An interrupt is acknowledged without InterruptStatus having been read since it came, which says what it was about.',
    ...onWrite('InterruptACK', (value, view) => brokenIf(!view.interruptSeen, `InterruptACK ${hex(value)}`)),
  },
  {
    id: 'interrupt-not-pending',
    section: '4.2.2.2',
    severity: 'should',
    sentence: 'InterruptACK names events that InterruptStatus did not: acknowledge what was handled, and nothing else.',
    ...onWrite('InterruptACK', (value, view) =>
      brokenIf(view.interruptSeen && (value & INTERRUPT_BITS & ~view.interruptBits) !== 0, `${hex(value)}, of ${hex(view.interruptBits)}`),
    ),
  },
  {
    id: 'interrupt-bits-undefined',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'InterruptACK is written with bits that InterruptStatus does not define.',
    ...onWrite('InterruptACK', (value) => brokenIf((value & ~INTERRUPT_BITS) !== 0, hex(value))),
  },
];
