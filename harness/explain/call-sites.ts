/**
 * Which functions are called from several places: there it takes the caller to know what an access was for (a lock's own functions, say).
 * Calls are found in the code itself: `jal ra, function`, and `auipc ra` with `jalr ra, ra`. Left out: calls by way of a pointer, and jumps to a function in
 * place of a call.
 */
import { type ElfFile, symbolAt } from '../run/elf.ts';
import { codeFrom, instructionAt } from './prologue.ts';

/** Bytes of code that are looked at. */
const MOST_CODE = 1 << 23;
/** Opcode and rd of JAL and AUIPC with rd = ra; opcode, rd, funct3 and rs1 of JALR with both ra. */
const [JAL_RA, AUIPC_RA, JALR_RA_RA] = [0x0ef, 0x097, 0x080e7];

export class CallSites {
  /** By the address of a function, how many calls of it there are. */
  readonly #calls = new Map<bigint, number>();
  readonly #elf: ElfFile;

  constructor(elf: ElfFile) {
    this.#elf = elf;
    let left = MOST_CODE;
    for (const { low, high } of elf.code) {
      const code = codeFrom(elf, low)?.subarray(0, Math.min(left, Number(high - low)));
      if (code === undefined) continue;
      left -= code.length;
      this.#count(code, low);
    }
  }

  /** Whether the function that an address lies in is called from more than one place. */
  hasSeveral(address: bigint): boolean {
    const symbol = symbolAt(this.#elf, address)?.symbol;
    return symbol !== undefined && (this.#calls.get(symbol.address) ?? 0) > 1;
  }

  #count(code: Uint8Array, start: bigint): void {
    for (let offset = 0; offset + 4 <= code.length; ) {
      const bits = instructionAt(code, offset);
      const at = start + BigInt(offset);
      if ((bits & 0xfff) === JAL_RA) this.#call(at + BigInt(jumpOffset(bits)));
      else if ((bits & 0xfff) === AUIPC_RA) {
        const next = instructionAt(code, offset + 4);
        if ((next & 0xfffff) === JALR_RA_RA) this.#call(at + BigInt((bits & ~0xfff) | 0) + BigInt((next | 0) >> 20));
      }
      offset += (bits & 3) === 3 ? 4 : 2;
    }
  }

  #call(target: bigint): void {
    this.#calls.set(target, (this.#calls.get(target) ?? 0) + 1);
  }
}

/** The immediate of the J format (Unprivileged ISA, "Immediate Encoding Variants"). */
function jumpOffset(bits: number): number {
  return ((bits >> 31) << 20) | (bits & 0xff000) | (((bits >>> 20) & 1) << 11) | (((bits >>> 21) & 0x3ff) << 1);
}
