/**
 * Which bytes of guest memory say what a check found wrong: the question that a repeated run answers with the instruction that
 * stored them (harness/explain).
 * Reference: VIRTIO 1.2, 2.7.5 (a descriptor's fields) and 5.2.6 (a request's header).
 */

import { isDeviceWritable } from '../../machine/spec/block-request.ts';
import { DESCRIPTOR_BYTES } from '../../machine/spec/virtio.ts';
import { hex } from '../bytes/hex.ts';
import type { RequestEvidence, RoleEvidence } from '../evidence/evidence.ts';
import { storeKey } from '../evidence/explanation.ts';
import type { Question } from './kind.ts';

/** Some bytes of a request, by what they are. */
export interface Origin {
  /** E.g. `flags of desc 4`. */
  readonly text: string;
  readonly address: bigint;
  readonly length: number;
}

const FIELDS = {
  address: { at: 0, length: 8 },
  length: { at: 8, length: 4 },
  flags: { at: 12, length: 2 },
  next: { at: 14, length: 2 },
} as const;
const HEADER_FIELDS = { type: { at: 0, length: 4 }, reserved: { at: 4, length: 4 }, sector: { at: 8, length: 8 } } as const;
/** Shown for one check. */
const MOST = 4;

/** So many bytes after an address; after the last address of all comes 0, as for the device. */
function further(address: string, bytes: number): bigint {
  return BigInt.asUintN(64, BigInt(address) + BigInt(bytes));
}

/** A field of the descriptor at a position in the chain; none if there is no such descriptor. */
export function descriptorField(request: RequestEvidence, position: number, field: keyof typeof FIELDS): Origin[] {
  const descriptor = request.descriptors[position];
  if (descriptor === undefined) return [];
  const { at, length } = FIELDS[field];
  const address = further(request.table, DESCRIPTOR_BYTES * descriptor.index + at);
  return [{ text: `${field} of desc ${descriptor.index}`, address, length }];
}

export function headerField(request: RequestEvidence, field: keyof typeof HEADER_FIELDS): Origin[] {
  const { at, length } = HEADER_FIELDS[field];
  return bytesOf(request, 'header', at, length, field);
}

/** One byte of the data, by its position. */
export function dataByte(request: RequestEvidence, position: number): Origin[] {
  return bytesOf(request, 'data', position, 1, `byte ${position} of the data`);
}

/** The bytes as far as they lie in one piece. */
function bytesOf(request: RequestEvidence, role: RoleEvidence['role'], at: number, length: number, text: string): Origin[] {
  let start = 0;
  for (const piece of request.roles.filter((one) => one.role === role)) {
    if (at >= start && at < start + piece.length) {
      const offset = at - start;
      return [{ text, address: further(piece.address, offset), length: Math.min(length, piece.length - offset) }];
    }
    start += piece.length;
  }
  return [];
}

/** What a device that refused the chain stumbled over: a field of the last descriptor that it read. */
export function problemField(request: RequestEvidence): Origin[] {
  const last = request.descriptors.length - 1;
  switch (request.problem) {
    case null:
      return [];
    case 'head-out-of-range':
      return [{ text: 'head in the available ring', address: BigInt(request.ringEntry), length: 2 }];
    case 'next-out-of-range':
    case 'loop':
      return descriptorField(request, last, 'next');
    case 'zero-length':
    case 'header-too-short':
    case 'indirect-malformed':
      return descriptorField(request, request.problem === 'header-too-short' ? 0 : last, 'length');
    default:
      return descriptorField(request, request.problem === 'header-missing' || beginsWritable(request) ? 0 : last, 'flags');
  }
}

/** Whether the header is device-writable: then a device-readable descriptor after it is not what is wrong. */
export function beginsWritable({ problem, descriptors }: RequestEvidence): boolean {
  const isHeader = problem === 'header-missing' || problem === 'readable-after-writable';
  return isHeader && isDeviceWritable(descriptors[0]?.flags ?? 0);
}

/** The fields that decide where a chain begins: the entry of the available ring, and the address of the first descriptor. */
export function chainStart(request: RequestEvidence): Origin[] {
  return [{ text: 'head in the available ring', address: BigInt(request.ringEntry), length: 2 }, ...descriptorField(request, 0, 'address')];
}

/** Who stored the bytes: a question for each, but not twice for the same ones. */
export function originQuestions(origins: readonly Origin[], request: RequestEvidence): Question[] {
  const questions = new Map<string, Question>();
  for (const { text, address, length } of origins) {
    const question = { address: hex(address), length, before: request.time };
    const key = storeKey(question);
    if (questions.size === MOST || questions.has(key)) continue;
    questions.set(key, { about: 'store', text, question });
  }
  return [...questions.values()];
}
