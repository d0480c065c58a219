/** In what state the devices were when the machine stopped. */
import { describeProblem } from '../../evidence/chain-problems.ts';
import type { DeviceEvidence, Evidence } from '../../evidence/evidence.ts';
import type { LoopLoadEvidence } from '../../evidence/explanation.ts';

/** The state of the devices that the loop could be waiting for: of the polled drive, or of all. */
export function devices(polled: LoopLoadEvidence | undefined, evidence: Evidence): string[] {
  const drive = polled !== undefined && 'drive' in polled.what ? polled.what.drive : null;
  const lines = evidence.devices.filter((one) => drive === null || one.drive === drive).flatMap((one) => deviceState(one, evidence));
  const nothing = evidence.stop.reason === 'hang' ? ['no event is scheduled that could end the loop: it is proved to run for ever'] : [];
  return [...lines, ...nothing];
}

function deviceState({ drive, unnotified, broken }: DeviceEvidence, { requests }: Evidence): string[] {
  const ofDrive = requests.filter((one) => one.drive === drive);
  if (broken !== null) {
    const culprit = ofDrive.find(({ problem }) => problem !== null);
    const since = culprit === undefined ? '' : ` since request #${culprit.number}`;
    return [`${drive}: the device is broken${since}: ${describeProblem(broken)}; only a reset would end that`];
  }
  if (unnotified > 0) {
    const next = (ofDrive.at(-1)?.number ?? 0) + 1;
    const which = unnotified === 1 ? `request #${next} is` : `requests #${next} to #${next + unnotified - 1} are`;
    return [`${drive}: ${which} in the available ring, but QueueNotify was not written since`];
  }
  const waiting = ofDrive.filter(({ completion }) => completion === null);
  return waiting.length > 0 ? [] : [`${drive}: the device has answered every request that it was notified of (${ofDrive.length})`];
}
