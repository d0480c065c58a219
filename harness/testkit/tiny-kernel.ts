/** For tests that need a real kernel and no time: prints a text through the SBI and powers off. */

const BASE = 0x8020_0000n;
/** `li a7, n` is `addi a7, zero, n`; `ecall` (RISC-V unprivileged specification, "RV32I Base Integer Instruction Set"). */
const addi = (rd: number, value: number) => (value << 20) | (rd << 7) | 0x13;
const ECALL = 0x73;
const [A0, A7] = [10, 17];
/** Legacy extensions of the SBI: console putchar, shutdown. */
const [PUTCHAR, SHUTDOWN] = [1, 8];

/** An ELF file with one segment. Layout: System V gABI, "ELF Header", "Program Header". */
export function tinyKernel(text: string): Uint8Array {
  const print = [...Buffer.from(text)].flatMap((byte) => [addi(A0, byte), addi(A7, PUTCHAR), ECALL]);
  const code = Buffer.from(Uint32Array.from([...print, addi(A7, SHUTDOWN), ECALL]).buffer);
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(243, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BASE, 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  const segment = Buffer.alloc(56);
  segment.writeUInt32LE(1, 0);
  segment.writeUInt32LE(5, 4);
  segment.writeBigUInt64LE(120n, 8);
  segment.writeBigUInt64LE(BASE, 16);
  segment.writeBigUInt64LE(BASE, 24);
  segment.writeBigUInt64LE(BigInt(code.length), 32);
  segment.writeBigUInt64LE(BigInt(code.length), 40);
  segment.writeBigUInt64LE(8n, 48);
  return Buffer.concat([header, segment, code]);
}
