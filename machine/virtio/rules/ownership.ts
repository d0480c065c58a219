/**
 * Races for a buffer's memory: from its publication in the available ring to the used ring it belongs to the device. VIRTIO 1.2,
 * 2.7.8, 2.7.13.3, 3.3.1. These rules see events only in a run that watches the buffers' memory (virtio/ownership.ts).
 */

import type { Touch } from './event.ts';
import { brokenIf, hex, type Rule } from './rule.ts';

const seen = ({ part, address, width, request }: Touch): string => `${part} of request ${request}, ${hex(address)}, ${width} bytes`;

export const OWNERSHIP_RULES: readonly Rule[] = [
  {
    id: 'race-store',
    section: '2.7.13.3',
    severity: 'must',
    sentence:
      'The driver stores into a buffer that it has given to the device and not got back. The device may have read it before, or may write over it.',
    on: 'touch',
    broken: ({ touch }) => brokenIf(touch.access === 'store' && touch.part !== 'descriptor', seen(touch)),
  },
  {
    id: 'race-descriptor',
    section: '3.3.1',
    severity: 'must',
    sentence: 'The driver changes a descriptor of a chain that the device has not returned yet.',
    on: 'touch',
    broken: ({ touch }) => brokenIf(touch.access === 'store' && touch.part === 'descriptor', seen(touch)),
  },
  {
    id: 'race-load',
    section: '2.7.8.3',
    severity: 'must',
    sentence: 'The driver reads what the device has not written yet: it must wait until the request is in the used ring.',
    on: 'touch',
    broken: ({ touch }) => brokenIf(touch.access === 'load' && !touch.polled, seen(touch)),
  },
  {
    id: 'status-byte-polled',
    section: '2.7.14',
    severity: 'note',
    sentence:
      'The driver waits for the status byte to change, not for the used ring. It works here; the device may write the byte before it is done.',
    on: 'touch',
    broken: ({ touch }) => brokenIf(touch.access === 'load' && touch.polled, seen(touch)),
  },
];
