/** Notifications and interrupts: VIRTIO 1.2, 2.7.10, 4.2.2.2, 4.2.3.3, 4.2.3.4. */

import { hex } from '../../hex.ts';
import { USED_NO_NOTIFY } from '../../spec/virtio.ts';
import type { QueueMemory } from '../queue/virtqueue.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';

/** The bits that InterruptStatus defines: a used buffer, and a change of the configuration. */
const INTERRUPT_BITS = 3;

/** Whether the memory can hold an available ring: its index must not be ahead of the device by more than the queue has entries. */
const isRing = ({ waiting, size, availableFlags }: QueueMemory): boolean => waiting <= size && availableFlags <= 1;

export const NOTIFICATION_RULES: readonly Rule[] = [
  {
    id: 'notify-missing',
    section: '2.7.10.1',
    severity: 'must',
    sentence: 'A chain is in the available ring, but the device was not notified of it, so it may never look at the chain.',
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
      'The memory of a live queue does not hold an available ring any more: the driver uses it for something else, but has not reset the device. After a notification the device would take what lies there for a ring.',
    on: 'end',
    broken: ({ queue, broken }) => brokenIf(queue !== undefined && !broken && !isRing(queue)),
  },
  {
    id: 'notify-without-chain',
    section: '2.7.13',
    severity: 'note',
    sentence:
      'The device is notified although nothing new is in the available ring. Increase the index before the notification, not after it.',
    on: 'notify',
    // Outside memory the ring reads as empty, whatever the driver does.
    broken: ({ queue }, { queueOutside }) => brokenIf(queue?.waiting === 0 && !queueOutside),
  },
  {
    id: 'notify-unknown-queue',
    section: '4.2.3.3',
    severity: 'must',
    sentence: 'The value that is written to QueueNotify is not the index of a queue. This device has only queue 0.',
    ...onWrite('QueueNotify', (value) => brokenIf(value !== 0, String(value))),
  },
  {
    id: 'interrupt-unacknowledged',
    section: '4.2.3.4.1',
    severity: 'note',
    sentence:
      'The device raised interrupts, but the driver never acknowledged one by writing InterruptACK, so the interrupt stays pending. A driver that polls works even so.',
    graver: {
      severity: 'must',
      sentence:
        'The driver took an interrupt of the device, but never acknowledged one by writing InterruptACK. The handler must write back what it has read from InterruptStatus.',
      when: ({ interrupt }) => interrupt === 'handled',
    },
    on: 'end',
    // A handler that has not returned may have been about to do it: it panicked before, say.
    broken: ({ interrupt }, view) =>
      brokenIf(view.interrupts > 0 && view.acknowledged === 0 && interrupt !== 'taken', `${view.interrupts} raised`),
  },
  {
    id: 'interrupt-status-unread',
    section: '4.2.3.4.1',
    severity: 'must',
    sentence: 'An interrupt is acknowledged although InterruptStatus was not read since it came. Only InterruptStatus says what happened.',
    ...onWrite('InterruptACK', (value, view) => brokenIf(!view.interruptSeen, `InterruptACK ${hex(value)}`)),
  },
  {
    id: 'interrupt-not-pending',
    section: '4.2.2.2',
    severity: 'should',
    sentence: 'InterruptACK has bits that were not set in InterruptStatus. Acknowledge only the events that were handled.',
    ...onWrite('InterruptACK', (value, view) =>
      brokenIf(view.interruptSeen && (value & INTERRUPT_BITS & ~view.interruptBits) !== 0, `${hex(value)}, of ${hex(view.interruptBits)}`),
    ),
  },
  {
    id: 'interrupt-bits-undefined',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'InterruptACK is written with bits that the specification does not define for InterruptStatus.',
    ...onWrite('InterruptACK', (value) => brokenIf((value & ~INTERRUPT_BITS) !== 0, hex(value))),
  },
];
