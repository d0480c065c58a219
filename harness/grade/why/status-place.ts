/** A status byte that lies in another part of its request: then the driver looks for the answer at a different place. */
import { ANSWERS } from '../../../machine/spec/virtio.ts';
import type { Evidence, RequestEvidence, RoleEvidence } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import type { Detail } from '../../result/result.ts';
import { shortName } from '../../vocabulary/virtio-names.ts';
import { text } from './text.ts';

/** Said of the last request, where the kernel has given up or does not go on. */
export function statusPlace(evidence: Evidence): Detail[] {
  const last = evidence.requests.at(-1);
  const isStuck = panicOf(evidence) !== null || evidence.loop !== null;
  if (last === undefined || !isStuck || last.completion === null || last.completion.status === null) return [];
  const status = last.roles.findLast(({ role }) => role === 'status');
  const other = last.roles.find((one) => status !== undefined && one.role !== 'status' && contains(one, status));
  return status === undefined || other === undefined ? [] : [text(sentence(last, status, other, last.completion.status))];
}

function contains(piece: RoleEvidence, { address }: RoleEvidence): boolean {
  return BigInt(address) >= BigInt(piece.address) && BigInt(address) < BigInt(piece.address) + BigInt(piece.length);
}

function sentence({ number, descriptors }: RequestEvidence, status: RoleEvidence, other: RoleEvidence, answer: number): string {
  const descriptor = descriptors[status.descriptor]?.index ?? status.descriptor;
  const offset = BigInt(status.address) - BigInt(other.address);
  return (
    `the status byte of request #${number} is at ${status.address}, which is byte ${offset} of its ${other.role}: the device wrote its answer there ` +
    `(${shortName(ANSWERS, answer)}). Does desc ${descriptor} have the address of the byte in which the driver looks for the answer?`
  );
}
