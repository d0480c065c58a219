/** A number as messages and disassembly write it: `0x80200000`. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}
