/** Evidence made by hand, for tests of what reads it. Each builder fills in a quiet default for all that a test leaves out. */

import { hex } from '../bytes/hex.ts';
import {
  type DescriptorEvidence,
  type DeviceEvidence,
  EVIDENCE_SCHEMA,
  type Evidence,
  type ImageEvidence,
  type RequestEvidence,
  type Role,
  type RoleEvidence,
} from '../evidence/evidence.ts';
import type { ExceptionEvidence } from '../evidence/exception.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import { NO_EXPLANATIONS } from '../evidence/no-explanations.ts';
import { countsOf } from '../evidence/request-counts.ts';

/** `console` as text; it is what requests count their `consoleBytes` in. */
export function evidence({ console = '', requests = [], ...rest }: Partial<Evidence> = {}): Evidence {
  return {
    schema: EVIDENCE_SCHEMA,
    tool: 'bootgrade 0.0.0',
    scenario: 'write',
    setup: {},
    kernelSha256: '00'.repeat(32),
    stop: { reason: 'poweroff' },
    instructions: 22_310_118,
    time: 22_400_000,
    work: { units: 0, counts: {} },
    pc: '0x80200000',
    console: Buffer.from(console).toString('base64'),
    requests,
    requestsLeftOut: 0,
    requestCounts: countsOf(requests),
    selections: [],
    devices: [device()],
    emptySlots: [],
    findings: [],
    images: [image()],
    hart: null,
    loop: null,
    exception: null,
    interrupts: null,
    explanations: null,
    ...rest,
  };
}

/** A device as a driver leaves it that set it up by the book. */
export function device(part: Partial<DeviceEvidence> = {}): DeviceEvidence {
  return {
    drive: 'blk',
    address: '0x10008000',
    version: 1,
    accessed: true,
    statusWrites: [0, 1, 3, 7],
    deviceFeatures: '0x31006ed4',
    driverFeatures: '0x1006ed4',
    queueSize: 64,
    queue: { registers: {}, place: null, driver: null, wideDescriptor: null },
    notifies: 1,
    interruptsRaised: 1,
    interruptsAcknowledged: 1,
    broken: null,
    unnotified: 0,
    racesLeftOut: 0,
    ...part,
  };
}

export function finding(part: Partial<FindingEvidence> = {}): FindingEvidence {
  return {
    rule: 'data-length',
    section: '5.2.6.1',
    severity: 'must',
    drive: 'blk',
    request: 2,
    culprit: null,
    register: null,
    time: 20_114_331,
    instructions: 20_114_331,
    pc: null,
    count: 1,
    message: 'The data of an IN or OUT request are no multiple of 512 bytes. (100 bytes)',
    ...part,
  };
}

export function image(part: Partial<ImageEvidence> = {}): ImageEvidence {
  return { drive: 'blk', size: 4096, initialSha256: '', changed: {}, ...part };
}

/** One descriptor of a chain: which roles it plays, how long they are, and who writes. */
export interface Link {
  roles: [Role, number][];
  deviceWritable: boolean;
  address?: bigint;
}

/** What a driver sends to write one sector, in three descriptors. */
export const WRITE_CHAIN: readonly Link[] = [
  { roles: [['header', 16]], deviceWritable: false },
  { roles: [['data', 512]], deviceWritable: false },
  { roles: [['status', 1]], deviceWritable: true },
];

/** An answered OUT to sector 0; `chain` gives descriptors and roles. */
export function request({ chain = WRITE_CHAIN, ...part }: Partial<RequestEvidence> & { chain?: readonly Link[] } = {}): RequestEvidence {
  const roles = chain.flatMap(rolesOf);
  return {
    number: 1,
    drive: 'blk',
    queue: 0,
    head: 3,
    ringEntry: '0x80a30402',
    table: '0x80a30000',
    time: 20_114_331,
    instructions: 20_114_331,
    consoleBytes: 0,
    descriptors: chain.map(descriptor),
    roles,
    type: 1,
    reserved: 0,
    sector: '0',
    data: '',
    dataLength: roles.filter((role) => role.role === 'data').reduce((sum, role) => sum + role.length, 0),
    completion: { time: 20_134_331, status: 0, usedLength: 1 },
    phantom: false,
    problem: null,
    fault: null,
    ...part,
  };
}

const FIRST_INDEX = 3;

function addressOf(link: Link, position: number): bigint {
  return link.address ?? 0x80a3_0000n + BigInt(position) * 0x1000n;
}

function descriptor(link: Link, position: number, chain: readonly Link[]): DescriptorEvidence {
  const isLast = position === chain.length - 1;
  return {
    index: FIRST_INDEX + position,
    indirect: false,
    address: hex(addressOf(link, position)),
    length: link.roles.reduce((sum, [, length]) => sum + length, 0),
    flags: (isLast ? 0 : 1) | (link.deviceWritable ? 2 : 0),
    next: isLast ? 0 : FIRST_INDEX + position + 1,
  };
}

function rolesOf(link: Link, position: number): RoleEvidence[] {
  let address = addressOf(link, position);
  return link.roles.map(([role, length]) => {
    const piece = { role, descriptor: position, address: hex(address), length, deviceWritable: link.deviceWritable };
    address += BigInt(length);
    return piece;
  });
}

/** Explanations in which nothing was explained but what is given. */
export function explained(parts: Partial<Explanations> = {}): Explanations {
  return {
    ...NO_EXPLANATIONS,
    ...parts,
  };
}

/** A load from an address without a page. */
export const TAKEN: ExceptionEvidence = {
  pc: '0x80200010',
  mode: 'S',
  cause: 13,
  value: '0x40001008',
  instructions: 1234,
  time: 1240,
  times: 1,
  vector: { register: 'stvec', value: '0x80200040', state: 'set', written: null },
  next: null,
  further: 0,
  unreturned: 0,
};
