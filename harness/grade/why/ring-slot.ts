/**
 * A head that stands in the wrong slot of the available ring: what the device took instead, and where the driver's own chain is. Reference:
 * VIRTIO 1.2, 2.7.13.1. Left out: chains that are malformed themselves, and slots beyond those in the evidence.
 */
import { AVAILABLE_ENTRY_BYTES, RING_HEADER_BYTES } from '../../../machine/spec/virtio.ts';
import type { DeviceEvidence, Evidence, RequestEvidence } from '../../evidence/evidence.ts';
import type { QueueEvidence } from '../../evidence/queue.ts';

type Place = NonNullable<QueueEvidence['place']>;

export function ringSlot({ drive, notifies, queue }: DeviceEvidence, { requests, stop }: Evidence): string[] {
  const { place, driver } = queue;
  if (place === null || driver === null || driver.table !== place.table) return [];
  const own = requests.filter((one) => one.drive === drive && one.queue === 0 && !one.phantom);
  const culprit = own.find(({ problem }) => problem !== null);
  if (culprit === undefined) return stop.reason === 'hang' ? alwaysFirst(place, own) : [];
  // The chain that the driver made is malformed itself, and so is what is wrong.
  if (culprit.head === driver.head) return [];
  const slot = slotOf(culprit, place);
  const took = `the device took request #${culprit.number} from avail.ring[${slot}], which holds ${culprit.head}: desc ${culprit.head} is not the first of a chain`;
  if (culprit.number > notifies && culprit.head === 0) {
    return [
      took,
      `avail.idx is ${place.index}, and the device was notified ${notifies === 1 ? 'once' : `${notifies} times`}: it must be raised by 1 for each chain that is put into the ring`,
    ];
  }
  const elsewhere = place.entries.flatMap((head, index) => (head === driver.head && index !== slot ? [index] : []));
  const where =
    elsewhere.length === 0
      ? 'and that number is not in the ring'
      : `and that number is in avail.ring[${elsewhere[0]}]: the head belongs in avail.ring[avail.idx % ${place.size}], and avail.idx is raised after that`;
  return [took, `the chain that the driver made begins at desc ${driver.head}, ${where}`];
}

/** The entry of the available ring from which the device took a request. */
export function slotOf({ ringEntry }: RequestEvidence, { available }: Place): number {
  return (Number(BigInt(ringEntry) - BigInt(available)) - RING_HEADER_BYTES) / AVAILABLE_ENTRY_BYTES;
}

/** Only the first slot was ever written to, although there were several requests. */
function alwaysFirst({ entries, index }: Place, requests: readonly RequestEvidence[]): string[] {
  const [first, ...others] = entries.slice(0, index);
  if (requests.length < 2 || first === undefined || first === 0 || others.length === 0 || others.some((head) => head !== 0)) return [];
  return [
    `avail.idx is ${index}, but of the slots of the available ring only avail.ring[0] holds a head (${first}), and the others hold 0: is every head put into avail.ring[0]? It belongs in avail.ring[avail.idx % size]`,
  ];
}
