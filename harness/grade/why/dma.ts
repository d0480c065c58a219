/** What a device has written into memory. */
import type { StoreExplanation } from '../../evidence/code-place.ts';
import type { Evidence } from '../../evidence/evidence.ts';

/** The request whose buffer holds a physical address, where the device has written last: ` (request #3 of disk: …)`; else nothing. */
export function deviceWrite(
  address: string,
  { instructions }: Extract<StoreExplanation, { by: 'device' }>,
  { requests }: Pick<Evidence, 'requests'>,
): string {
  const at = BigInt(address);
  // The newest one that was made before the store.
  const [found] = requests
    .filter((request) => request.instructions <= instructions)
    .sort((a, b) => b.instructions - a.instructions)
    .flatMap(({ drive, number, roles }) =>
      roles
        .filter((role) => role.deviceWritable && at >= BigInt(role.address) && at < BigInt(role.address) + BigInt(role.length))
        .map((role) => `request #${number} of ${drive}: its ${role.role} has ${role.length} bytes from ${role.address} on`),
    );
  return found === undefined ? '' : ` (${found})`;
}
