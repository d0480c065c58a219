/** What is said of an area that begins or goes on shortly after the end of RAM, where a driver has most likely reckoned with more memory. */
import { hex } from '../../hex.ts';
import { RAM_BASE } from '../../spec/virt-board.ts';

/** Further away an address is most likely no place in memory at all. */
const NEAR = 2n ** 30n;

export function pastTheEnd({ address, length }: { readonly address: bigint; readonly length: number }, memoryEnd: bigint): string[] {
  const isNear = address >= BigInt(RAM_BASE) && address < memoryEnd + NEAR && address + BigInt(length) > memoryEnd;
  return isNear ? [`the last byte of memory is at ${hex(memoryEnd - 1n)}`] : [];
}
