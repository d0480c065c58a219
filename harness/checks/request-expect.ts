/**
 * What a request must be, property by property, for `request` and `requests`. Roles (header, data, status) come from byte positions
 * in the chain (evidence), whatever the flags say and however many descriptors a driver uses (virtio 1.2, 2.7.4, 5.2.6).
 */

import { z } from 'zod';
import { asText } from '../../machine/spec/block-request.ts';
import { ANSWERS, DESCRIPTOR_FLAG, REQUEST_TYPES, SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { bytesOfHex } from '../bytes/hex.ts';
import { describeProblem } from '../evidence/chain-problems.ts';
import type { Evidence, RequestEvidence, Role, RoleEvidence } from '../evidence/evidence.ts';
import type { Detail, RequestRow } from '../result/result.ts';
import { byteCount, hex, LONGEST_COMPARED, requestType, utf8, whole } from '../vocabulary/fields.ts';
import { namesOf, numberName } from '../vocabulary/virtio-names.ts';
import { firstDifference, hexDifference } from './hex-dump.ts';
import { beginsWritable, chainStart, dataByte, descriptorField, headerField as headerOrigin, type Origin, problemField } from './origin.ts';
import { headLine, rowsOf } from './request-drawing.ts';
import { silentCases } from './silent-cases.ts';

const length = byteCount(LONGEST_COMPARED).optional().describe('Bytes in all descriptors of this role together.');
const writable = z
  .boolean()
  .optional()
  .describe('The descriptors’ flag VIRTQ_DESC_F_WRITE: true where the device writes, false where it reads.');
const part = z.strictObject({ length, 'device-writable': writable });

const data = z
  .strictObject({
    text: utf8().optional().describe('What the data begins with, in UTF-8; with `length`, the rest must be zeroes.'),
    hex: hex().optional().describe('The same in pairs of hex digits.'),
    length,
    'device-writable': writable,
  })
  .refine((given) => given.text === undefined || given.hex === undefined, {
    error: 'the data is either text or hex',
    params: { problem: 'one-of' },
  });

export const expect = z.strictObject({
  type: requestType.optional().describe("The header's type: a name of virtio's, or a number."),
  sector: whole().optional().describe('The sector that the header names.'),
  header: part.optional().describe('The first 16 bytes of the chain.'),
  data: data.optional().describe('Everything between header and status.'),
  status: part.optional().describe('The last byte of the chain.'),
  answer: z
    .union([
      z.enum([...namesOf(ANSWERS), 'none']).transform((key): number | null => (key === 'none' ? null : ANSWERS[key])),
      z.int().min(0).max(255),
    ])
    .optional()
    .describe('What the device wrote into the status byte; `none` where it wrote nothing.'),
});

export type Expected = z.output<typeof expect>;

/** A property that is not as expected. */
export interface Wrong {
  property: string;
  expected: string;
  found: string;
  /** Where the descriptor table shows it: the role whose rows it marks, and how. */
  mark?: { role: Role; text: string; rows: (piece: RoleEvidence) => boolean };
  /** More to show than one line says. */
  details?: Detail[];
  /** The bytes that say so. */
  origins?: Origin[];
  /** The likely mistake, as a sentence. */
  advice?: string | null;
  /** It follows from what else is wrong, and is not worth a line beside it. */
  isConsequence?: boolean;
}

function headerField(property: 'type' | 'sector', wanted: string | undefined, found: string | null, request: RequestEvidence): Wrong[] {
  if (wanted === undefined || wanted === found) return [];
  const text = headerText(request);
  if (text === null) {
    const shifted = property === 'sector' && isInReserved(wanted, request);
    const origins = headerOrigin(request, shifted ? 'reserved' : property);
    const advice = property === 'sector' ? sectorAdvice(wanted, request) : null;
    // A header that is too short has neither, and one line says so.
    const isConsequence = property === 'sector' && request.type === null;
    return [{ property, expected: wanted, found: found ?? 'incomplete header', origins, advice, isConsequence }];
  }
  // Whoever stored the text is not to blame, but who made it the header.
  const said = property === 'type' ? `${found}, which is the text ${JSON.stringify(text)}` : (found ?? '');
  return [{ property, expected: wanted, found: said, origins: chainStart(request), isConsequence: property === 'sector' }];
}

/** Whether the four bytes before the sector hold it. */
function isInReserved(wanted: string, { reserved, sector }: RequestEvidence): boolean {
  return reserved !== null && reserved !== 0 && BigInt.asUintN(32, BigInt(wanted)) === BigInt(reserved) && sector !== wanted;
}

function sectorAdvice(wanted: string, request: RequestEvidence): string | null {
  if (isInReserved(wanted, request)) {
    return `Bytes 4 to 7 of the header hold ${wanted}. Its layout is: type, 4 bytes at 0; reserved, 4 bytes at 4; sector, 8 bytes at 8. Is reserved missing?`;
  }
  const isBytes = wanted !== '0' && request.sector === (BigInt(wanted) * BigInt(SECTOR_BYTES)).toString();
  return isBytes ? 'That is the byte at which the sector begins: a sector is counted in units of 512 bytes.' : null;
}

/** The text that stands where the type should be; null if it is none. */
function headerText({ type }: RequestEvidence): string | null {
  return type === null ? null : (asText(type) ?? null);
}

const TEXT_FOR_HEADER =
  'The chain begins with text, and not with a header (type, reserved, sector). Is the descriptor of the header the first one, and is it the head in the available ring?';

function typeName(type: number | null): string | null {
  return type === null ? null : numberName(REQUEST_TYPES, type);
}

function answer(wanted: number | null | undefined, request: RequestEvidence): Wrong[] {
  const { completion } = request;
  const status = completion?.status ?? null;
  if (wanted === undefined || wanted === status) return [];
  const none = completion === null ? 'none: the device never completed the request' : 'none: there was no status byte to write';
  const expected = wanted === null ? 'none' : numberName(ANSWERS, wanted);
  const found = status === null ? none : numberName(ANSWERS, status);
  const isText = headerText(request) !== null;
  const origins = status === ANSWERS.UNSUPP ? (isText ? chainStart(request) : headerOrigin(request, 'type')) : problemField(request);
  // If the rubric made the device answer so, no instruction of the kernel is to blame.
  return [{ property: 'answer', expected, found, origins: request.fault?.kind === 'answer' ? [] : origins }];
}

function direction(deviceWritable: boolean): string {
  return deviceWritable ? 'device writes' : 'device reads';
}

/** Length and flag of one role. */
function role(of: Role, wanted: { length?: number; 'device-writable'?: boolean } | undefined, request: RequestEvidence): Wrong[] {
  if (wanted === undefined) return [];
  const { roles } = request;
  const pieces = roles.filter((piece) => piece.role === of);
  const flag = wanted['device-writable'];
  const found = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const wrong: Wrong[] = [];
  if (wanted.length !== undefined && found !== wanted.length) {
    const mark = pieces.length === 1 ? { role: of, text: `${wanted.length} B`, rows: () => true } : undefined;
    wrong.push({
      property: `${of} length`,
      expected: `${wanted.length} B`,
      found: `${found} B`,
      mark,
      // A descriptor of the right length is not to blame: the missing bytes would be in a further one.
      origins: pieces
        .filter((piece) => request.descriptors[piece.descriptor]?.length !== wanted.length)
        .flatMap((piece) => descriptorField(request, piece.descriptor, 'length')),
    });
  }
  if (flag === undefined) return wrong;
  if (pieces.length === 0) {
    if (isCut(request))
      return [
        ...wrong,
        { property: of, expected: direction(flag), found: 'unknown: the device read the chain no further', isConsequence: true },
      ];
    const origins = descriptorField(request, request.descriptors.length - 1, 'flags');
    return [...wrong, { property: of, expected: direction(flag), found: `the chain has no ${of}`, origins }];
  }
  if (pieces.some((piece) => piece.deviceWritable !== flag)) {
    const rows = (piece: RoleEvidence) => piece.deviceWritable !== flag;
    const origins = pieces.filter(rows).flatMap((piece) => descriptorField(request, piece.descriptor, 'flags'));
    wrong.push({
      property: of,
      expected: direction(flag),
      found: direction(!flag),
      mark: { role: of, text: direction(flag), rows },
      origins,
    });
  }
  return wrong;
}

/** VIRTQ_DESC_F_NEXT (2.7.5) in the last descriptor that the device read: it refused the chain there. */
function isCut({ descriptors }: RequestEvidence): boolean {
  return ((descriptors.at(-1)?.flags ?? 0) & DESCRIPTOR_FLAG.NEXT) !== 0;
}

/** The data's bytes, as far as the evidence holds them. */
function dataBytes(wanted: Expected['data'], request: RequestEvidence): Wrong[] {
  const given = wanted?.text ?? wanted?.hex;
  if (wanted === undefined || given === undefined) return [];
  const recorded = bytesOfHex(request.data);
  const whole = new Uint8Array(Math.max(given.length, wanted.length ?? 0));
  whole.set(given);
  // The evidence holds only the first bytes: the others are not compared.
  const truncated = recorded.length < request.dataLength;
  const compared = truncated ? whole.subarray(0, recorded.length) : whole;
  const found = recorded.subarray(0, compared.length);
  const first = firstDifference(compared, found);
  if (first === -1) return [];
  const details = hexDifference({ expected: compared, found, at: 0 });
  return [
    {
      property: 'data',
      expected: `${given.length} given bytes`,
      found: `different bytes from byte ${first} on`,
      details,
      origins: dataByte(request, first),
    },
  ];
}

export function wrongProperties(expected: Expected, request: RequestEvidence): Wrong[] {
  return [
    ...headerField(
      'type',
      expected.type === undefined ? undefined : numberName(REQUEST_TYPES, expected.type),
      typeName(request.type),
      request,
    ),
    ...headerField('sector', expected.sector?.toString(), request.sector, request),
    ...role('header', expected.header, request),
    ...role('data', expected.data, request),
    ...role('status', expected.status, request),
    ...dataBytes(expected.data, request),
    ...answer(expected.answer, request),
  ];
}

/** Marks what is wrong. */
function markedRows(request: RequestEvidence, wrong: readonly Wrong[]): RequestRow[] {
  return rowsOf(request, (piece) =>
    wrong.flatMap(({ mark }) => (mark !== undefined && mark.role === piece.role && mark.rows(piece) ? [mark.text] : [])),
  );
}

export function explain(request: RequestEvidence, wrong: readonly Wrong[], evidence: Evidence, memory: number): Detail[] {
  const details: Detail[] = [{ kind: 'request', text: headLine(request), rows: markedRows(request, wrong) }];
  const hasCause = wrong.some(({ isConsequence }) => isConsequence !== true);
  for (const one of wrong) {
    if (hasCause && one.isConsequence === true) continue;
    if (one.details !== undefined) details.push(...one.details);
    else if (one.mark === undefined) {
      details.push(
        { kind: 'expected', text: `${one.property}: ${one.expected}` },
        { kind: 'found', text: `${one.property}: ${one.found}` },
      );
    }
    if (one.advice) details.push({ kind: 'text', text: one.advice });
  }
  if (headerText(request) !== null) details.push({ kind: 'text', text: TEXT_FOR_HEADER });
  if (request.problem !== null) details.push({ kind: 'text', text: `The device refused the chain: ${refusal(request)}.` });
  else if (request.completion === null) details.push(...unanswered(request, evidence));
  for (const text of silentCases(request, memory)) details.push({ kind: 'text', text });
  if (sharesStatus(request, wrong)) details.push({ kind: 'text', text: longStatus(request) ?? SHARED_STATUS });
  return details;
}

function refusal(request: RequestEvidence): string {
  return beginsWritable(request) ? 'the header is device-writable, but the device must read it' : describeProblem(request.problem!);
}

/** All flags of a descriptor together. */
const KNOWN_FLAGS = DESCRIPTOR_FLAG.NEXT | DESCRIPTOR_FLAG.WRITE | DESCRIPTOR_FLAG.INDIRECT;

const SHARED_STATUS =
  'The last byte of a chain is its status byte, wherever the descriptors begin and end: this chain ends with the data, and has no extra byte for the status.';

/** Whether the status byte, or the data that is short of it, is wrong because the byte lies in the descriptor that holds the data. */
function sharesStatus({ roles, descriptors }: RequestEvidence, wrong: readonly Wrong[]): boolean {
  const status = roles.find((piece) => piece.role === 'status');
  // Unknown flags are those of a descriptor that is read wrongly as a whole.
  if (status !== undefined && (descriptors[status.descriptor]?.flags ?? 0) > KNOWN_FLAGS) return false;
  const isShared = roles.some((piece) => piece.role === 'data' && piece.descriptor === status?.descriptor);
  return isShared && wrong.some(({ property, mark }) => mark?.role === 'status' || property === 'data length');
}

/** Bytes of a status that is an `int`, or wider still: no data are so short. */
const LONGEST_STATUS = 8;

/** For a last descriptor that was meant for the status alone, and has more than its one byte. */
function longStatus({ roles, descriptors }: RequestEvidence): string | null {
  const status = roles.find((piece) => piece.role === 'status');
  const descriptor = status && descriptors[status.descriptor];
  const isAlone = roles.some((piece) => piece.role === 'data' && piece.descriptor !== status?.descriptor);
  if (descriptor === undefined || !isAlone || descriptor.length > LONGEST_STATUS) return null;
  const { index, length } = descriptor;
  return `The status is 1 byte, but desc ${index} has ${length}: the device takes the last of them for the status, and the ${length - 1} before it for data.`;
}

function unanswered({ drive }: RequestEvidence, { devices }: Evidence): Detail[] {
  const broken = devices.find((one) => one.drive === drive)?.broken ?? null;
  return broken === null ? [] : [{ kind: 'text', text: `The device had stopped answering: ${describeProblem(broken)}.` }];
}
