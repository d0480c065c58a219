/**
 * The "host" that riscv-tests report to: a doubleword in memory, `tohost`, which the board reads from time to time.
 * Reference: riscv-software-src/riscv-isa-sim, "HTIF": an odd value ends the run with the code above its lowest bit; of the devices there is
 * only the console (device 1, command 1: write a byte).
 */
import type { GuestMemory } from '../ports.ts';

/** How often the board looks, in guest nanoseconds. */
export const HOST_INTERVAL = 10_000;

/** Device 1, command 1, above the 48 bits of what is to be written. */
const PUT = 0x0101n;

export type HostCommand = { readonly exit: number } | { readonly print: number };

/** What the kernel asks for, which is taken away; undefined if that is nothing, or nothing that is known. */
export function takeHostCommand(memory: GuestMemory, tohost: bigint): HostCommand | undefined {
  const bytes = memory.read(tohost, 8);
  const value = bytes === undefined ? 0n : new DataView(bytes.buffer).getBigUint64(0, true);
  if (value === 0n) return undefined;
  memory.write(tohost, new Uint8Array(8));
  if ((value & 1n) === 1n) return { exit: Number((value >> 1n) & 0xffffffffn) };
  return value >> 48n === PUT ? { print: Number(value & 0xffn) } : undefined;
}
