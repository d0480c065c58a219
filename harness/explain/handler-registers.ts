/**
 * How the handler of an interrupt changed the registers of the code that it interrupted, and whether it stored to that code's stack: from its
 * instructions, one after the other. Reference: RISC-V calling conventions; a handler is called by nobody, so that every register is the
 * interrupted code's. Left out: registers that are kept in other registers, or in a CSR.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import type { Effects, Machine } from '../../machine/index.ts';
import { INTEGER_REGISTERS } from '../../machine/isa/registers.ts';
import { hex } from '../bytes/hex.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import type { ChangedRegister, FrameStore } from '../evidence/interrupted.ts';
import type { KernelCode } from './code.ts';
import { instructionBits } from './stores.ts';

const [SP, GP, TP] = [2, 3, 4];
/** A trap entry may well set these to what they always hold. */
const CONSTANT: ReadonlySet<number> = new Set([SP, GP, TP]);
/** Bytes of a register. */
const WIDTH = 8;
/** A handler that has taken more of the stack than this has a stack of its own. */
const LARGEST_FRAME = 4096n;

interface Save {
  readonly address: bigint;
  readonly pc: bigint;
  readonly width: number;
  readonly isLate: boolean;
  /** The last store over what was saved. */
  overwritten: bigint | undefined;
}

export class HandlerRegisters {
  readonly #machine: Machine;
  readonly #code: KernelCode;
  readonly #before: readonly bigint[];
  /** By the register's number: the first instruction that changed it, and the last load into it. */
  readonly #changedBy = new Map<number, bigint>();
  readonly #loadedBy = new Map<number, { readonly pc: bigint; readonly from: bigint; readonly width: number }>();
  /** Those whose last instruction makes a constant. */
  readonly #constant = new Map<number, bigint>();
  readonly #saves = new Map<number, Save>();
  #frameStore: FrameStore | null = null;

  /** To be made where the interrupt comes. */
  constructor(machine: Machine, code: KernelCode) {
    this.#machine = machine;
    this.#code = code;
    this.#before = machine.debug.registers();
  }

  get frameStore(): FrameStore | null {
    return this.#frameStore;
  }

  /** To be called before each instruction. `address`: of what it loads or stores. */
  before({ store }: Effects, pc: bigint, address: bigint | undefined): void {
    if (store === undefined || address === undefined) return;
    for (const save of this.#saves.values()) {
      if (address < save.address + BigInt(save.width) && save.address < address + BigInt(store.width)) save.overwritten = pc;
    }
    const { value } = store;
    // A part of a register is taken for saved only where it goes to the stack.
    const isSave = store.width === WIDTH || (store.base === SP && !this.#changedBy.has(value ?? 0));
    if (value !== undefined && isSave && !this.#saves.has(value)) {
      this.#saves.set(value, { address, pc, width: store.width, isLate: this.#changedBy.has(value), overwritten: undefined });
    }
    if (store.base === SP) this.#lookAtFrame(pc, address);
  }

  /** To be called after it. */
  after({ rd, load, sources, name }: Effects, pc: bigint, address: bigint | undefined): void {
    if (rd === undefined) return;
    if (sources.length > 0 || name.startsWith('csr') || CONSTANT.has(rd)) this.#constant.delete(rd);
    else this.#constant.set(rd, pc);
    if (load !== undefined && address !== undefined) this.#loadedBy.set(rd, { pc, from: address, width: load.width });
    else this.#loadedBy.delete(rd);
    if (!this.#changedBy.has(rd) && this.#machine.debug.register(rd) !== this.#before[rd]) this.#changedBy.set(rd, pc);
  }

  /** To be called where the handler has returned. x0 is not a register that can change. A constant is a change even if it was there before. */
  changed(): ChangedRegister[] {
    const after = this.#machine.debug.registers();
    return this.#before.flatMap((value, number) => {
      const now = after[number]!;
      if (value === now && !this.#constant.has(number)) return [];
      const { how, pc } = this.#why(number);
      const instruction = pc === undefined ? null : this.#text(pc);
      const stack = pc === undefined ? null : this.#place(pc);
      return [{ register: INTEGER_REGISTERS[number]!, before: hex(value), after: hex(now), how, instruction, stack }];
    });
  }

  #why(number: number): { readonly how: ChangedRegister['how']; readonly pc: bigint | undefined } {
    const pc = this.#changedBy.get(number) ?? this.#constant.get(number);
    const save = this.#saves.get(number);
    const loaded = this.#loadedBy.get(number);
    if (save === undefined) return { how: loaded === undefined ? 'unsaved' : 'unknown', pc };
    if (save.width < WIDTH) return { how: 'partly-saved', pc: save.pc };
    if (save.isLate) return { how: 'late', pc };
    if (loaded === undefined) return { how: 'kept', pc };
    if (loaded.from !== save.address) return { how: 'elsewhere', pc: loaded.pc };
    if (loaded.width < WIDTH) return { how: 'partly-loaded', pc: loaded.pc };
    return save.overwritten === undefined ? { how: 'unknown', pc } : { how: 'overwritten', pc: save.overwritten };
  }

  #lookAtFrame(pc: bigint, address: bigint): void {
    const before = this.#before[SP]!;
    const frame = before - this.#machine.debug.register(SP);
    if (this.#frameStore !== null || frame <= 0n || frame > LARGEST_FRAME || address < before || address >= before + LARGEST_FRAME) return;
    const [above, taken] = [Number(address - before), Number(frame)];
    this.#frameStore = { instruction: this.#text(pc) ?? '', address: hex(address), above, frame: taken, stack: this.#place(pc) };
  }

  #text(pc: bigint): string | null {
    const bits = instructionBits(this.#machine, pc);
    return bits === undefined ? null : disassemble(bits, pc).text;
  }

  /** Nothing calls a trap handler. */
  #place(pc: bigint): CodeStack {
    return { places: [this.#code.place(pc)], leftOut: 0, notes: [] };
  }
}
