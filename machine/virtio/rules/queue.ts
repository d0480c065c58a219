/** Setting up a virtqueue: VIRTIO 1.2, 2.7, 4.2.2.2, 4.2.3.2; through the legacy interface 2.7.2, 4.2.4. */
import { hex } from '../../hex.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';
import type { View } from './view.ts';

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;

/** On the write that makes a queue live: QueueReady 1, or a QueuePFN other than 0. */
const onEnabling = (broken: (value: number, view: View) => string | undefined) =>
  ({
    on: 'register-write',
    broken: (event: { readonly register: string; readonly value: number }, view: View) =>
      (event.register === 'QueueReady' || event.register === 'QueuePFN') && event.value !== 0 ? broken(event.value, view) : undefined,
  }) as const;

const CONFIGURING = new Set(['QueueNum', 'QueueAlign', 'QueuePFN', 'QueueReady']);
const FIXED_WHILE_READY = /^Queue(Num|(Desc|Driver|Device)(Low|High))$/;

export const QUEUE_RULES: readonly Rule[] = [
  {
    id: 'queue-unselected',
    section: '4.2.3.2',
    severity: 'should',
    sentence: 'A queue is configured without having been chosen through QueueSel.',
    on: 'register-write',
    broken: ({ register }, view) => brokenIf(CONFIGURING.has(register) && !view.written.has('QueueSel'), register),
  },
  {
    id: 'queue-in-use-unchecked',
    section: '4.2.3.2',
    severity: 'note',
    transport: 'modern',
    sentence: 'The driver does not read QueueReady before it sets the queue up; 1 there would mean that the queue is in use.',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueueReady'))),
  },
  {
    id: 'legacy-queue-in-use-unchecked',
    section: '4.2.4',
    severity: 'note',
    transport: 'legacy',
    sentence: 'The driver does not read QueuePFN before it sets the queue up; anything but 0 there would mean that the queue is in use.',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueuePFN'))),
  },
  {
    id: 'queue-max-unread',
    section: '4.2.3.2',
    severity: 'should',
    transport: 'modern',
    sentence: 'The driver chooses a queue size without having read QueueNumMax. 0 there means that the queue does not exist.',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueueNumMax'))),
  },
  {
    id: 'legacy-queue-max-unread',
    section: '2.7.2',
    severity: 'must',
    transport: 'legacy',
    sentence: 'The driver chooses a queue size without having read what the device allows (QueueNumMax).',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueueNumMax'))),
  },
  {
    id: 'queue-too-large',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'QueueNum is more than QueueNumMax. The device keeps the size that it had.',
    ...onWrite('QueueNum', (value, view) => brokenIf(value > view.queueMax, `${value}, of at most ${view.queueMax}`)),
  },
  {
    id: 'queue-size-power',
    section: '2.7',
    severity: 'must',
    sentence:
      'The queue size is no power of two. The ring indices run freely to 65535, and only then wrap around at a whole number of rounds.',
    ...onWrite('QueueNum', (value) => brokenIf(!isPowerOfTwo(value), String(value))),
  },
  {
    id: 'queue-size-unwritten',
    section: '4.2.3.2',
    severity: 'should',
    sentence:
      'The queue is made live without its size having been written to QueueNum: driver and device may not agree where the rings are.',
    ...onEnabling((_, view) => brokenIf(!view.written.has('QueueNum'))),
  },
  {
    id: 'queue-align-unwritten',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'The queue is made live without QueueAlign having been written, which decides where the used ring is. QEMU takes 4096.',
    ...onEnabling((_, view) => brokenIf(!view.written.has('QueueAlign'))),
  },
  {
    id: 'queue-align-power',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'QueueAlign is no power of two.',
    ...onWrite('QueueAlign', (value) => brokenIf(!isPowerOfTwo(value), String(value))),
  },
  {
    id: 'page-size-missing',
    section: '4.2.4',
    severity: 'note',
    transport: 'legacy',
    sentence:
      'QueuePFN is written although GuestPageSize never was, so that it has no unit. QEMU takes it for an address in bytes; another device need not.',
    ...onWrite('QueuePFN', (value, view) => brokenIf(value !== 0 && !view.everWritten.has('GuestPageSize'), `QueuePFN ${hex(value)}`)),
  },
  {
    id: 'page-size-power',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'GuestPageSize is no power of two.',
    ...onWrite('GuestPageSize', (value) => brokenIf(!isPowerOfTwo(value), String(value))),
  },
  {
    id: 'queue-changed-live',
    section: '4.2.2.2',
    severity: 'must',
    transport: 'modern',
    sentence: 'Size or addresses of a queue are written while QueueReady is 1. They may be changed only while it is 0.',
    on: 'register-write',
    broken: ({ register }, view) => brokenIf(view.queueLive && view.queueSelected === 0 && FIXED_WHILE_READY.test(register), register),
  },
  {
    id: 'queue-max-read-live',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'QueueNumMax is read while the queue is live: that is allowed only while QueuePFN is 0.',
    on: 'register-read',
    broken: ({ register }, view) => brokenIf(register === 'QueueNumMax' && view.queueLive && view.queueSelected === 0),
  },
  {
    id: 'queue-missing',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The device is notified of a queue that has no memory yet. The queue is set up before DRIVER_OK.',
    on: 'notify',
    broken: ({ queue }) => brokenIf(queue === undefined),
  },
  {
    id: 'queue-misaligned',
    section: '2.7.1',
    severity: 'must',
    sentence: 'A part of the queue is not aligned: the descriptor table needs 16 bytes, the available ring 2, the used ring 4.',
    on: 'notify',
    broken: ({ queue }) =>
      queue === undefined
        ? undefined
        : brokenIf(
            queue.table % 16n !== 0n || queue.available % 2n !== 0n || queue.used % 4n !== 0n,
            `table ${hex(queue.table)}, available ring ${hex(queue.available)}, used ring ${hex(queue.used)}`,
          ),
  },
  {
    id: 'queue-outside-memory',
    section: '2.7',
    severity: 'must',
    sentence: 'A part of the queue does not lie in memory as a whole. The addresses are physical ones, and each part is in one piece.',
    on: 'broken',
    broken: ({ problem, chain }) => brokenIf(problem === 'unmapped' && !chain),
  },
  {
    id: 'used-ring-not-zeroed',
    section: '2.7.10.1',
    severity: 'must',
    sentence: 'The used ring was not zeroed before its first use: its flags, or its index, are not 0.',
    on: 'notify',
    broken: ({ queue }, view) =>
      brokenIf(
        queue !== undefined && view.notifies === 0 && (queue.usedFlags !== 0 || queue.usedIndex !== 0),
        `flags ${queue?.usedFlags}, index ${queue?.usedIndex}`,
      ),
  },
];
