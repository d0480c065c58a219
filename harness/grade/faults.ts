/** Which faults a scenario put in on purpose, when, and what they did to the run: sentences for reports. Pure. */

import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { Evidence, FaultEvidence, RequestEvidence } from '../evidence/evidence.ts';
import { faultEffect } from '../evidence/fault.ts';
import type { FaultSetup, Scenario } from '../vocabulary/scenario.ts';
import { shortName } from '../vocabulary/virtio-names.ts';

/** First those that requests had, in their order; then those that no request came for. */
export function faultSentences({ faults, machine: { drives } }: Scenario, { requests, requestCounts, pc }: Evidence): string[] {
  // Nothing ran.
  if (pc === null) return [];
  const severalDrives = drives.length > 1;
  const there = requests.filter(hasFault).map((request) => `${nameOf(request, severalDrives)} ${faultEffect(request, requests)}`);
  return [
    ...there,
    ...faults.filter((fault) => !hasCome(fault, requestCounts)).map((fault) => absent(fault, requestCounts, severalDrives)),
  ];
}

type Counts = Evidence['requestCounts'];

function hasFault(request: RequestEvidence): request is RequestEvidence & { fault: FaultEvidence } {
  return request.fault !== null;
}

/** `request #2 (OUT, sector 1, after 93,171 instructions)` */
function nameOf({ number, drive, type, sector, instructions }: RequestEvidence, severalDrives: boolean): string {
  const what = type === null ? 'incomplete header' : shortName(REQUEST_TYPES, type);
  const where = sector === null ? [] : [`sector ${sector}`];
  const when = `after ${groupedDigits(instructions)} instructions`;
  return `request #${number}${severalDrives ? ` to ${drive}` : ''} (${[what, ...where, when].join(', ')})`;
}

/** The device counts phantoms as well, for its faults. */
function ofItsKind({ drive, type }: FaultSetup, counts: Counts): number {
  const own = counts.filter((one) => one.drive === drive && (type === null || one.type === type));
  return own.reduce((sum, { made }) => sum + made, 0);
}

function hasCome(fault: FaultSetup, counts: Counts): boolean {
  return ofItsKind(fault, counts) >= fault.nth;
}

function absent(fault: FaultSetup, counts: Counts, severalDrives: boolean): string {
  const kind = `${fault.type === null ? '' : `${shortName(REQUEST_TYPES, fault.type)} `}request${severalDrives ? ` to ${fault.drive}` : ''}`;
  const made = ofItsKind(fault, counts);
  const why = made === 0 ? `the driver made no ${kind}` : `the driver made only ${made} of them`;
  return `the rubric's fault for ${kind} number ${fault.nth} was not put in: ${why}`;
}
