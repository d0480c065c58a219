/** Why a device has not found a chain that its driver means to have given it: from what it saw of the driver, in words. */
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { DeviceEvidence, Evidence } from './evidence.ts';
import type { FindingEvidence } from './finding.ts';
import { queueMistake, whyMissing } from './queue-mistake.ts';

export interface Unserved {
  /** What stands after the drive's name: a sentence without a full stop. */
  readonly text: string;
  /** The finding that says so, with its place in the code; null if there is none. */
  readonly finding: FindingEvidence | null;
}

/** Null if the device has found all that it was notified of, and was notified of all that there is. */
export function unserved(device: DeviceEvidence, { requests, findings }: Evidence): Unserved | null {
  const { drive, unnotified, notifies, broken, version, queueSize } = device;
  if (broken !== null) return null;
  const last = requests.findLast((one) => one.drive === drive);
  /** A finding of which the driver has not recovered: no request came after it. */
  const standing = (rule: string): FindingEvidence | null =>
    findings.find((one) => one.drive === drive && one.rule === rule && (last === undefined || one.time > last.time)) ?? null;
  const outside = standing('queue-outside-memory');
  if (outside !== null) return { text: 'the device finds no chain, since its queue does not lie in memory', finding: outside };
  const hasForeign = findings.some((one) => one.drive === drive && one.rule === 'register-unknown');
  const foreign = hasForeign ? `. It uses registers that Version ${version} does not have` : '';
  const unknown = standing('notify-unknown-queue');
  if (unknown !== null)
    return { text: 'the driver wrote QueueNotify for a queue that the device does not have: the disk has queue 0 only', finding: unknown };
  const missing = standing('queue-missing');
  if (missing !== null)
    return {
      text: `the device was notified, but it has no queue: ${whyMissing(device)}${foreign}`,
      finding: missing,
    };
  const early = standing('notify-without-chain');
  // A driver that starts again clears its rings, and the device still counts on, unless it is reset.
  if (queueSize > 0 && unnotified > queueSize) {
    const text = `the index of the available ring (avail.idx) is ${groupedDigits(unnotified)} ahead of the device, more than the queue has entries`;
    return { text: `${text}: was the ring cleared without a reset of the device?`, finding: null };
  }
  const narrow = findings.find((one) => one.drive === drive && one.rule === 'register-width' && one.register === 'QueueNotify');
  const which = nextRequests((last?.number ?? 0) + 1, unnotified);
  if (unnotified > 0 && notifies === 0 && narrow !== undefined) {
    return {
      text: `${which} in the available ring, but QueueNotify was not written with 32 bits, and the device ignores any other width`,
      finding: narrow,
    };
  }
  if (unnotified > 0 && notifies === 0) return { text: `${which} in the available ring, but QueueNotify was never written`, finding: null };
  if (unnotified > 0 && early !== null) {
    return {
      text: `${which} in the available ring, but the driver wrote QueueNotify before it raised the ring's index (avail.idx), and not since: raise the index first`,
      finding: early,
    };
  }
  if (unnotified > 0) return { text: `${which} in the available ring, but QueueNotify was not written since`, finding: null };
  if (early === null) return null;
  const nothing = 'the driver wrote QueueNotify, but the device found nothing new in the available ring';
  const size = standing('queue-too-large');
  if (size !== null) {
    return { text: `${nothing}: it has refused the queue's size, so it looks for the ring elsewhere than the driver`, finding: size };
  }
  const mistake = queueMistake(device);
  if (mistake !== null) return { text: `${nothing}: ${mistake.blame}`, finding: early };
  if (queueSize === 0) {
    const text = `${nothing}: QueueNum was never written, so it takes its own size, and looks for the ring elsewhere than the driver`;
    return { text, finding: early };
  }
  return { text: `${nothing}: ${unchanged(device)}`, finding: early };
}

/** What the device sees of its available ring. */
function unchanged({ queueSize, queue: { place, driver } }: DeviceEvidence): string {
  const at = place === null ? '' : ` at 0x${(BigInt(place.available) + 2n).toString(16)}`;
  const where = `where it looks for the ring's index (avail.idx${at}), in a queue of ${queueSize} entries, nothing has changed`;
  // Both have the table at one place, and so, over the legacy interface, the ring.
  const agree = driver !== null && driver.table === place?.table;
  return agree
    ? `${where}. It has the chain's descriptors in its table (the first is desc ${driver.head}): was the index raised, or is it in a different place?`
    : `${where}. Was the index raised, and do driver and device agree on the size and the place of the queue?`;
}

function nextRequests(first: number, count: number): string {
  return count === 1 ? `request #${first} is` : `requests #${first} to #${first + count - 1} are`;
}
