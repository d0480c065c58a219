/**
 * Which bytes of a block request's chain play which role: header, data, status.
 *
 * By position alone, whatever the descriptors' flags say and however many of them a driver uses: virtio 1.2, 2.7.4 forbids a
 * device to assume any framing, and 5.2.6 lays a request out as a 16-byte header, the data, and one status byte. So a driver
 * that puts all of it into one descriptor is read as rightly as one that uses three, and a wrong flag shows in its role.
 */
import type { TracedDescriptor } from '../../machine/index.ts';
import type { Role } from '../evidence/evidence.ts';

/** Bytes of `struct virtio_blk_req` before the data: type, reserved, sector. */
export const HEADER_BYTES = 16;

const STATUS_BYTES = 1;

/** VIRTQ_DESC_F_NEXT: the chain goes on. */
const FLAG_NEXT = 1;

/** VIRTQ_DESC_F_WRITE: the device writes this buffer. */
const FLAG_WRITE = 2;

/** VIRTQ_DESC_F_INDIRECT: the buffer is a table of descriptors, no part of the request itself. */
const FLAG_INDIRECT = 4;

/** A stretch of bytes in one descriptor that plays one role. */
export interface RoleStretch {
  readonly role: Role;
  /** Position in `descriptors` (not the index in the table). */
  readonly descriptor: number;
  readonly address: bigint;
  readonly length: number;
  readonly deviceWritable: boolean;
}

export function isDeviceWritable(flags: number): boolean {
  return (flags & FLAG_WRITE) !== 0;
}

/**
 * The roles in chain order. A chain too short for all three has its first bytes as header, then the status, and no data. One that the device
 * refused before its end has no known last byte, and so no status.
 */
export function rolesOf(descriptors: readonly Pick<TracedDescriptor, 'address' | 'length' | 'flags'>[]): RoleStretch[] {
  const parts = descriptors.map((descriptor) => ((descriptor.flags & FLAG_INDIRECT) === 0 ? descriptor.length : 0));
  const total = parts.reduce((sum, length) => sum + length, 0);
  const isCut = ((descriptors.at(-1)?.flags ?? 0) & FLAG_NEXT) !== 0;
  const bounds: readonly [Role, number][] = [
    ['header', HEADER_BYTES],
    ['data', isCut ? total : Math.max(HEADER_BYTES, total - STATUS_BYTES)],
    ['status', total],
  ];
  const stretches: RoleStretch[] = [];
  let start = 0;
  descriptors.forEach((descriptor, position) => {
    const end = start + parts[position]!;
    let from = start;
    for (const [role, bound] of bounds) {
      const to = Math.min(end, bound);
      if (to <= from) continue;
      stretches.push({
        role,
        descriptor: position,
        address: descriptor.address + BigInt(from - start),
        length: to - from,
        deviceWritable: isDeviceWritable(descriptor.flags),
      });
      from = to;
    }
    start = end;
  });
  return stretches;
}
