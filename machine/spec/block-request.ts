/**
 * Which bytes of a block request's chain play which role: header, data, status. The only place that says so.
 *
 * Only the position counts, whatever the descriptors' flags are and however many descriptors a driver uses: VIRTIO 1.2, 2.7.4 forbids a
 * device to assume any framing, and by 5.2.6 a request is a header of 16 bytes, the data, and one status byte. So a driver that puts all
 * of it into one descriptor is understood just as one that uses three, and a wrong flag is seen at the role that has it.
 */
import { DESCRIPTOR_FLAG, REQUEST_HEADER_BYTES, REQUEST_STATUS_BYTES } from './virtio.ts';

export type RequestRole = 'header' | 'data' | 'status';

/** The fields of a descriptor that are needed here. */
export interface RequestDescriptor {
  readonly address: bigint;
  readonly length: number;
  readonly flags: number;
}

/** A stretch of bytes in one descriptor that plays one role. */
export interface RoleStretch {
  readonly role: RequestRole;
  /** Position in the chain (not the index in the table). */
  readonly descriptor: number;
  readonly address: bigint;
  readonly length: number;
  readonly deviceWritable: boolean;
}

export function isDeviceWritable(flags: number): boolean {
  return (flags & DESCRIPTOR_FLAG.WRITE) !== 0;
}

/** Whether the device stopped reading at the last of these descriptors although the chain goes on, because it refused the chain there. */
export function isCut(descriptors: readonly RequestDescriptor[]): boolean {
  return ((descriptors.at(-1)?.flags ?? 0) & DESCRIPTOR_FLAG.NEXT) !== 0;
}

/**
 * The roles in chain order. If a chain is too short for all three, its first 16 bytes are the header, the next one is the status, and there
 * are no data. If the device refused a chain before its end, the last byte is not known, so there is no status. A descriptor that refers to
 * an indirect table does not belong to the request's bytes.
 */
export function rolesOf(descriptors: readonly RequestDescriptor[]): RoleStretch[] {
  const lengths = descriptors.map(({ flags, length }) => ((flags & DESCRIPTOR_FLAG.INDIRECT) === 0 ? length : 0));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const bounds: readonly [RequestRole, number][] = [
    ['header', REQUEST_HEADER_BYTES],
    ['data', isCut(descriptors) ? total : Math.max(REQUEST_HEADER_BYTES, total - REQUEST_STATUS_BYTES)],
    ['status', total],
  ];
  const stretches: RoleStretch[] = [];
  let start = 0;
  descriptors.forEach(({ address, flags }, descriptor) => {
    const end = start + lengths[descriptor]!;
    let from = start;
    for (const [role, bound] of bounds) {
      const to = Math.min(end, bound);
      if (to <= from) continue;
      // A buffer may claim to reach beyond the last address.
      const at = BigInt.asUintN(64, address + BigInt(from - start));
      stretches.push({ role, descriptor, address: at, length: to - from, deviceWritable: isDeviceWritable(flags) });
      from = to;
    }
    start = end;
  });
  return stretches;
}

/** Bytes of one role. */
export function roleLength(stretches: readonly RoleStretch[], role: RequestRole): number {
  return stretches.reduce((sum, stretch) => sum + (stretch.role === role ? stretch.length : 0), 0);
}

/** The roles in a chain that consists of data only, such as one for an entropy device (5.4.6). */
export function dataOnly(descriptors: readonly RequestDescriptor[]): RoleStretch[] {
  return descriptors.map(({ address, length, flags }, descriptor) => ({
    role: 'data',
    descriptor,
    address,
    length,
    deviceWritable: isDeviceWritable(flags),
  }));
}

const PRINTABLE = { first: 0x20, last: 0x7e };

/** The four bytes of a type as text; undefined if they are not all printable. No type of the specification is. */
export function asText(type: number): string | undefined {
  const bytes = [0, 8, 16, 24].map((shift) => (type >>> shift) & 0xff);
  return bytes.every((byte) => byte >= PRINTABLE.first && byte <= PRINTABLE.last) ? String.fromCharCode(...bytes) : undefined;
}
