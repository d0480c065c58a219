/**
 * The state of the devices where a kernel has given up, or powered off, with a request that has had no answer: as for a kernel that waits for
 * ever. Left out: kernels that came to an exception, which is what stopped them.
 */
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import type { DeviceEvidence, Evidence } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import { queueMistake, whyMissing } from '../../evidence/queue-mistake.ts';
import { requestsMade } from '../../evidence/request-counts.ts';
import { unserved } from '../../evidence/unserved.ts';
import type { Detail } from '../../result/result.ts';
import { stateOf } from './devices.ts';
import { text } from './text.ts';

/** What a kernel prints that has waited long enough. */
const TIMED_OUT = /time[- ]?d? ?out|no (?:answer|response|reply)|not (?:answer|respond)|stuck|hung/i;

export function gaveUp(evidence: Evidence): Detail[] {
  const { exception, stop, devices, loop, explanations } = evidence;
  const panic = panicOf(evidence);
  const hasEnded = stop.reason === 'poweroff' || stop.reason === 'reset';
  // The state is said with the loop already.
  const isLooping = loop !== null && (!loop.sleeps || (explanations?.loop ?? null) !== null);
  if (exception !== null || isLooping || (panic === null && !hasEnded)) return [];
  return devices.flatMap((device) => {
    if (isInTrouble(device, evidence) || (panic !== null && unserved(device, evidence) !== null))
      return stateOf(device, undefined, evidence);
    if (panic !== null && hasOtherQueue(device))
      return [text(`${device.drive}: ${whyMissing(device)}: QueueNumMax of a queue that it does not have is 0`)];
    return panic === null ? [] : waiting(device, evidence, TIMED_OUT.test(panic.message));
  });
}

/** A notify for nothing, at the end of a run in which all else went well, is no trouble. */
function isInTrouble(device: DeviceEvidence, evidence: Evidence): boolean {
  const { drive, broken, unnotified } = device;
  const hasNone = !evidence.requests.some((one) => one.drive === drive) && unserved(device, evidence) !== null;
  return broken !== null || unnotified > 0 || hasNone || queueMistake(device) !== null;
}

/** A driver that came no further than to a queue that the device does not have. */
function hasOtherQueue({ notifies, queue: { place, registers } }: DeviceEvidence): boolean {
  return notifies === 0 && place === null && BigInt(registers['QueueSel'] ?? '0x0') !== 0n;
}

/** Requests that the device has found, of a kernel that gave up. */
function waiting({ drive, queue: { place } }: DeviceEvidence, { requests, requestCounts, time }: Evidence, hasTimedOut: boolean): Detail[] {
  const own = requests.filter((one) => one.drive === drive && one.queue === 0);
  const open = own.find(({ completion }) => completion === null);
  if (open !== undefined) {
    const after = groupedDigits(Math.round((time - open.time) / 1000));
    return [
      text(`${drive}: the device had not answered request #${open.number} when the machine stopped, ${after} µs after it was notified`),
    ];
  }
  if (!hasTimedOut || place === null || own.length === 0) return [];
  const index = `0x${(BigInt(place.used) + 2n).toString(16)}`;
  return [
    text(
      `${drive}: the device has answered every request that it was notified of (${requestsMade(requestCounts, { drive })}): it has the used ring at ${place.used}, ` +
        `with used.idx at ${index}. Does the driver look there, and does it wait long enough?`,
    ),
  ];
}
