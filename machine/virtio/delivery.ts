/** How the answer to a request gets into the driver's buffers: the data first, then the status byte (VIRTIO 1.2, 2.7.8 and 5.2.6). */
import type { Fault } from '../spec/fault.ts';
import { WORK } from '../work-meter.ts';
import { type Answer, COPY_CHUNK, type VirtioType } from './device-type.ts';
import { altered } from './faults.ts';
import type { VirtioPorts } from './ports.ts';
import { scatter, slice, totalLength, unmappedLength } from './queue/buffer.ts';
import type { Chain } from './queue/virtqueue.ts';

/** Writes into the last device-writable byte; false if that does not lie in RAM. */
export function writeStatus({ memory }: Pick<VirtioPorts, 'memory'>, { writable }: Chain, status: number): boolean {
  const last = totalLength(writable) - 1;
  scatter(memory, writable, last, Uint8Array.of(status));
  return slice(writable, last, 1).every((byte) => unmappedLength(memory, byte) === 0);
}

/** Writes the answer in pieces, as far as the meter of work allows. */
export function deliver(
  { memory, work }: Pick<VirtioPorts, 'memory' | 'work'>,
  type: Pick<VirtioType, 'read'>,
  { writable }: Chain,
  { from, bytes }: Answer,
  fault: Fault | undefined,
): void {
  for (let at = 0; at < bytes.length && !work.over; at += COPY_CHUNK) {
    const length = Math.min(COPY_CHUNK, bytes.length - at);
    const own = bytes instanceof Uint8Array ? bytes.subarray(at, at + length) : type.read(bytes.position + at, length);
    const piece = altered(own, at, fault);
    work.add(WORK['kibibytes-moved'], Math.ceil(piece.length / 1024));
    scatter(memory, writable, from + at, piece);
  }
}
