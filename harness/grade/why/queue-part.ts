/** Which field of a virtqueue a kernel polls, and why that one does not say that a request is done. Reference: VIRTIO 1.2, 2.7.5 to 2.7.8. */
import { AVAILABLE_ENTRY_BYTES, DESCRIPTOR_BYTES, RING_HEADER_BYTES, USED_ELEMENT_BYTES } from '../../../machine/spec/virtio.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { LoopLoadEvidence, PolledThing } from '../../evidence/loop.ts';

type QueuePart = Extract<PolledThing, { readonly kind: 'used-index' | 'used-ring' | 'available-ring' | 'descriptor-table' }>;

export interface QueueField {
  /** E.g. `used.ring[0].len`. */
  readonly name: string;
  /** Whose field it is, and what to wait for; null for the index of the used ring. */
  readonly advice: string | null;
}

export function isQueuePart(what: PolledThing): what is QueuePart {
  return ['used-index', 'used-ring', 'available-ring', 'descriptor-table'].includes(what.kind);
}

/** Null if nothing more is known than the part. */
export function queueField(what: QueuePart, { physical }: LoopLoadEvidence, { devices }: Evidence): QueueField | null {
  const place = devices.find(({ drive }) => drive === what.drive)?.queue.place ?? null;
  if (place === null || physical === null) return null;
  const after = (start: string): number => Number(BigInt(physical) - BigInt(start));
  const wait = `wait for used.idx, at 0x${(BigInt(place.used) + 2n).toString(16)}`;
  switch (what.kind) {
    case 'used-index':
      return { name: 'used.idx', advice: null };
    case 'used-ring':
      return usedField(after(place.used), wait);
    case 'available-ring':
      return {
        name: availableField(after(place.available)),
        advice: `only the driver writes to the available ring: when the device has carried out a request, it says so in the used ring: ${wait}`,
      };
    case 'descriptor-table':
      return {
        name: descriptorField(after(place.table)),
        advice: `only the driver writes descriptors: when the device has carried out a request, it says so in the used ring: ${wait}`,
      };
  }
}

function usedField(offset: number, wait: string): QueueField {
  if (offset < 2)
    return {
      name: 'used.flags',
      advice: `used.flags only says whether the device wants to be notified, and does not change when a request is done: ${wait}`,
    };
  const element = offset - RING_HEADER_BYTES;
  const slot = Math.floor(element / USED_ELEMENT_BYTES);
  const isId = element % USED_ELEMENT_BYTES < 4;
  const meaning = isId
    ? 'the head of a chain that is done, which may be the number that stands there already (0, for one)'
    : 'a count of bytes, which may be what stands there already';
  const slots = 'and each request that is done has the next slot of the ring';
  return { name: `used.ring[${slot}].${isId ? 'id' : 'len'}`, advice: `that field is ${meaning}, ${slots}: ${wait}` };
}

function availableField(offset: number): string {
  if (offset < RING_HEADER_BYTES) return offset < 2 ? 'avail.flags' : 'avail.idx';
  return `avail.ring[${Math.floor((offset - RING_HEADER_BYTES) / AVAILABLE_ENTRY_BYTES)}]`;
}

function descriptorField(offset: number): string {
  const within = offset % DESCRIPTOR_BYTES;
  const field = within < 8 ? 'addr' : within < 12 ? 'len' : within < 14 ? 'flags' : 'next';
  return `desc[${Math.floor(offset / DESCRIPTOR_BYTES)}].${field}`;
}
