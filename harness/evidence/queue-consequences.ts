/**
 * Broken rules that only follow from a queue which the device has elsewhere than its driver: what the device finds there was never meant for
 * it. Reference: VIRTIO 1.2, 2.7.5 to 2.7.8. Left out: notes, which reports only count.
 */
import { awaitedLoad } from './awaited-load.ts';
import type { Evidence } from './evidence.ts';
import type { FindingEvidence } from './finding.ts';
import { queueMistake } from './queue-mistake.ts';

/** By the ring that they are about. */
const OF_AVAILABLE: ReadonlySet<string> = new Set(['avail-flags', 'avail-flags-event-index', 'avail-index-jumped']);
const OF_USED: ReadonlySet<string> = new Set(['used-ring-not-zeroed']);

/** Whether this finding of the run's says nothing more than that the queue lies elsewhere, which the run's end says. */
export function followsFromQueue({ rule, drive, request }: FindingEvidence, evidence: Evidence): boolean {
  const device = evidence.devices.find((one) => one.drive === drive);
  const mistake = device === undefined ? null : queueMistake(device, awaitedLoad(evidence));
  if (mistake === null) return false;
  const { elsewhere } = mistake;
  if (OF_USED.has(rule)) return elsewhere.has('used');
  // Chains are found by the available ring, in the table.
  if (request !== null) return elsewhere.has('available') || elsewhere.has('table');
  return OF_AVAILABLE.has(rule) && elsewhere.has('available');
}
