/** What was done to a request on purpose, in words for reports. */
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import type { FaultEvidence, RequestEvidence } from './evidence.ts';
import { guestTime } from './guest-time.ts';

/** The end of a sentence about the request: `made to fail with IOERR`. */
export function faultText(fault: FaultEvidence): string {
  switch (fault.kind) {
    case 'answer':
      return `made to fail with ${fault.answer}`;
    case 'late':
      return `made to complete ${guestTime(fault.nanoseconds)} late`;
    case 'after-next':
      return 'made to complete after the next one';
    case 'interrupt-lost':
      return 'made to complete without an interrupt';
    case 'interrupt-joined':
      return 'made to complete together with the next one, with one interrupt for both';
    case 'power-cut':
      return 'the moment at which the power went off';
    case 'data':
      return 'made to answer with other bytes than the disk holds';
  }
}

/** What the fault did, as the rest of a sentence that begins with the request. `all`: the requests of the run, in their order. */
export function faultEffect(request: RequestEvidence & { fault: FaultEvidence }, all: readonly RequestEvidence[]): string {
  const { fault, completion } = request;
  const text = `was ${faultText(fault)}`;
  if (fault.kind === 'power-cut') return `${text}: it was not carried out, and all requests before it were`;
  if (completion === null) return `${text}; it was not complete when the machine stopped`;
  switch (fault.kind) {
    case 'answer':
      return `${text}; ${refused(request)}`;
    case 'late':
      return `${text}; ${overtaking(faster(request, completion.time - 1, all)) ?? 'no other request overtook it'}`;
    case 'after-next': {
      const none = 'the driver made none while this one waited, so it only completed late';
      return `${text}; ${overtaking(faster(request, completion.time, all)) ?? none}`;
    }
    case 'interrupt-joined': {
      const isJoined = faster(request, completion.time, all).length > 0;
      return isJoined ? text : `${text}; the driver made none while this one waited, so it only completed late`;
    }
    case 'interrupt-lost':
    case 'data':
      return text;
  }
}

function refused({ type }: RequestEvidence): string {
  switch (type) {
    case REQUEST_TYPES.IN:
      return 'the device read nothing';
    case REQUEST_TYPES.OUT:
      return 'the device wrote nothing to the disk';
    default:
      return 'the device did nothing';
  }
}

/** The requests to the drive that were made later and completed until a time. */
function faster({ drive, number }: RequestEvidence, until: number, all: readonly RequestEvidence[]): RequestEvidence[] {
  return all.filter((one) => one.drive === drive && one.number > number && one.completion !== null && one.completion.time <= until);
}

/** Requests that are named. */
const NAMED = 4;

/** null: there are none. */
function overtaking(requests: readonly RequestEvidence[]): string | null {
  const named = requests.slice(0, NAMED).map(({ number }) => `#${number}`);
  const rest = requests.length - named.length;
  if (requests.length === 0) return null;
  return `${requests.length === 1 ? 'request' : 'requests'} ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} overtook it`;
}
