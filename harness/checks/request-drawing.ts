/** A request as reports draw it: a line that says which one, and its chain, a row for each stretch of bytes. */

import { isDeviceWritable } from '../../machine/spec/block-request.ts';
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { RequestEvidence, RoleEvidence } from '../evidence/evidence.ts';
import { faultText } from '../evidence/fault.ts';
import type { RequestRow } from '../result/result.ts';
import { shortName } from '../vocabulary/virtio-names.ts';

/** Rows of a chain that is shown: more than a driver needs, fewer than a hostile one can make. */
const SHOWN_ROWS = 16;

/** `marks`: what is wrong with a row, in words that say how it should be. */
export function rowsOf(request: RequestEvidence, marks: (piece: RoleEvidence) => readonly string[]): RequestRow[] {
  const pieces = request.roles.slice(0, SHOWN_ROWS).map((piece) => row(request, piece.descriptor, piece.role, piece, marks(piece)));
  if (pieces.length > 0) return pieces;
  return request.descriptors.slice(0, SHOWN_ROWS).map((descriptor, position) => {
    return row(request, position, '', { ...descriptor, deviceWritable: isDeviceWritable(descriptor.flags) }, []);
  });
}

function row(
  request: RequestEvidence,
  position: number,
  roleName: string,
  { address, length, deviceWritable }: Pick<RoleEvidence, 'address' | 'length' | 'deviceWritable'>,
  marks: readonly string[],
): RequestRow {
  const descriptor = request.descriptors[position]?.index ?? position;
  return { descriptor, role: roleName, address, length, deviceWritable, expected: marks.length === 0 ? null : marks.join(', ') };
}

/** `request #2, OUT, sector 0, after 20,114,331 instructions` */
export function headLine({ number, type, sector, instructions, fault }: RequestEvidence): string {
  const what = type === null ? 'incomplete header' : shortName(REQUEST_TYPES, type);
  const where = sector === null ? '' : `, sector ${sector}`;
  const tampered = fault === null ? '' : `; ${faultText(fault)}`;
  return `request #${number}, ${what}${where}, after ${groupedDigits(instructions)} instructions${tampered}`;
}
