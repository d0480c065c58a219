/** Setting up a virtqueue: VIRTIO 1.2, 2.7, 4.2.2.2, 4.2.3.2; through the legacy interface 2.7.2, 4.2.4. */
import { hex } from '../../hex.ts';
import type { MeantPlace, PageNumber } from '../queue/placement.ts';
import type { QueueArea } from '../queue/virtqueue.ts';
import { pastTheEnd } from './memory-end.ts';
import { brokenIf, onWrite, type Rule } from './rule.ts';
import type { View } from './view.ts';

const isPowerOfTwo = (value: number): boolean => value > 0 && (value & (value - 1)) === 0;

/** For the write that makes a queue live: QueueReady 1, or a QueuePFN other than 0. */
const onEnabling = (broken: (value: number, view: View) => string | undefined) =>
  ({
    on: 'register-write',
    broken: (event: { readonly register: string; readonly value: number }, view: View) =>
      (event.register === 'QueueReady' || event.register === 'QueuePFN') && event.value !== 0 ? broken(event.value, view) : undefined,
  }) as const;

const CONFIGURING = new Set(['QueueNum', 'QueueAlign', 'QueuePFN', 'QueueReady']);
const FIXED_WHILE_READY = /^Queue(Num|(Desc|Driver|Device)(Low|High))$/;

function placeOf({ name, address, length, unmapped }: QueueArea): string {
  return `the ${name} is at ${hex(address)}, where there is ${unmapped === length ? 'no' : 'not enough'} memory`;
}

/** What the register got, beside the address that the device makes of it. */
function written(page: PageNumber | undefined): string[] {
  if (page === undefined) return [];
  const number = hex(page.number);
  return [page.unit === 1n ? `QueuePFN is ${number}` : `QueuePFN is ${number}, times a page size of ${page.unit} bytes`];
}

function advice(meant: MeantPlace | undefined): string[] {
  switch (meant?.because) {
    case undefined:
      return [];
    case 'address-for-page-number':
      return ['that looks like an address: QueuePFN takes the address divided by the page size'];
    case 'page-size-missing':
      return ['that looks like a page number, but pages of 1 byte are in force: write the page size to GuestPageSize before QueuePFN'];
    case 'virtual-address':
      return [`that looks like a virtual address: the page table maps it to ${hex(meant.table)}`];
  }
}

const AFTER_RESET =
  '; the device was in use before its last reset, after which it counts from 0 again: a driver that sets it up again must zero both rings, and ' +
  'its own index of the used ring';

export const QUEUE_RULES: readonly Rule[] = [
  {
    id: 'queue-unselected',
    section: '4.2.3.2',
    severity: 'should',
    sentence: 'A queue is configured although the driver has not chosen it by writing QueueSel.',
    on: 'register-write',
    broken: ({ register }, view) => brokenIf(CONFIGURING.has(register) && !view.written.has('QueueSel'), register),
  },
  {
    id: 'queue-in-use-unchecked',
    section: '4.2.3.2',
    severity: 'note',
    transport: 'modern',
    sentence: 'The driver does not read QueueReady before it sets the queue up. A value of 1 would mean that the queue is in use.',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueueReady'))),
  },
  {
    id: 'legacy-queue-in-use-unchecked',
    section: '4.2.4',
    severity: 'note',
    transport: 'legacy',
    sentence: 'The driver does not read QueuePFN before it sets the queue up. A value other than 0 would mean that the queue is in use.',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueuePFN'))),
  },
  {
    id: 'queue-max-unread',
    section: '4.2.3.2',
    severity: 'should',
    transport: 'modern',
    sentence: 'The driver makes a queue live before it has read QueueNumMax. A value of 0 means that the queue does not exist.',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueueNumMax'))),
  },
  {
    id: 'legacy-queue-max-unread',
    section: '2.7.2',
    severity: 'must',
    transport: 'legacy',
    sentence: 'The driver makes a queue live before it has read the largest size that the device allows (QueueNumMax).',
    ...onEnabling((_, view) => brokenIf(!view.read.has('QueueNumMax'))),
  },
  {
    id: 'queue-too-large',
    section: '4.2.2.2',
    severity: 'must',
    sentence: 'QueueNum is greater than QueueNumMax. The device keeps the old size.',
    ...onWrite('QueueNum', (value, view) => brokenIf(value > view.queueMax, `${value}, of at most ${view.queueMax}`)),
  },
  {
    id: 'queue-size-power',
    section: '2.7',
    severity: 'must',
    sentence:
      'The queue size is not a power of two. The ring indices count to 65535 and then wrap around to 0; only with a power of two does the ring go on at its first entry then.',
    ...onWrite('QueueNum', (value) => brokenIf(!isPowerOfTwo(value), String(value))),
  },
  {
    id: 'queue-size-unwritten',
    section: '4.2.3.2',
    severity: 'should',
    sentence: 'The queue is made live before its size was written to QueueNum, so driver and device may not agree on where the rings are.',
    ...onEnabling((_, view) => brokenIf(!view.written.has('QueueNum'))),
  },
  {
    id: 'queue-align-unwritten',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'The queue is made live before QueueAlign was written. It decides where the used ring is. QEMU uses 4096 then.',
    ...onEnabling((_, view) => brokenIf(!view.written.has('QueueAlign'))),
  },
  {
    id: 'queue-align-power',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'QueueAlign is not a power of two.',
    ...onWrite('QueueAlign', (value) => brokenIf(!isPowerOfTwo(value), String(value))),
  },
  {
    id: 'page-size-missing',
    section: '4.2.4',
    severity: 'note',
    transport: 'legacy',
    sentence:
      'QueuePFN is written before GuestPageSize, its unit, was written. QEMU then takes QueuePFN for an address in bytes; other devices may not.',
    ...onWrite('QueuePFN', (value, view) => brokenIf(value !== 0 && !view.everWritten.has('GuestPageSize'), `QueuePFN ${hex(value)}`)),
  },
  {
    id: 'page-size-power',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'GuestPageSize is not a power of two.',
    ...onWrite('GuestPageSize', (value) => brokenIf(!isPowerOfTwo(value), String(value))),
  },
  {
    id: 'queue-changed-live',
    section: '4.2.2.2',
    severity: 'must',
    transport: 'modern',
    sentence: 'The size or the addresses of a queue are written while QueueReady is 1. They may be changed only while it is 0.',
    on: 'register-write',
    broken: ({ register }, view) => brokenIf(view.queueLive && view.queueSelected === 0 && FIXED_WHILE_READY.test(register), register),
  },
  {
    id: 'queue-max-read-live',
    section: '4.2.4',
    severity: 'should',
    transport: 'legacy',
    sentence: 'QueueNumMax is read while the queue is live. That is allowed only while QueuePFN is 0.',
    on: 'register-read',
    broken: ({ register }, view) => brokenIf(register === 'QueueNumMax' && view.queueLive && view.queueSelected === 0),
  },
  {
    id: 'queue-missing',
    section: '3.1.1',
    severity: 'must',
    sentence: 'The device is notified of a queue that has no memory yet. Set the queue up before DRIVER_OK.',
    on: 'notify',
    broken({ queue }, { transport, written }) {
      const register = transport === 'modern' ? 'QueueReady' : 'QueuePFN';
      return brokenIf(queue === undefined, written.has(register) ? '' : `${register} had not been written, or not since the last reset`);
    },
  },
  {
    id: 'queue-misaligned',
    section: '2.7.1',
    severity: 'must',
    sentence:
      'A part of the queue is not aligned. The descriptor table must be aligned to 16 bytes, the available ring to 2, the used ring to 4.',
    on: 'notify',
    // If the queue is not in memory at all, that is what is wrong with its addresses.
    broken: ({ queue }, view) =>
      queue === undefined
        ? undefined
        : brokenIf(
            !view.queueOutside && (queue.table % 16n !== 0n || queue.available % 2n !== 0n || queue.used % 4n !== 0n),
            `table ${hex(queue.table)}, available ring ${hex(queue.available)}, used ring ${hex(queue.used)}`,
          ),
  },
  {
    id: 'queue-outside-memory',
    section: '2.7',
    severity: 'must',
    sentence:
      'A part of the queue does not lie in memory. Without its descriptor table or its available ring the device finds no chain; without its used ring it cannot say which chains are done. The addresses must be physical ones, and each part must be in one piece.',
    on: 'queue-placed',
    broken: ({ areas, page, meant, memoryEnd }) => {
      const outside = areas.find(({ unmapped }) => unmapped > 0);
      return outside && [placeOf(outside), ...written(page), ...pastTheEnd(outside, memoryEnd), ...advice(meant)].join('; ');
    },
  },
  {
    id: 'used-ring-not-zeroed',
    section: '2.7.10.1',
    severity: 'must',
    sentence: 'The used ring was not set to zero before its first use, or something else lies there: its flags or its index are not 0.',
    on: 'notify',
    broken: ({ queue }, view) =>
      brokenIf(
        queue !== undefined && view.notifies === 0 && (queue.usedFlags !== 0 || queue.usedIndex !== 0),
        `at ${hex(queue?.used ?? 0)}: flags ${queue?.usedFlags}, index ${queue?.usedIndex}${view.everUsed ? AFTER_RESET : ''}`,
      ),
  },
];
