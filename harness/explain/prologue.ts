/**
 * A function's frame, from its own instructions: for kernels that have symbols, but neither call frame information nor frame pointers. The
 * beginning of a function says how far the stack pointer is moved and where the return address is kept.
 * Reference: RISC-V ABIs, "Integer Calling Convention".
 */
import { effectsOf } from '../../machine/index.ts';
import { type ElfFile, symbolAt } from '../run/elf.ts';

const [RA, SP, S0, S1, S2, S11] = [1, 2, 8, 9, 18, 27];
/** Instructions of one function that are looked at. */
const MOST = 8192;

export interface Frame {
  /** Bytes between the stack pointer and what it was when the function was entered. */
  readonly size: bigint;
  /** Where registers are kept, relative to that earlier stack pointer. */
  readonly saved: ReadonlyMap<number, bigint>;
}

/** The section that holds an address: the code from there on. */
export function codeFrom({ sections }: ElfFile, address: bigint): Uint8Array | undefined {
  for (const { address: start, bytes } of sections.values()) {
    if (start !== 0n && address >= start && address < start + BigInt(bytes.length)) return bytes.subarray(Number(address - start));
  }
  return undefined;
}

/** The bits of an instruction, as far as there are any. */
export function instructionAt(code: Uint8Array, offset: number): number {
  return code.subarray(offset, offset + 4).reduceRight((bits, byte) => ((bits << 8) | byte) >>> 0, 0);
}

/** The frame at an address; undefined where no symbol says which function it is, or where that is a trap's entry, which nobody calls. */
export function frameAt(elf: ElfFile, pc: bigint): Frame | undefined {
  const symbol = symbolAt(elf, pc)?.symbol;
  const code = symbol === undefined || symbol.kind === 'object' ? undefined : codeFrom(elf, symbol.address);
  if (symbol === undefined || code === undefined) return undefined;
  const saved = new Map<number, bigint>();
  let [size, whole, at, frame] = [0n, 0n, symbol.address, undefined as Frame | undefined];
  for (let count = 0; count < MOST; count++) {
    if (at >= pc) frame ??= { size, saved: new Map(saved) };
    if (frame !== undefined && (symbol.size > 0n ? at >= symbol.address + symbol.size : symbolAt(elf, at)?.symbol !== symbol)) break;
    const offset = Number(at - symbol.address);
    if (offset + 2 > code.length) break;
    const effects = effectsOf(instructionAt(code, offset));
    if (effects === undefined) break;
    const { name, operands, rd, store, length } = effects;
    if (name === 'sret' || name === 'mret') return undefined;
    if (rd === SP) {
      if (name !== 'addi' || operands.rs1 !== SP) return frame;
      size -= BigInt(operands.imm);
      if (size > whole) whole = size;
    }
    const value = store?.base === SP && name === 'sd' ? store.value : undefined;
    if (value !== undefined && isKept(value) && !saved.has(value)) saved.set(value, BigInt(store!.offset) - size);
    // After a way out of the function comes code that still has the frame.
    if ((name === 'jalr' || name === 'jal') && rd === undefined) size = whole;
    at += BigInt(length);
  }
  return frame;
}

/** Registers that a function leaves as they were, and the return address. */
function isKept(register: number): boolean {
  return register === RA || register === S0 || register === S1 || (register >= S2! && register <= S11!);
}
