/** Numbers whose bytes stand in the wrong order, as a driver leaves them that swaps them for the network's. Reference: VIRTIO 1.2, 1.4. */

/** The number with its bytes in the reverse order. `bytes`: how many it has. */
export function reversed(value: bigint, bytes: number): bigint {
  let result = 0n;
  for (let at = 0; at < bytes; at++) result = (result << 8n) | ((value >> BigInt(8 * at)) & 0xffn);
  return result;
}

export const LITTLE_ENDIAN =
  'all fields and registers of virtio are little-endian, as this cpu is: store each number as it is, and do not swap its bytes';
