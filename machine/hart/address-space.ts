/** Memory as the hart addresses it: TypeScript fetches and loads here by virtual addresses. */
import type { Core } from '../exec/core.ts';
import { isCompressed } from '../isa/decoder.ts';
import { codeHostOf } from '../layout/flash.ts';
import { hostOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import { ACCESS, FAULT } from '../mmu/walk.ts';
import { EXCEPTION } from '../spec/riscv.ts';

/** Why an access cannot be made. */
export interface AccessFault {
  readonly cause: number;
  readonly tval: bigint;
}

const NO_RAM = {
  [ACCESS.fetch]: EXCEPTION.instructionAccess,
  [ACCESS.load]: EXCEPTION.loadAccess,
  [ACCESS.store]: EXCEPTION.storeAccess,
} as const;

export class AddressSpace {
  readonly #state: HartState;
  readonly #core: Pick<Core, 'locate'>;

  constructor(state: HartState, core: Pick<Core, 'locate'>) {
    this.#state = state;
    this.#core = core;
  }

  /** Host address of bytes within one page, or the fault of their access. */
  #find(address: bigint, bytes: number, access: keyof typeof NO_RAM): number | AccessFault {
    const state = this.#state;
    const physical = this.#core.locate(BigInt.asIntN(64, address), bytes, access);
    state.setSmall('fault', 0);
    if (physical === FAULT) return { cause: Number(state.get('cause')), tval: state.get('tval') };
    const at = BigInt.asUintN(64, physical);
    return (access === ACCESS.fetch ? codeHostOf(state, at) : hostOf(state, at, 1)) ?? { cause: NO_RAM[access], tval: address };
  }

  /** Host address of the instruction at pc, where code can run. */
  codeAt(): number | undefined {
    const found = this.#find(this.#state.get('pc'), 1, ACCESS.fetch);
    return typeof found === 'number' ? found : undefined;
  }

  /** The bits of the instruction at pc, fetched in two halves, since the second may lie on the next page. */
  instruction(): number | AccessFault {
    const pc = this.#state.get('pc');
    const half = (address: bigint): number | AccessFault => {
      const found = this.#find(address, 2, ACCESS.fetch);
      return typeof found === 'number' ? this.#state.view.getUint16(found, true) : found;
    };
    const low = half(pc);
    if (typeof low !== 'number' || isCompressed(low)) return low;
    const high = half(BigInt.asUintN(64, pc + 2n));
    return typeof high === 'number' ? (low | (high << 16)) >>> 0 : high;
  }

  /** A doubleword, read byte by byte; a fault of any byte is reported as a fault of the whole access. */
  doubleword(address: bigint): bigint | AccessFault {
    const bytes = new Uint8Array(8);
    for (let i = 0; i < 8; i++) {
      const found = this.#find(address + BigInt(i), 1, ACCESS.load);
      if (typeof found !== 'number') return { cause: found.cause, tval: address };
      bytes[i] = this.#state.bytes[found]!;
    }
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }
}
