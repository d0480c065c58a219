/**
 * Whether a driver's descriptors have 24 bytes: a length of 8 bytes instead of 4 makes a compiler place flags and next 16 bytes after the
 * beginning, and round the size up. Reference: VIRTIO 1.2, 2.7.5. Left out: tables that the device has elsewhere than the driver.
 */
import type { Machine } from '../../machine/index.ts';
import { DESCRIPTOR_FLAG, REQUEST_HEADER_BYTES } from '../../machine/spec/virtio.ts';
import type { QueueEvidence } from '../evidence/queue.ts';

const WIDE_BYTES = 24;
const MOST_ENTRIES = 1024;
const { NEXT, WRITE } = DESCRIPTOR_FLAG;

/** The first descriptor of a chain of such ones, from a header on to a further buffer; null if the table holds none. */
export function wideDescriptor({ debug }: Machine, { table, size }: NonNullable<QueueEvidence['place']>): number | null {
  const at = (index: number) => {
    const bytes = index >= size ? undefined : debug.readMemory(BigInt(table) + BigInt(WIDE_BYTES * index), WIDE_BYTES);
    const view = bytes && new DataView(bytes.buffer);
    return (
      view && {
        address: view.getBigUint64(0, true),
        length: view.getBigUint64(8, true),
        flags: view.getUint16(16, true),
        next: view.getUint16(18, true),
      }
    );
  };
  const isBuffer = (address: bigint): boolean => debug.readMemory(address, 1) !== undefined;
  for (let index = 0; index < Math.min(size, MOST_ENTRIES); index++) {
    const first = at(index);
    if (first === undefined) return null;
    if (first.length !== BigInt(REQUEST_HEADER_BYTES) || first.flags !== NEXT || first.next === index || !isBuffer(first.address)) continue;
    const second = at(first.next);
    const isSecond = second !== undefined && second.length > 0n && second.flags > 0 && second.flags <= (NEXT | WRITE);
    if (isSecond && isBuffer(second.address)) return index;
  }
  return null;
}
