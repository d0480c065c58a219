/**
 * Which memory an S-mode caller may name in an SBI call: RAM without what the SBI keeps for itself (SBI v2.0, section 3.2).
 */

import type { GuestMemory } from '../ports.ts';
import { FIRMWARE_END } from '../spec/virt-board.ts';

/** Whether every byte from `address` on may be named, for any length up to 2^64. RAM has no holes, so it is enough to check the ends. */
export function isAccessible(memory: GuestMemory, address: bigint, length: bigint): boolean {
  if (length === 0n) return true;
  if (address < BigInt(FIRMWARE_END)) return false; // the SBI's own memory; below it there is no RAM
  return memory.read(address, 1) !== undefined && memory.read(address + length - 1n, 1) !== undefined;
}
