/** The available ring, descriptors and their chains: VIRTIO 1.2, 2.7.4 to 2.7.7, 2.7.13, 3.3.1, 6.1. */

import { hex } from '../../hex.ts';
import { PAGE_BYTES } from '../../spec/riscv.ts';
import { AVAILABLE_NO_INTERRUPT, DESCRIPTOR_FLAG } from '../../spec/virtio.ts';
import { FEATURE, has } from '../features.ts';
import type { QueueMemory } from '../queue/virtqueue.ts';
import type { Culprit } from '../record/finding.ts';
import type { ChainProblem, TracedDescriptor } from '../record/trace.ts';
import { pastTheEnd } from './memory-end.ts';
import { blame, brokenIf, type Rule } from './rule.ts';

const PAGE = BigInt(PAGE_BYTES);
const { INDIRECT, NEXT, WRITE } = DESCRIPTOR_FLAG;

/** Longest chain in bytes (2.7.5.2). */
const LONGEST = 2 ** 32;

/** A rule that is broken if the device found this problem in a chain: in this field of the last descriptor that it read. */
const onProblem = (problem: ChainProblem, field: Culprit['field']) =>
  ({
    on: 'chain',
    broken: (chain: {
      readonly problem: ChainProblem | undefined;
      readonly head: number;
      readonly descriptors: readonly TracedDescriptor[];
    }) =>
      chain.problem !== problem
        ? undefined
        : chain.descriptors.length === 0
          ? place(chain)
          : blame(chain.descriptors.length - 1, field, place(chain)),
  }) as const;

/** `from 7 back to 0, with 8 entries` */
function jump({ taken, availableIndex, size }: QueueMemory): string {
  const wrapped =
    availableIndex === (taken + 1) % size ? '; is it taken modulo the number of entries? Only the position in the ring is' : '';
  return `from ${taken} ${availableIndex < taken ? 'back ' : ''}to ${availableIndex}, with ${size} entries${wrapped}`;
}

function place({ head, descriptors }: { readonly head: number; readonly descriptors: readonly TracedDescriptor[] }): string {
  const last = descriptors.at(-1);
  return last === undefined
    ? `head ${head}`
    : `head ${head}, descriptor ${last.index}: length ${last.length}, flags ${last.flags}, next ${last.next}`;
}

export const DESCRIPTOR_RULES: readonly Rule[] = [
  {
    id: 'head-out-of-range',
    section: '2.7.6',
    severity: 'must',
    sentence: 'The available ring names a descriptor that the queue does not have.',
    ...onProblem('head-out-of-range', 'next'),
  },
  {
    id: 'next-out-of-range',
    section: '2.7.5',
    severity: 'must',
    sentence: 'A descriptor has the NEXT flag, but its next descriptor lies outside the table.',
    ...onProblem('next-out-of-range', 'next'),
  },
  {
    id: 'descriptor-loop',
    section: '2.7.5.2',
    severity: 'must',
    sentence: 'A descriptor chain contains the same descriptor twice, so it never ends.',
    ...onProblem('loop', 'next'),
  },
  {
    id: 'zero-length-descriptor',
    section: '2.7.5',
    severity: 'note',
    sentence: 'A descriptor has length 0. The specification does not define what that means, and QEMU stops the device.',
    ...onProblem('zero-length', 'length'),
  },
  {
    id: 'readable-after-writable',
    section: '2.7.4.2',
    severity: 'must',
    sentence: 'A descriptor that the device reads comes after one that it writes. All device-readable ones must come first.',
    on: 'chain',
    broken: ({ problem, head, descriptors }, { kind }) => {
      if (problem !== 'readable-after-writable') return undefined;
      // A disk's chain begins with the header, which the device reads: it is not the readable descriptor that is wrong then.
      const isHeader = kind === 'block' && ((descriptors[0]?.flags ?? 0) & WRITE) !== 0;
      if (isHeader) return blame(0, 'flags', `descriptor ${head} holds the header, which the device reads, but has the WRITE flag`);
      return blame(descriptors.length - 1, 'flags', place({ head, descriptors }));
    },
  },
  {
    id: 'chain-longer-than-queue',
    section: '2.7.5.3.1',
    severity: 'must',
    sentence: 'A chain has more descriptors than the queue has entries.',
    on: 'chain',
    broken: ({ descriptors, queueSize }) => brokenIf(descriptors.length > queueSize, `${descriptors.length}, of at most ${queueSize}`),
  },
  {
    id: 'chain-too-many-bytes',
    section: '2.7.5.2',
    severity: 'must',
    sentence: 'The buffers of a chain are longer than 4 GiB in all.',
    on: 'chain',
    broken: ({ descriptors }) => {
      const bytes = descriptors.reduce((sum, { length }) => sum + length, 0);
      return brokenIf(bytes > LONGEST, `${bytes} bytes`);
    },
  },
  {
    id: 'buffer-outside-memory',
    section: '6.1',
    severity: 'must',
    sentence:
      'The buffer of a descriptor lies outside memory. Its address must be a physical one: translate the address if your page table maps it elsewhere.',
    on: 'chain',
    broken: ({ descriptors, outside }) => {
      const guilty = outside && descriptors[outside.position];
      if (guilty === undefined) return undefined;
      const mapped = outside?.mapped;
      const isTranslated = mapped !== undefined && mapped !== guilty.address;
      const virtual = isTranslated ? `, a virtual address that the page table maps to ${hex(mapped)}` : '';
      const place = `descriptor ${guilty.index}: ${guilty.length} bytes at ${hex(guilty.address)}${virtual}`;
      return blame(outside!.position, 'address', [place, ...pastTheEnd(guilty, outside!.memoryEnd)].join('; '));
    },
  },
  {
    id: 'buffer-scattered',
    section: '2.7.13.1',
    severity: 'must',
    sentence:
      'The buffer of a descriptor goes beyond the end of a page, and the next virtual page lies elsewhere in physical memory. The device goes on at the next physical page: use one descriptor for each page.',
    on: 'scattered',
    broken: ({ scattered: { descriptor, position, frame, virtual, next, rest } }) => {
      const { index, length, address } = descriptor;
      const pages = `virtual page ${hex(virtual)} lies at ${hex(frame)}, but page ${hex(virtual + PAGE)} at ${hex(next)}`;
      const wrong = `the last ${rest} bytes are at ${hex(frame + PAGE)} for the device`;
      return blame(position, 'address', `descriptor ${index}: ${length} bytes at ${hex(address)}; ${pages}; ${wrong}`);
    },
  },
  {
    id: 'descriptor-flags-unknown',
    section: '2.7.5',
    severity: 'should',
    sentence: 'A descriptor has flags that the specification does not define.',
    on: 'chain',
    broken: ({ descriptors }) => {
      const position = descriptors.findIndex(({ flags }) => (flags & ~(NEXT | WRITE | INDIRECT)) !== 0);
      const odd = descriptors[position];
      return odd && blame(position, 'flags', `descriptor ${odd.index}: flags ${hex(odd.flags)}`);
    },
  },
  {
    id: 'descriptor-in-flight',
    section: '3.3.1',
    severity: 'must',
    sentence:
      'A chain uses a descriptor of a request that the device has not completed yet. A descriptor is free only when its request is in the used ring.',
    on: 'chain',
    broken: ({ head, descriptors }, { flights }) => {
      const own = new Set([head, ...descriptors.filter(({ indirect }) => !indirect).map(({ index }) => index)]);
      const shared = [...flights.values()].find(({ indices }) => indices.some((index) => own.has(index)));
      return shared && `head ${head}, shared with request ${shared.number}`;
    },
  },
  {
    id: 'avail-index-jumped',
    section: '2.7.6.1',
    severity: 'must',
    sentence:
      'The available index went back, or forward by more than the queue has entries. It counts the chains that were added, so it only grows.',
    on: 'notify',
    broken: ({ queue }) => (queue === undefined ? undefined : brokenIf(queue.waiting > queue.size, jump(queue))),
  },
  {
    id: 'avail-flags',
    section: '2.7.7.1',
    severity: 'must',
    sentence: 'The flags of the available ring are neither 0 nor 1 (NO_INTERRUPT).',
    on: 'notify',
    broken: ({ queue }, view) =>
      brokenIf(
        queue !== undefined && queue.availableFlags > AVAILABLE_NO_INTERRUPT && !has(view.accepted & view.offered, FEATURE.EVENT_IDX),
        hex(queue?.availableFlags ?? 0),
      ),
  },
  {
    id: 'avail-flags-event-index',
    section: '2.7.7.1',
    severity: 'must',
    sentence:
      'The flags of the available ring are not 0 although EVENT_IDX was accepted. With EVENT_IDX only used_event suppresses interrupts.',
    on: 'notify',
    broken: ({ queue }, view) =>
      brokenIf(
        queue !== undefined && queue.availableFlags !== 0 && has(view.accepted & view.offered, FEATURE.EVENT_IDX),
        hex(queue?.availableFlags ?? 0),
      ),
  },
];
