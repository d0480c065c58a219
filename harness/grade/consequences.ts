/**
 * Broken rules that only follow from what else is wrong: reports leave them out, since they lead away from the mistake. Pure. Left out: notes,
 * which reports only count.
 */
import type { Evidence } from '../evidence/evidence.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import { followsFromQueue } from '../evidence/queue-consequences.ts';
import type { Consequence } from '../result/result.ts';
import { hasOverlappingQueue, isOverlapping } from './why/overlaps.ts';

/** What a finding only follows from; null if it says something of its own. */
export function consequence(finding: FindingEvidence, evidence: Evidence): Consequence | null {
  if (followsFromQueue(finding, evidence)) return 'queue-place';
  if (isOfForeignChain(finding, evidence)) return 'foreign-chain';
  return isOfSharedMemory(finding, evidence) ? 'shared-memory' : null;
}

/** It is about a chain that the device took from an entry of the available ring where the driver had put none. */
function isOfForeignChain({ drive, request, rule }: FindingEvidence, { explanations, requests }: Evidence): boolean {
  const entry = explanations?.drivers.find((one) => one.drive === drive)?.entry ?? null;
  if (entry === null || request === null || request < entry.request || RACE.test(rule)) return false;
  return requests.some((one) => one.drive === drive && one.number === request && one.queue === 0);
}

function isOfSharedMemory({ drive, request, rule }: FindingEvidence, evidence: Evidence): boolean {
  if (OF_RINGS.has(rule)) return hasOverlappingQueue(drive, evidence);
  const own = RACE.test(rule) ? evidence.requests.find((one) => one.drive === drive && one.number === request) : undefined;
  return own !== undefined && isOverlapping(own, evidence);
}

/** Rules about memory that the device may use at that time. */
const RACE = /^race-/;
/** Rules about what stands in a ring. */
const OF_RINGS: ReadonlySet<string> = new Set(['avail-flags', 'avail-flags-event-index', 'avail-index-jumped', 'used-ring-not-zeroed']);
