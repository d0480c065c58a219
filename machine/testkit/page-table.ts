/** Page tables in a program's RAM, for Sv39 (three levels), Sv48 (four) and Sv57 (five). Reference: Privileged Architecture, "Sv39". */

import { PRIVILEGE, PTE } from '../spec/riscv.ts';
import type { Program } from './program.ts';

const PAGE = 4096n;
export type PageTableLevels = 3 | 4 | 5;
const MODE: Record<PageTableLevels, bigint> = { 3: 8n, 4: 9n, 5: 10n };

/** Everything is allowed in S mode, and A and D are set already. */
export const ALL = PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D;

export class PageTable {
  readonly root: bigint;
  readonly satp: bigint;
  readonly #program: Program;
  readonly #levels: PageTableLevels;
  #free: bigint;

  /** Tables are taken from `at` on, which is page-aligned. */
  constructor(program: Program, levels: PageTableLevels, at: bigint) {
    this.#program = program;
    this.#levels = levels;
    this.root = at;
    this.#free = at + PAGE;
    this.satp = (MODE[levels] << 60n) | (at >> 12n);
  }

  /** Where the entry for an address is; missing tables above it are made. Level 0 maps pages of 4 KiB. */
  entry(virtual: bigint, level = 0): bigint {
    let table = this.root;
    for (let at = this.#levels - 1; ; at--) {
      const entry = table + 8n * ((virtual >> BigInt(12 + 9 * at)) & 511n);
      if (at === level) return entry;
      const pte = this.#program.load(entry, 8);
      if (pte === 0n) {
        this.#program.store(entry, 8, ((this.#free >> 12n) << 10n) | PTE.V);
        table = this.#free;
        this.#free += PAGE;
      } else table = (pte >> 10n) << 12n;
    }
  }

  map(virtual: bigint, physical: bigint, flags = ALL, level = 0): void {
    this.#program.store(this.entry(virtual, level), 8, ((physical >> 12n) << 10n) | flags);
  }

  /** Switches translation on, and goes on at `pc` with this privilege. */
  enter(pc: bigint, privilege: number = PRIVILEGE.supervisor): void {
    const { state } = this.#program.hart;
    state.set('satp', this.satp);
    state.set('levels', BigInt(this.#levels));
    state.set('root', this.root);
    state.setSmall('privilege', privilege);
    state.set('pc', pc);
    this.#program.hart.flushTlb();
    this.#program.hart.core.refresh();
  }
}
