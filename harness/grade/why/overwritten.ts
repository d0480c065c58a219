/** Code of the kernel that a device has written over, where the kernel then failed: an address that was no buffer's. */
import { REQUEST_TYPES } from '../../../machine/spec/virtio.ts';
import type { CodeStack } from '../../evidence/code-place.ts';
import type { Evidence, RequestEvidence, RoleEvidence } from '../../evidence/evidence.ts';
import type { Detail } from '../../result/result.ts';
import { shortName } from '../../vocabulary/virtio-names.ts';
import { text } from './text.ts';

export function overwritten({ exception, loop, explanations, requests, time }: Evidence): Detail[] {
  const places = [
    // Where no code is, it is data that a jump led to.
    ...(explanations?.exception?.there == null
      ? [{ pc: exception?.pc, stack: explanations?.exception?.stack, before: exception?.time ?? 0 }]
      : []),
    { pc: loop?.instructions[0]?.pc, stack: explanations?.loop?.stack, before: time },
  ];
  for (const { pc, stack, before } of places) {
    // A kernel may load a program from the disk, but what its own file names is its own code.
    if (pc === undefined || !isNamed(pc, stack)) continue;
    const found = writtenAt(BigInt(pc), before, requests);
    if (found !== undefined) return [text(sentence(pc, found))];
  }
  return [];
}

function isNamed(pc: string, stack: CodeStack | undefined): boolean {
  const [place] = stack?.places ?? [];
  return place !== undefined && place.address === pc && place.frames.some((frame) => frame.function !== null);
}

interface Written {
  readonly request: RequestEvidence;
  readonly piece: RoleEvidence;
}

function writtenAt(pc: bigint, before: number, requests: readonly RequestEvidence[]): Written | undefined {
  for (const request of [...requests].reverse()) {
    if (request.completion === null || request.completion.time > before) continue;
    const piece = request.roles.find(
      (one) => one.deviceWritable && pc >= BigInt(one.address) && pc < BigInt(one.address) + BigInt(one.length),
    );
    if (piece !== undefined) return { request, piece };
  }
  return undefined;
}

function sentence(pc: string, { request: { number, type, sector, descriptors }, piece }: Written): string {
  const which = `request #${number}${type === null ? '' : ` (${shortName(REQUEST_TYPES, type)}${sector === null ? '' : `, sector ${sector}`})`}`;
  const what = piece.role === 'status' ? 'its status byte' : `${piece.length} bytes of data`;
  const descriptor = descriptors[piece.descriptor]?.index ?? piece.descriptor;
  return (
    `the kernel's own code at ${pc} was overwritten by the device: ${which} had it write ${what} to ${piece.address}. ` +
    `Does desc ${descriptor} have the address of a buffer, and not that of a function?`
  );
}
