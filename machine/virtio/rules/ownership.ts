/**
 * Races for a buffer's memory: from the time when it is in the available ring until it is in the used ring, it belongs to the device; and fences have to make
 * sure that the device sees it as the driver has left it. VIRTIO 1.2, 2.7.8, 2.7.13, 3.3.1. These rules see events only in a run that watches the buffers' memory
 * (virtio/record/ownership.ts, barriers.ts).
 */

import { hex } from '../../hex.ts';
import type { Touch, Unordered } from './event.ts';
import { brokenIf, type Rule } from './rule.ts';
import type { View } from './view.ts';

const NAMES: Readonly<Record<Touch['part'], string>> = {
  descriptor: 'a descriptor',
  header: 'the header',
  data: 'the data',
  status: 'the status byte',
};

const bytes = ({ address, width }: Touch): string => `${width} ${width === 1 ? 'byte' : 'bytes'} at ${hex(address)}`;
const stored = (touch: Touch): string => `${NAMES[touch.part]} of request ${touch.request}, ${bytes(touch)}`;
/** Nobody prepares what the device will write, nor stores several bytes to a status, so such a store has most likely nothing to do with the request. */
const reused = ({ part, deviceWritable, width }: Touch): string => {
  if (!deviceWritable)
    return '; until the request is in the used ring the device may read there: was the buffer filled anew, or freed, too early?';
  return part === 'data' || width > 1
    ? '; the device writes there until the request is in the used ring: most likely the buffer was freed, or its function has returned, while the device still owned it'
    : '';
};
/** The index that a driver compares its own counter with. */
const wrapped = ({ request }: Touch, { chains, queueSize }: View): string => {
  if (request > 2 ** 16) return '; the used index has 16 bits, and goes on at 0 after 65535: does the counter of the driver, too?';
  // A driver that waits for each answer got as many as the queue has entries, and did not wait for the one after them.
  return queueSize > 1 && chains === queueSize + 1
    ? `; it is the first request after ${queueSize}, as many as the queue has entries: the used index goes on to ${queueSize + 1} then; does the counter that the driver compares with it, or is that taken modulo ${queueSize}?`
    : '';
};
const read = (touch: Touch, view: View): string =>
  `${NAMES[touch.part]} of request ${touch.request} was read before the device wrote it: ${bytes(touch)}${wrapped(touch, view)}`;

const UNORDERED: Readonly<Record<Unordered['before'], (store: string) => string>> = {
  index: (store) => `none is between the store at ${store}, to the descriptor table or the available ring, and this store to the index`,
  notify: (store) => `none is between the store to the index, at ${store}, and this notification`,
};

export const OWNERSHIP_RULES: readonly Rule[] = [
  {
    id: 'race-store',
    section: '2.7.13.3',
    severity: 'must',
    sentence:
      'The kernel stores into a buffer that belongs to the device at the time. The device may have read the buffer already, or may overwrite it.',
    on: 'touch',
    broken: ({ touch }) => brokenIf(touch.access === 'store' && touch.part !== 'descriptor', `${stored(touch)}${reused(touch)}`),
  },
  {
    id: 'race-descriptor',
    section: '3.3.1',
    severity: 'must',
    sentence: 'The kernel changes a descriptor of a chain that the device has not returned yet.',
    on: 'touch',
    broken: ({ touch }) => brokenIf(touch.access === 'store' && touch.part === 'descriptor', stored(touch)),
  },
  {
    id: 'race-load',
    section: '2.7.8.3',
    severity: 'must',
    sentence: 'The driver reads a buffer that the device has not written yet. It must wait until the request is in the used ring.',
    on: 'touch',
    broken: ({ touch }, view) => brokenIf(touch.access === 'load' && !touch.polled, read(touch, view)),
  },
  {
    id: 'status-byte-polled',
    section: '2.7.14',
    severity: 'note',
    sentence:
      'The driver waits until the status byte changes, and not for the used ring. That works here, but a device may write the status byte before it has finished.',
    on: 'touch',
    broken: ({ touch }, view) => brokenIf(touch.access === 'load' && touch.polled, read(touch, view)),
  },
  {
    id: 'barrier-missing',
    section: '2.7.13',
    severity: 'must',
    sentence:
      'No fence orders what the driver stores: the device must see the descriptors and the ring before the index, and the index before the notification. Under QEMU it does even so; on real hardware stores may overtake each other.',
    on: 'unordered',
    broken: ({ unordered }) => UNORDERED[unordered.before](hex(unordered.store)),
  },
];
