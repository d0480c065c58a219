/** Requests of the block device: VIRTIO 1.2, 5.2.3, 5.2.6, and the legacy framing of 5.2.6.4. */

import { hex } from '../../hex.ts';
import { asText } from '../../spec/block-request.ts';
import { DESCRIPTOR_FLAG, REQUEST_HEADER_BYTES, REQUEST_TYPES, SECTOR_BYTES } from '../../spec/virtio.ts';
import { FEATURE, has, type Transport } from '../features.ts';
import type { EventOf } from './event.ts';
import { type Blame, blame, brokenIf, type Rule } from './rule.ts';
import type { View } from './view.ts';

const { WRITE } = DESCRIPTOR_FLAG;
const { IN, OUT, FLUSH, GET_ID, GET_LIFETIME, DISCARD, WRITE_ZEROES, SECURE_ERASE } = REQUEST_TYPES;

/** Feature bit 27 (6.3), which QEMU's virtio-blk does not offer. */
const ANY_LAYOUT = 1n << 27n;
const SCSI_TYPES = [2, 3];
/** FLUSH_OUT of the legacy interface means FLUSH (5.2.6.3). */
const FLUSH_OUT = 5;
/** Types that the specification knows; our device does not support GET_LIFETIME and SECURE_ERASE. */
const TYPES = new Set<number>([IN, OUT, FLUSH, GET_ID, GET_LIFETIME, DISCARD, WRITE_ZEROES, SECURE_ERASE]);
const LEGACY_TYPES = new Set([...TYPES, ...SCSI_TYPES, FLUSH_OUT]);
const SEGMENT = 16;
/** QEMU's max_discard_seg and max_write_zeroes_seg. */
const MOST_SEGMENTS = 1;
const ID_LENGTH = 20;
const FLAGS_IN_SEGMENT = 12;

/** A buffer that holds something before a read is more likely one to be written. */
const meansOut = (data: Uint8Array): string => (data.some((byte) => byte !== 0) ? ', which hold data already: a write?' : '');

/** A type whose bytes are letters is the beginning of a text: the chain does not begin with its header. */
function typeText(type: number): string {
  const text = asText(type);
  return text === undefined ? `type ${type}` : `type ${hex(type)}, which is the text "${text}": is the header the first in the chain?`;
}

/** Types that exist only with a feature (5.2.3). */
const NEEDED: ReadonlyMap<number, readonly [string, bigint]> = new Map([
  [FLUSH, ['FLUSH', FEATURE.FLUSH]],
  [DISCARD, ['DISCARD', FEATURE.DISCARD]],
  [WRITE_ZEROES, ['WRITE_ZEROES', FEATURE.WRITE_ZEROES]],
]);

/** A request with header and status; lengths in bytes, by the descriptors' flags and by position. */
interface Request {
  readonly type: number;
  readonly sector: bigint;
  /** How many bytes the device reads after the header, and how many it writes before the status byte. */
  readonly readable: number;
  readonly writable: number;
  /** How many bytes lie between header and status byte. */
  readonly length: number;
  readonly data: Uint8Array;
  /** Positions of the descriptors that hold data which the device reads, and writes. */
  readonly readableAt: number;
  readonly writableAt: number;
  /** The only descriptor whose data are not whole sectors; undefined where there are several, or none. */
  readonly unevenAt: number | undefined;
}

function requestOf({ problem, descriptors, type, sector, data }: EventOf<'chain'>): Request | undefined {
  if (problem !== undefined || type === undefined || sector === undefined) return undefined;
  const sum = (writable: boolean) =>
    descriptors.filter(({ flags }) => ((flags & WRITE) !== 0) === writable).reduce((total, { length }) => total + length, 0);
  const readable = sum(false) - REQUEST_HEADER_BYTES;
  const writable = sum(true) - 1;
  return {
    type: type & 0x7fff_ffff,
    sector,
    readable,
    writable,
    length: readable + writable,
    data,
    ...dataAt(descriptors),
    unevenAt: unevenAt(descriptors),
  };
}

/** The header's bytes are the first that the device reads, and the status byte is the last that it writes. */
function unevenAt(descriptors: EventOf<'chain'>['descriptors']): number | undefined {
  let header = REQUEST_HEADER_BYTES;
  const last = descriptors.findLastIndex(({ flags }) => (flags & WRITE) !== 0);
  const uneven = descriptors.flatMap(({ flags, length }, position) => {
    const isRead = (flags & WRITE) === 0;
    const other = isRead ? Math.min(header, length) : position === last ? 1 : 0;
    if (isRead) header -= other;
    return (length - other) % SECTOR_BYTES === 0 ? [] : [position];
  });
  return uneven.length === 1 ? uneven[0] : undefined;
}

/** The first descriptor with data that the device reads: one that is longer than the rest of the header; and the first one that it writes. */
function dataAt(descriptors: EventOf<'chain'>['descriptors']): Pick<Request, 'readableAt' | 'writableAt'> {
  let header = REQUEST_HEADER_BYTES;
  const readableAt = descriptors.findIndex(({ flags, length }) => {
    if ((flags & WRITE) !== 0) return false;
    const isData = length > header;
    header = Math.max(0, header - length);
    return isData;
  });
  return { readableAt, writableAt: descriptors.findIndex(({ flags }) => (flags & WRITE) !== 0) };
}

const onRequest = (broken: (request: Request, view: View) => string | Blame | undefined) =>
  ({
    on: 'chain',
    broken: (event: EventOf<'chain'>, view: View) => {
      const request = requestOf(event);
      return request && broken(request, view);
    },
  }) as const;

const isKnown = (type: number, transport: Transport): boolean => (transport === 'legacy' ? LEGACY_TYPES : TYPES).has(type);

const lengths = (descriptors: EventOf<'chain'>['descriptors']): string =>
  descriptors
    .map(({ length }) => length)
    .slice(0, 8)
    .join(', ');

/** The bytes of type and sector, without the reserved ones between them. */
const WITHOUT_RESERVED = 12;

function tooShort(descriptors: EventOf<'chain'>['descriptors']): string {
  const hasNoReserved = descriptors[0]?.length === WITHOUT_RESERVED;
  const hint = hasNoReserved ? '; type has 4 bytes, reserved 4, sector 8: is reserved missing?' : '';
  return `lengths ${lengths(descriptors)}${hint}`;
}

/** A chain of fewer descriptors than header, data and status need may have lost its NEXT flag. */
function endsAt(descriptors: EventOf<'chain'>['descriptors']): string {
  const last = descriptors.at(-1);
  return last === undefined || descriptors.length > 2 ? '' : `the chain ends with descriptor ${last.index}: is its NEXT flag missing?`;
}

const transfers = ({ type }: Request): boolean => type === IN || type === OUT;
const hasSegments = ({ type }: Request): boolean => type === DISCARD || type === WRITE_ZEROES;

export const REQUEST_RULES: readonly Rule[] = [
  {
    id: 'header-missing',
    section: '5.2.6',
    severity: 'must',
    device: 'block',
    sentence: 'A request has no device-readable part, so the device cannot read its header (16 bytes: type, reserved, sector).',
    on: 'chain',
    broken: ({ problem }) => (problem === 'header-missing' ? blame(0, 'flags', '') : undefined),
  },
  {
    id: 'header-too-short',
    section: '5.2.6',
    severity: 'must',
    device: 'block',
    sentence: 'The device-readable part of a request is too short for its header, or for the segment of a DISCARD or WRITE_ZEROES.',
    on: 'chain',
    broken: ({ problem, descriptors }) => (problem === 'header-too-short' ? blame(0, 'length', tooShort(descriptors)) : undefined),
  },
  {
    id: 'status-missing',
    section: '5.2.6',
    severity: 'must',
    device: 'block',
    sentence: 'A request has no device-writable part, so the device cannot write its status byte.',
    on: 'chain',
    broken: ({ problem, descriptors }) =>
      problem === 'status-missing' ? blame(descriptors.length - 1, 'flags', endsAt(descriptors)) : undefined,
  },
  {
    id: 'request-type-unknown',
    section: '5.2.6',
    severity: 'must',
    device: 'block',
    sentence: 'The specification does not define the type of a request for a block device.',
    ...onRequest(({ type }, { transport }) => brokenIf(!isKnown(type, transport), typeText(type))),
  },
  {
    id: 'request-not-negotiated',
    section: '5.2.3',
    severity: 'should',
    device: 'block',
    sentence: 'A request needs a feature that the driver has not accepted.',
    ...onRequest(({ type }, { accepted, offered }) => {
      const needed = NEEDED.get(type);
      return needed && brokenIf(!has(accepted & offered, needed[1]), `type ${type} needs ${needed[0]}`);
    }),
  },
  {
    id: 'write-data-writable',
    section: '2.7.5.1',
    severity: 'must',
    device: 'block',
    sentence:
      'The data of an OUT request are marked device-writable. For a write the device reads them: their descriptors have no WRITE flag. For a read the type is IN.',
    ...onRequest(({ type, writable, writableAt }) =>
      type === OUT && writable > 0 ? blame(writableAt, 'flags', `${writable} bytes`) : undefined,
    ),
  },
  {
    id: 'read-data-readable',
    section: '2.7.5.1',
    severity: 'must',
    device: 'block',
    sentence:
      'The data of an IN request are not marked device-writable. If a write is meant, the type must be OUT; for a read the descriptors of the data need the WRITE flag.',
    ...onRequest(({ type, readable, readableAt, data }) =>
      type === IN && readable > 0 ? blame(readableAt, 'flags', `${readable} bytes${meansOut(data)}`) : undefined,
    ),
  },
  {
    id: 'data-length',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'The length of the data of an IN or OUT request is not a multiple of 512 bytes.',
    ...onRequest((request) => {
      const { length, readable, readableAt, writableAt, unevenAt } = request;
      if (!transfers(request) || length % SECTOR_BYTES === 0) return undefined;
      return blame(unevenAt ?? (readable > 0 ? readableAt : writableAt), 'length', `${length} bytes`);
    }),
  },
  {
    id: 'beyond-capacity',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'A request reads or writes beyond the end of the disk. Sectors have 512 bytes each; capacity says how many there are.',
    ...onRequest((request, { capacity }) => {
      const end = request.sector + BigInt(Math.ceil(request.length / SECTOR_BYTES));
      return brokenIf(transfers(request) && end > capacity, `sector ${request.sector}, ${request.length} bytes, of ${capacity} sectors`);
    }),
  },
  {
    id: 'write-to-read-only',
    section: '5.2.5',
    severity: 'should',
    device: 'block',
    sentence: 'The disk is read-only: the device offers RO (feature 5) and refuses every write.',
    ...onRequest((request, { offered }) => brokenIf((request.type === OUT || hasSegments(request)) && has(offered, FEATURE.RO))),
  },
  {
    id: 'flush-sector',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'The sector of a FLUSH request is not 0.',
    ...onRequest(({ type, sector }) => brokenIf(type === FLUSH && sector !== 0n, `sector ${sector}`)),
  },
  {
    id: 'sector-unused',
    section: '5.2.6',
    severity: 'should',
    device: 'block',
    sentence: 'The sector of a request that neither reads nor writes is not 0. A DISCARD or WRITE_ZEROES names its sectors in its segment.',
    ...onRequest((request, { transport }) =>
      brokenIf(
        isKnown(request.type, transport) && !transfers(request) && request.type !== FLUSH && request.sector !== 0n,
        `type ${request.type}, sector ${request.sector}`,
      ),
    ),
  },
  {
    id: 'flush-data',
    section: '5.2.6.1',
    severity: 'should',
    device: 'block',
    sentence: 'A FLUSH request has data.',
    ...onRequest(({ type, length }) => brokenIf(type === FLUSH && length > 0, `${length} bytes`)),
  },
  {
    id: 'id-length',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'The data of a GET_ID request are not 20 bytes long.',
    ...onRequest(({ type, length }) => brokenIf(type === GET_ID && length !== ID_LENGTH, `${length} bytes`)),
  },
  {
    id: 'segment-length',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'The length of the data of a DISCARD or WRITE_ZEROES request is not a multiple of 16 bytes, the size of a segment.',
    ...onRequest((request) => brokenIf(hasSegments(request) && request.readable % SEGMENT !== 0, `${request.readable} bytes`)),
  },
  {
    id: 'segments-too-many',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'A DISCARD or WRITE_ZEROES request has more segments than max_discard_seg or max_write_zeroes_seg allows.',
    ...onRequest((request) => {
      const segments = request.readable / SEGMENT;
      return brokenIf(hasSegments(request) && segments > MOST_SEGMENTS, `${segments}, of at most ${MOST_SEGMENTS}`);
    }),
  },
  {
    id: 'discard-unmap',
    section: '5.2.6.1',
    severity: 'must',
    device: 'block',
    sentence: 'A DISCARD request has the unmap flag. Only WRITE_ZEROES may have it.',
    ...onRequest(({ type, data }) => brokenIf(type === DISCARD && ((data[FLAGS_IN_SEGMENT] ?? 0) & 1) !== 0)),
  },
  {
    id: 'legacy-framing',
    section: '5.2.6.4',
    severity: 'must',
    device: 'block',
    transport: 'legacy',
    sentence:
      'Over the legacy interface the header (16 bytes) and the status (1 byte) must each have a descriptor of their own, unless ANY_LAYOUT was accepted.',
    on: 'chain',
    broken: ({ problem, descriptors, type }, { accepted, offered }) => {
      if (problem !== undefined || type === undefined || has(accepted & offered, ANY_LAYOUT)) return undefined;
      const wrong = descriptors[0]?.length !== REQUEST_HEADER_BYTES || descriptors.at(-1)?.length !== 1 || descriptors.length < 2;
      return brokenIf(wrong, `lengths ${lengths(descriptors)}, type ${hex(type)}`);
    },
  },
];
