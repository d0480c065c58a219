/** What the driver asked for, changed: type, sector, every descriptor's direction, lengths, data, answer; one request missing, one too many. */

import { isDeviceWritable } from '../../../machine/spec/block-request.ts';
import { ANSWERS, DESCRIPTOR_FLAG, REQUEST_TYPES } from '../../../machine/spec/virtio.ts';
import { bytesOfHex, hexOf } from '../../bytes/hex.ts';
import type { Evidence, RequestEvidence, RoleEvidence } from '../../evidence/evidence.ts';
import { shortName } from '../../vocabulary/virtio-names.ts';
import { MOST_OF_A_KIND, type Mutation, replaced } from './kind.ts';

/** A changed request: the end of the mutation's name, what is different, and the fields that are. */
interface Change {
  name: string;
  what: string;
  fields: Partial<RequestEvidence>;
}

/** A type that virtio does not have. */
const UNKNOWN_TYPE = 0x99;

export function requestMutations(evidence: Evidence): Mutation[] {
  return evidence.requests.slice(0, MOST_OF_A_KIND).flatMap((request, index): Mutation[] => {
    const changed = CHANGES.flatMap((changes) => changes(request)).map(({ name, what, fields }) => ({
      name: `${nameOf(request)}/${name}`,
      what,
      evidence: { ...evidence, requests: replaced(evidence.requests, index, { ...request, ...fields }) },
    }));
    // Where requests were left out, the numbers of the others would not be theirs any more.
    return evidence.requestsLeftOut > 0 ? changed : [...changed, ...numberMutations(evidence, request, index)];
  });
}

function nameOf({ drive, number }: RequestEvidence): string {
  return `${drive}/request-${number}`;
}

function numberMutations(evidence: Evidence, request: RequestEvidence, index: number): Mutation[] {
  const { requests } = evidence;
  const missing = { ...evidence, requests: renumbered(replaced(requests, index)) };
  const twice = { ...evidence, requests: renumbered(replaced(requests, index, request, request)) };
  const extra = { ...evidence, requests: renumbered(replaced(requests, index, elsewhere(request), request)) };
  return [
    { name: `${nameOf(request)}/missing`, what: 'the request was not made', evidence: missing },
    { name: `${nameOf(request)}/twice`, what: 'the request was made twice', evidence: twice },
    { name: `${nameOf(request)}/extra`, what: 'a request to the next sector was made before it', evidence: extra },
  ];
}

function elsewhere(request: RequestEvidence): RequestEvidence {
  return { ...request, sector: nextSector(request.sector) };
}

function nextSector(sector: string | null): string | null {
  return sector === null ? null : String(BigInt(sector) + 1n);
}

/** Requests count up drive by drive. */
function renumbered(requests: readonly RequestEvidence[]): RequestEvidence[] {
  const counts = new Map<string, number>();
  return requests.map((request) => {
    const number = (counts.get(request.drive) ?? 0) + 1;
    counts.set(request.drive, number);
    return { ...request, number };
  });
}

const CHANGES: readonly ((request: RequestEvidence) => Change[])[] = [types, sectors, directions, lengths, dataBytes, answers];

function types({ type }: RequestEvidence): Change[] {
  return [REQUEST_TYPES.IN, REQUEST_TYPES.OUT, REQUEST_TYPES.FLUSH, UNKNOWN_TYPE]
    .filter((other) => type !== null && other !== type)
    .map((other) => {
      const name = shortName(REQUEST_TYPES, other);
      return { name: `type=${name}`, what: `its type is ${name}`, fields: { type: other } };
    });
}

function sectors({ sector }: RequestEvidence): Change[] {
  return sector === null ? [] : [{ name: 'sector', what: 'its sector is the next one', fields: { sector: nextSector(sector) } }];
}

function directions({ descriptors, roles }: RequestEvidence): Change[] {
  return descriptors.slice(0, MOST_OF_A_KIND).map((descriptor, position) => {
    const deviceWritable = !isDeviceWritable(descriptor.flags);
    const played = roles.filter((piece) => piece.descriptor === position).map(({ role }) => role);
    return {
      name: `descriptor-${position + 1}/direction`,
      what: `descriptor ${position + 1} (${played.join(', ')}) says that the device ${deviceWritable ? 'writes' : 'reads'}`,
      fields: {
        descriptors: replaced(descriptors, position, { ...descriptor, flags: descriptor.flags ^ DESCRIPTOR_FLAG.WRITE }),
        roles: roles.map((piece) => (piece.descriptor === position ? { ...piece, deviceWritable } : piece)),
      },
    };
  });
}

/** A role's length can be wrong in these ways; header and status are as long as they are by position, or are cut off with what follows. */
function lengths(request: RequestEvidence): Change[] {
  const { roles, dataLength } = request;
  const data = roles.findIndex(({ role }) => role === 'data');
  const resized = (by: number): Change[] => {
    if (data === -1 || roles[data]!.length + by < 1) return [];
    const { descriptor, length } = roles[data]!;
    const fields = {
      descriptors: replaced(request.descriptors, descriptor, {
        ...request.descriptors[descriptor]!,
        length: request.descriptors[descriptor]!.length + by,
      }),
      roles: replaced(roles, data, { ...roles[data]!, length: length + by }),
      dataLength: dataLength + by,
    };
    return [{ name: `data/length=${length + by}`, what: `its data has ${length + by} bytes instead of ${length}`, fields }];
  };
  return [...resized(-1), ...resized(1), ...(data === -1 ? [] : resized(roles[data]!.length)), ...cutOff(request)];
}

/** Chains that end too early. */
function cutOff({ roles }: RequestEvidence): Change[] {
  const [header] = roles;
  if (header === undefined) return [];
  const short: RoleEvidence = { ...header, length: 8 };
  const nothing = { completion: null, data: '', dataLength: 0 };
  const fields = { ...nothing, type: null, sector: null, problem: 'the header is 8 bytes' };
  return [
    { name: 'header/length=8', what: 'its chain ends within the header', fields: { ...fields, roles: [short] } },
    {
      name: 'status/missing',
      what: 'its chain has no byte for the status',
      fields: { roles: roles.filter(({ role }) => role !== 'status'), completion: null, problem: 'no byte for the status' },
    },
  ];
}

/** First, middle and last byte of what is recorded. */
function dataBytes({ data }: RequestEvidence): Change[] {
  const length = data.length / 2;
  return [...new Set([0, length >> 1, length - 1])]
    .filter((at) => at >= 0 && at < length)
    .map((at) => {
      const bytes = bytesOfHex(data);
      bytes[at]! ^= 0xff;
      return { name: `data/byte-${at}`, what: `byte ${at} of its data is different`, fields: { data: hexOf(bytes) } };
    });
}

function answers({ completion }: RequestEvidence): Change[] {
  if (completion === null) return [];
  const other = Object.entries(ANSWERS).filter(([, status]) => status !== completion.status);
  return [
    ...other.map(([name, status]) => ({
      name: `answer=${name}`,
      what: `the device answered ${name}`,
      fields: { completion: { ...completion, status } },
    })),
    { name: 'answer=none', what: 'the device wrote no status', fields: { completion: { ...completion, status: null } } },
    {
      name: 'used-length',
      what: 'the device reports a different used length',
      fields: { completion: { ...completion, usedLength: completion.usedLength + 1 } },
    },
    { name: 'completion', what: 'the device never completed it', fields: { completion: null } },
  ];
}
