/** Parts of a queue, or of a request, that lie over each other: what is written to one changes the other. Reference: VIRTIO 1.2, 2.7, 5.2.6. */
import { AVAILABLE_ENTRY_BYTES, DESCRIPTOR_BYTES, RING_HEADER_BYTES, USED_ELEMENT_BYTES } from '../../../machine/spec/virtio.ts';
import type { DeviceEvidence, Evidence, RequestEvidence } from '../../evidence/evidence.ts';
import type { Detail } from '../../result/result.ts';
import { text } from './text.ts';

interface Part {
  readonly name: string;
  readonly address: string;
  readonly length: number;
}

export function overlaps(evidence: Evidence): Detail[] {
  return evidence.devices
    .flatMap((device) => {
      const queue = inQueue(device);
      return queue.length > 0 ? queue : inRequest(device, evidence);
    })
    .map(text);
}

/** Whether a request shares bytes with itself or with the queue: what stands there, or is read there, says nothing of it then. */
export function isOverlapping(request: RequestEvidence, { devices }: Evidence): boolean {
  const device = devices.find(({ drive }) => drive === request.drive);
  return device !== undefined && pairsIn(request, device).length > 0;
}

export function hasOverlappingQueue(drive: string, { devices }: Evidence): boolean {
  const device = devices.find((one) => one.drive === drive);
  return device !== undefined && pairsOf(partsOfQueue(device)).length > 0;
}

function inQueue(device: DeviceEvidence): string[] {
  const pairs = pairsOf(partsOfQueue(device));
  if (pairs.length === 0) return [];
  return [
    `${device.drive}: parts of the queue lie over each other: ${pairs.join('; ')}. The queue has ${device.queue.place!.size} entries: has each part an ` +
      'address of its own, and memory for all of them?',
  ];
}

/** The first request that shares bytes. */
function inRequest(device: DeviceEvidence, { requests }: Evidence): string[] {
  for (const request of requests) {
    if (request.drive !== device.drive || request.phantom) continue;
    const pairs = pairsIn(request, device);
    if (pairs.length === 0) continue;
    return [
      `${device.drive}: memory of request #${request.number} is used twice: ${pairs.join('; ')}. What is written to one changes the other. Is one ` +
        'address given twice, or does the memory that one of them comes from (such as a heap) begin where variables of the kernel are?',
    ];
  }
  return [];
}

function pairsIn({ roles }: RequestEvidence, device: DeviceEvidence): string[] {
  const own = roles.map(({ role, address, length }) => ({ name: role === 'status' ? 'status byte' : role, address, length }));
  const queue = partsOfQueue(device);
  return [...pairsOf(own), ...own.flatMap((one) => queue.flatMap((other) => pairsOf([one, other])))];
}

function partsOfQueue({ queue: { place } }: DeviceEvidence): Part[] {
  if (place === null || place.size === 0) return [];
  const { size } = place;
  return [
    { name: 'descriptor table', address: place.table, length: DESCRIPTOR_BYTES * size },
    { name: 'available ring', address: place.available, length: RING_HEADER_BYTES + AVAILABLE_ENTRY_BYTES * size },
    { name: 'used ring', address: place.used, length: RING_HEADER_BYTES + USED_ELEMENT_BYTES * size },
  ];
}

/** Of the same role, one stretch may well be given twice. */
function pairsOf(parts: readonly Part[]): string[] {
  return parts.flatMap((one, index) =>
    parts.slice(index + 1).flatMap((other) => (one.name !== other.name && share(one, other) ? [`${named(one)} and ${named(other)}`] : [])),
  );
}

function share(one: Part, other: Part): boolean {
  const [a, b] = [BigInt(one.address), BigInt(other.address)];
  return a < b + BigInt(other.length) && b < a + BigInt(one.length);
}

const named = ({ name, address, length }: Part): string => `${name} (${length} byte${length === 1 ? '' : 's'} at ${address})`;
