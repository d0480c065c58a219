/** Where a device has queue 0, and where its driver has it, as plain JSON. */
import type { DeviceView, Machine } from '../../machine/index.ts';
import { AVAILABLE_ENTRY_BYTES, RING_HEADER_BYTES } from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';
import type { StopReason } from '../evidence/evidence.ts';
import type { QueueEvidence } from '../evidence/queue.ts';
import { driverQueue } from './driver-queue.ts';
import { wideDescriptor } from './wide-descriptor.ts';

/** Ends at which a driver may be waiting for an answer that it will never see. */
const WAITED: ReadonlySet<StopReason> = new Set(['idle', 'waiting-for-input', 'hang', 'limit', 'trap-loop']);

/** Entries of the available ring that are kept. */
const MOST_ENTRIES = 16;

export function queueEvidence(
  machine: Machine,
  { queue, queueRegisters, trace, kind, unnotified }: DeviceView,
  reason: StopReason,
): QueueEvidence {
  const at = queue();
  const registers = Object.fromEntries([...queueRegisters()].map(([name, value]) => [name, hex(BigInt(value >>> 0))]));
  const place = at === undefined ? null : placeOf(at, machine);
  const isUnserved = trace.broken !== undefined || unnotified() > 0 || trace.requests.some(({ completion }) => completion === undefined);
  const isInDoubt = trace.notifies > 0 && (trace.requests.length === 0 || isUnserved || WAITED.has(reason));
  const isBlock = kind === 'block' && isInDoubt;
  return {
    registers,
    place,
    wideDescriptor: isBlock && place !== null ? wideDescriptor(machine, place) : null,
    driver: isBlock
      ? driverQueue(machine, place, { notifies: trace.notifies, isServed: trace.requests.some(({ problem }) => problem === undefined) })
      : null,
  };
}

function placeOf({ table, available, used, size }: NonNullable<ReturnType<DeviceView['queue']>>, { debug }: Machine) {
  const read16 = (address: bigint): number => {
    const bytes = debug.readMemory(address, 2);
    return bytes === undefined ? 0 : bytes[0]! | (bytes[1]! << 8);
  };
  const slots = Math.min(size, MOST_ENTRIES);
  const entryAt = (slot: number): bigint => available + BigInt(RING_HEADER_BYTES + AVAILABLE_ENTRY_BYTES * slot);
  return {
    table: hex(table),
    available: hex(available),
    used: hex(used),
    size,
    index: read16(available + 2n),
    entries: Array.from({ length: slots }, (_, slot) => read16(entryAt(slot))),
  };
}
