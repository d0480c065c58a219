/** In what state the devices were when the machine stopped. */
import { awaitedLoad } from '../../evidence/awaited-load.ts';
import { describeProblem } from '../../evidence/chain-problems.ts';
import type { DeviceEvidence, Evidence } from '../../evidence/evidence.ts';
import { findingLead, findingStack } from '../../evidence/finding-place.ts';
import type { LoopLoadEvidence } from '../../evidence/loop.ts';
import { queueMistake } from '../../evidence/queue-mistake.ts';
import { unserved } from '../../evidence/unserved.ts';
import type { Detail } from '../../result/result.ts';
import { ringSlot } from './ring-slot.ts';
import { text } from './text.ts';

/** The state of the devices that the loop could be waiting for: of the polled drive, or of all. */
export function devices(evidence: Evidence): Detail[] {
  const polled = awaitedLoad(evidence);
  const drive = polled !== undefined && 'drive' in polled.what ? polled.what.drive : null;
  const lines = evidence.devices.filter((one) => drive === null || one.drive === drive).flatMap((one) => stateOf(one, polled, evidence));
  const nothing =
    evidence.stop.reason === 'hang' ? [text('no event is scheduled that could end the loop: it is proved to run for ever')] : [];
  return [...lines, ...nothing];
}

/** `polled`: the load that the kernel waits for, if it waits in a loop. */
export function stateOf(device: DeviceEvidence, polled: LoopLoadEvidence | undefined, evidence: Evidence): Detail[] {
  return [...deviceState(device, evidence), ...wideDescriptors(device), ...misplaced(device, polled, evidence), ...slots(device, evidence)];
}

/** A table whose entries are longer than the device's. */
function wideDescriptors({ drive, queue: { wideDescriptor, place } }: DeviceEvidence): Detail[] {
  if (wideDescriptor === null || place === null) return [];
  return [
    text(
      `${drive}: the driver seems to have descriptors of 24 bytes, with a len of 8 bytes (the table is at ${place.table}, and its desc ` +
        `${wideDescriptor} is that of a header). A descriptor has 16 bytes: addr (8 bytes), len (4), flags (2), next (2)`,
    ),
  ];
}

/** Which slot of the available ring the device took instead of the driver's. */
function slots(device: DeviceEvidence, evidence: Evidence): Detail[] {
  return ringSlot(device, evidence).map((line) => text(`${device.drive}: ${line}`));
}

/** Where the driver and the device have different ideas of where the queue lies. */
function misplaced(device: DeviceEvidence, polled: LoopLoadEvidence | undefined, evidence: Evidence): Detail[] {
  const found = queueMistake(device, polled);
  if (found === null) return [];
  const isSaid = device.broken === null && (unserved(device, evidence)?.text.includes(found.blame) ?? false);
  return [...found.places, ...(isSaid ? [] : [found.blame])].map((line) => text(`${device.drive}: ${line}`));
}

function deviceState(device: DeviceEvidence, evidence: Evidence): Detail[] {
  const { drive, broken } = device;
  const ofDrive = evidence.requests.filter((one) => one.drive === drive);
  if (broken !== null) {
    const culprit = ofDrive.find(({ problem }) => problem !== null);
    const since = culprit === undefined || culprit.phantom ? '' : ` since request #${culprit.number}`;
    return [text(`${drive}: the device is broken${since}: ${describeProblem(broken)}; only a reset would end that`)];
  }
  const why = unserved(device, evidence);
  if (why !== null) {
    const stack = why.finding === null ? null : findingStack(why.finding, evidence.explanations);
    const place: Detail[] = stack === null ? [] : [{ kind: 'code', text: findingLead(why.finding!), stack }];
    return [text(`${drive}: ${why.text}`), ...place];
  }
  const waiting = ofDrive.filter(({ completion }) => completion === null);
  return waiting.length > 0 ? [] : [text(`${drive}: the device has answered every request that it was notified of (${ofDrive.length})`)];
}
