/**
 * The calls that led to an instruction: from the registers and the stack as they were at that moment, by the kernel's call frame
 * information; without it by what the function's own beginning says of its frame, or by frame pointers; without these there is the return
 * address alone, and the note says so.
 * Reference: RISC-V ABIs, "Frame Pointer Convention": the return address lies at s0 - 8, the caller's s0 at s0 - 16.
 */

import type { ElfFile } from '../run/elf.ts';
import type { HartSnapshot } from '../run/hart-snapshot.ts';
import { type Budget, DwarfError } from './dwarf/budget.ts';
import { CallFrames, type RegisterValues } from './dwarf/call-frames.ts';
import { frameAt } from './prologue.ts';

export interface CallStack {
  /** The instruction itself, then the return address into each caller. */
  readonly addresses: readonly bigint[];
  /** Why callers may be missing, in words; null if none is known to be. */
  readonly note: string | null;
}

const RA = 1;
const SP = 2;
const S0 = 8;
const MOST_CALLS = 32;
const MASK = (1n << 64n) - 1n;

export class StackWalker {
  readonly #elf: ElfFile;
  readonly #frames: CallFrames;
  readonly #isCode: (address: bigint) => boolean;

  /** `isCode`: whether an address lies in the kernel's code. */
  constructor(elf: ElfFile, budget: Budget, isCode: (address: bigint) => boolean) {
    this.#elf = elf;
    this.#frames = new CallFrames(elf, budget);
    this.#isCode = isCode;
  }

  walk(snapshot: HartSnapshot): CallStack {
    const { pc, registers } = snapshot;
    const addresses = [pc];
    let note: string | null = null;
    let at: { pc: bigint; registers: RegisterValues } = { pc, registers };
    // A call into nowhere: the frame is still that of the caller.
    const [strayed, ra] = [!this.#isCode(pc), registers[RA]!];
    if (strayed && this.#isAfterCall(ra)) {
      addresses.push(ra);
      at = { pc: ra, registers };
    }
    while (addresses.length < MOST_CALLS) {
      // A return address belongs to the call before it.
      const inside = addresses.length === 1 ? at.pc : at.pc - 1n;
      const innermost = addresses.length === 1;
      const caller =
        this.#byTables(inside, at.registers, snapshot) ??
        this.#byPrologue(inside, at.registers, innermost, snapshot) ??
        this.#byFramePointer(at, innermost, snapshot);
      if (caller === undefined) {
        if (addresses.length === 1 && this.#isAfterCall(ra)) {
          addresses.push(ra);
          note =
            'no frame pointer, call frame information or symbol: only the return address in ra is known, and may be of an earlier call';
        }
        break;
      }
      if (!this.#isAfterCall(caller.pc)) break;
      // A stack grows: a caller whose frame is not above its callee's is none.
      const [inner, outer] = [at.registers[SP], caller.registers[SP]];
      if (addresses.length > 1 && inner !== undefined && outer !== undefined && outer <= inner) break;
      addresses.push(caller.pc);
      at = caller;
    }
    return { addresses, note };
  }

  /** Whether it can be a return address. A call that does not return may be the last instruction of all, with other sections after it. */
  #isAfterCall(address: bigint): boolean {
    return this.#isCode(address - 1n);
  }

  #byTables(pc: bigint, registers: RegisterValues, snapshot: HartSnapshot) {
    try {
      return this.#frames.caller(pc, registers, (address) => readStack(snapshot, address));
    } catch (error) {
      if (error instanceof DwarfError) return undefined;
      throw error;
    }
  }

  #byPrologue(pc: bigint, registers: RegisterValues, innermost: boolean, snapshot: HartSnapshot) {
    const sp = registers[SP];
    const frame = sp === undefined ? undefined : frameAt(this.#elf, pc);
    if (frame === undefined) return undefined;
    const outer = sp! + frame.size;
    const kept = (register: number) => {
      const offset = frame.saved.get(register);
      return offset === undefined || frame.size === 0n ? undefined : readStack(snapshot, outer + offset);
    };
    // A function that has not stored the return address yet, or never does, has it in its register.
    const isStored = frame.size > 0n && frame.saved.has(RA);
    const ra = isStored ? kept(RA) : innermost ? registers[RA] : undefined;
    if (ra === undefined || !this.#isAfterCall(ra)) return undefined;
    return { pc: ra, registers: registers.map((value, register) => (register === SP ? outer : (kept(register) ?? value))) };
  }

  #byFramePointer({ registers }: { registers: RegisterValues }, innermost: boolean, snapshot: HartSnapshot) {
    const s0 = registers[S0];
    const sp = registers[SP];
    if (s0 === undefined || sp === undefined || s0 <= sp || s0 - sp > BigInt(snapshot.stack.length) || s0 % 8n !== 0n) return undefined;
    const [below, lower] = [readStack(snapshot, s0 - 8n), readStack(snapshot, s0 - 16n)];
    if (below === undefined || lower === undefined) return undefined;
    const callerRegisters = (frame: bigint) => registers.map((value, register) => (register === SP ? s0 : register === S0 ? frame : value));
    if (this.#isAfterCall(below)) return { pc: below, registers: callerRegisters(lower) };
    // A function that calls nothing may keep s0 alone, in the place of ra, which is still in its register.
    const ra = registers[RA];
    if (innermost && below > s0 && ra !== undefined && this.#isAfterCall(ra)) return { pc: ra, registers: callerRegisters(below) };
    return undefined;
  }
}

/** A doubleword of the stack's copy. */
function readStack({ registers, stack }: HartSnapshot, address: bigint): bigint | undefined {
  const offset = (address - registers[SP]!) & MASK;
  if (offset + 8n > BigInt(stack.length)) return undefined;
  return new DataView(stack.buffer, stack.byteOffset, stack.byteLength).getBigUint64(Number(offset), true);
}
