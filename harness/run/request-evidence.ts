/** A traced request as plain JSON: one line of `run --events`, and one entry of a graded run's evidence. */

import type { DeviceKind, Fault, TracedRequest } from '../../machine/index.ts';
import { dataOnly, isDeviceWritable, roleLength, rolesOf } from '../../machine/spec/block-request.ts';
import { hex, hexOf } from '../bytes/hex.ts';
import type { FaultEvidence, RequestEvidence } from '../evidence/evidence.ts';

/** Whose request it is. */
export interface NamedDevice {
  readonly name: string;
  readonly kind: DeviceKind;
}

/** `dataBytes`: how many of the data's first bytes are kept, at most what the device traced. */
export function requestEvidence({ name, kind }: NamedDevice, request: TracedRequest, dataBytes: number): RequestEvidence {
  const stretches = kind === 'block' ? rolesOf(request.descriptors) : dataOnly(request.descriptors);
  return {
    number: request.number,
    drive: name,
    queue: request.queue,
    head: request.head,
    ringEntry: hex(request.ringEntry),
    table: hex(request.table),
    time: request.notifiedAt,
    instructions: Number(request.instructions),
    consoleBytes: request.consoleBytes,
    descriptors: request.descriptors.map(({ index, indirect, address, length, flags, next }) => ({
      index,
      indirect,
      address: hex(address),
      length,
      flags,
      next,
      deviceWritable: isDeviceWritable(flags),
    })),
    roles: stretches.map(({ address, ...stretch }) => ({ ...stretch, address: hex(address) })),
    type: request.type ?? null,
    reserved: request.reserved ?? null,
    sector: request.sector?.toString() ?? null,
    data: hexOf(request.data.subarray(0, dataBytes)),
    dataLength: roleLength(stretches, 'data'),
    completion: request.completion
      ? { time: request.completion.at, status: request.completion.status ?? null, usedLength: request.completion.usedLength }
      : null,
    phantom: request.phantom,
    problem: request.problem ?? null,
    fault: request.fault === undefined ? null : faultEvidence(request.fault),
  };
}

/** For replaced bytes only their number: the bytes themselves are in the request's data. */
function faultEvidence(fault: Fault): FaultEvidence {
  return fault.kind === 'data' ? { kind: 'data', bytes: fault.bytes.length } : fault;
}
