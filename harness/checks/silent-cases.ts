/**
 * What QEMU's block device silently forgives: it answers OK, and the transfer did not happen. A student sees only "it ran,
 * but the image did not change", so a failed check says which of these the evidence proves.
 *
 * Reference: virtio 1.2, 2.7.5.1 (a device must not write to a device-readable buffer and should not read a device-writable
 * one), 5.2.6; QEMU's virtio-blk, as measured.
 */

import { RAM_BASE } from '../../machine/spec/virt-board.ts';
import { ANSWERS, REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import type { RequestEvidence } from '../evidence/evidence.ts';

const RAM_START = BigInt(RAM_BASE);

interface SilentCase {
  applies: (request: RequestEvidence, memory: number) => boolean;
  text: string;
}

const CASES: readonly SilentCase[] = [
  {
    applies: (request) => request.type === REQUEST_TYPES.OUT && dataIs(request, 'device-writable'),
    text: 'The device answered OK and wrote nothing: QEMU forgives this, real hardware may not (virtio 1.2, 2.7.5.1).',
  },
  {
    applies: (request) => request.type === REQUEST_TYPES.IN && dataIs(request, 'device-readable'),
    text: 'The device answered OK and no data arrived: it must not write to a device-readable buffer (virtio 1.2, 2.7.5.1).',
  },
  {
    applies: (request, memory) => data(request).some((piece) => outsideRam(BigInt(piece.address), BigInt(piece.length), BigInt(memory))),
    text: "The device answered OK although there is no memory at the data's address: QEMU forgives this, real hardware may not.",
  },
];

function data(request: RequestEvidence) {
  return request.roles.filter((piece) => piece.role === 'data');
}

/** There is data, and the flags of every byte of it say so. */
function dataIs(request: RequestEvidence, wanted: 'device-writable' | 'device-readable'): boolean {
  const pieces = data(request);
  return pieces.length > 0 && pieces.every((piece) => piece.deviceWritable === (wanted === 'device-writable'));
}

function outsideRam(address: bigint, length: bigint, memory: bigint): boolean {
  return address < RAM_START || address + length > RAM_START + memory;
}

/** `memory`: the machine's RAM in bytes. */
export function silentCases(request: RequestEvidence, memory: number): string[] {
  if (request.completion?.status !== ANSWERS.OK) return [];
  return CASES.filter((one) => one.applies(request, memory)).map((one) => one.text);
}
