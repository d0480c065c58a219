/** A traced request as plain JSON: one line of `run --events`, and one entry of a graded run's evidence. */

import type { DeviceKind, Fault, TracedDescriptor, TracedRequest } from '../../machine/index.ts';
import { dataOnly, roleLength, rolesOf } from '../../machine/spec/block-request.ts';
import { hex, hexOf } from '../bytes/hex.ts';
import type { DescriptorEvidence, FaultEvidence, RequestEvidence } from '../evidence/evidence.ts';

/** Whose request it is. */
export interface NamedDevice {
  readonly name: string;
  readonly kind: DeviceKind;
}

/** What evidence says of a chain's descriptors. */
type ChainEvidence = Pick<RequestEvidence, 'descriptors' | 'roles' | 'dataLength'>;

/** Requests with equal descriptors share one list of them (machine/virtio/record/recorder.ts), and so they do in evidence. */
const CHAINS = new WeakMap<TracedRequest['descriptors'], ChainEvidence>();

/** `dataBytes`: how many of the data's first bytes are kept, at most what the device traced. */
export function requestEvidence({ name, kind }: NamedDevice, request: TracedRequest, dataBytes: number): RequestEvidence {
  const chain = CHAINS.get(request.descriptors) ?? chainEvidence(kind, request.descriptors);
  CHAINS.set(request.descriptors, chain);
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
    descriptors: chain.descriptors,
    roles: chain.roles,
    type: request.type ?? null,
    reserved: request.reserved ?? null,
    sector: request.sector?.toString() ?? null,
    data: hexOf(request.data.subarray(0, dataBytes)),
    dataLength: chain.dataLength,
    completion: request.completion
      ? { time: request.completion.at, status: request.completion.status ?? null, usedLength: request.completion.usedLength }
      : null,
    phantom: request.phantom,
    problem: request.problem ?? null,
    fault: request.fault === undefined ? null : faultEvidence(request.fault),
  };
}

const DESCRIPTORS = new WeakMap<TracedDescriptor, DescriptorEvidence>();

function descriptorEvidence(descriptor: TracedDescriptor): DescriptorEvidence {
  const known = DESCRIPTORS.get(descriptor);
  if (known !== undefined) return known;
  const { index, indirect, address, length, flags, next } = descriptor;
  const made = { index, indirect, address: hex(address), length, flags, next };
  DESCRIPTORS.set(descriptor, made);
  return made;
}

function chainEvidence(kind: DeviceKind, descriptors: TracedRequest['descriptors']): ChainEvidence {
  const stretches = kind === 'block' ? rolesOf(descriptors) : dataOnly(descriptors);
  return {
    descriptors: descriptors.map(descriptorEvidence),
    roles: stretches.map(({ address, ...stretch }) => ({ ...stretch, address: hex(address) })),
    dataLength: roleLength(stretches, 'data'),
  };
}

/** For replaced bytes only their number: the bytes themselves are in the request's data. */
function faultEvidence(fault: Fault): FaultEvidence {
  return fault.kind === 'data' ? { kind: 'data', bytes: fault.bytes.length } : fault;
}
