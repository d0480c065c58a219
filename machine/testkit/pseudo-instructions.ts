/** Pseudo-instructions of the test assembler. Reference: RISC-V Assembly Programmer's Manual, "Pseudoinstructions". */
import { evaluate } from './expression.ts';

/** Loads any 64-bit constant: first everything above the low 12 bits, shifted, and then these 12 bits. */
function loadImmediate(rd: string, value: bigint): string[] {
  const low = BigInt.asIntN(12, value);
  if (low === value) return [`addi ${rd}, zero, ${value}`];
  const rest = (value - low) >> 12n;
  if (value === BigInt.asIntN(32, value)) {
    const upper = `lui ${rd}, ${BigInt.asUintN(20, rest)}`;
    return low === 0n ? [upper] : [upper, `addiw ${rd}, ${rd}, ${low}`];
  }
  const lines = [...loadImmediate(rd, BigInt.asIntN(52, rest)), `slli ${rd}, ${rd}, 12`];
  return low === 0n ? lines : [...lines, `addi ${rd}, ${rd}, ${low}`];
}

type Expand = (...operands: string[]) => string[];

const PSEUDO: Readonly<Record<string, Expand>> = {
  nop: () => ['addi zero, zero, 0'],
  li: (rd = '', value = '') => loadImmediate(rd, BigInt.asIntN(64, evaluate(value, { pc: 0n, symbols: new Map() }))),
  la: (rd, symbol) => [`auipc ${rd}, %pcrel_hi(${symbol})`, `addi ${rd}, ${rd}, %pcrel_lo(${symbol})`],
  mv: (rd, rs) => [`addi ${rd}, ${rs}, 0`],
  not: (rd, rs) => [`xori ${rd}, ${rs}, -1`],
  neg: (rd, rs) => [`sub ${rd}, zero, ${rs}`],
  seqz: (rd, rs) => [`sltiu ${rd}, ${rs}, 1`],
  snez: (rd, rs) => [`sltu ${rd}, zero, ${rs}`],
  j: (target) => [`jal zero, ${target}`],
  jr: (rs) => [`jalr zero, 0(${rs})`],
  ret: () => ['jalr zero, 0(ra)'],
  /** The target must be within a mebibyte. */
  call: (target) => [`jal ra, ${target}`],
  beqz: (rs, target) => [`beq ${rs}, zero, ${target}`],
  bnez: (rs, target) => [`bne ${rs}, zero, ${target}`],
  csrr: (rd, csr) => [`csrrs ${rd}, ${csr}, zero`],
  csrw: (csr, rs) => [`csrrw zero, ${csr}, ${rs}`],
  csrs: (csr, rs) => [`csrrs zero, ${csr}, ${rs}`],
  csrc: (csr, rs) => [`csrrc zero, ${csr}, ${rs}`],
  csrwi: (csr, value) => [`csrrwi zero, ${csr}, ${value}`],
  csrsi: (csr, value) => [`csrrsi zero, ${csr}, ${value}`],
  csrci: (csr, value) => [`csrrci zero, ${csr}, ${value}`],
};

/** The instructions that a pseudo-instruction stands for; undefined for any other name. */
export function expandPseudo(name: string, operands: readonly string[]): string[] | undefined {
  return Object.hasOwn(PSEUDO, name) ? PSEUDO[name]!(...operands) : undefined;
}
