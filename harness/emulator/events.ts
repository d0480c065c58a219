/**
 * `--events FILE`: every request that the virtio devices saw, one JSON line each, in the order of their notifies.
 *
 * A line is the request as evidence has it (harness/evidence/evidence.ts), except that each descriptor names its role,
 * the data is cut to its first bytes, `boot` counts the power-ons of a machine that rebooted, and there are
 * no faults on purpose.
 */
import type { TracedRequest } from '../../machine/index.ts';
import { type NamedDevice, requestEvidence } from '../run/request-evidence.ts';

/** Of a request's data, how many bytes a line shows. */
const DATA_BYTES = 64;

/** `devices`: in the machine's order. `boots`: for each power-on, each device's requests. */
export function eventLines(
  devices: readonly NamedDevice[],
  boots: readonly (readonly { readonly requests: readonly TracedRequest[] }[])[],
): string {
  return boots
    .flatMap((seen, index) =>
      seen
        .flatMap(({ requests }, n) => requests.map((request) => ({ device: devices[n]!, request })))
        .sort((a, b) => a.request.notifiedAt - b.request.notifiedAt)
        .map(({ device, request }) => `${JSON.stringify({ boot: index + 1, ...eventOf(device, request) })}\n`),
    )
    .join('');
}

function eventOf(device: NamedDevice, request: TracedRequest) {
  const { roles, descriptors, fault: _, ...rest } = requestEvidence(device, request, DATA_BYTES);
  return {
    ...rest,
    descriptors: descriptors.map((descriptor, position) => ({
      ...descriptor,
      /** Most descriptors play one role; one that holds several names them all: "header+data". */
      role: roles
        .filter((stretch) => stretch.descriptor === position)
        .map(({ role }) => role)
        .join('+'),
    })),
  };
}
