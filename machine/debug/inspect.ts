/**
 * A page-table walk for explanations: every entry that it passes, and where it ends. It changes nothing (no A or D bits) and checks
 * no permissions. The hart itself uses `translate` (walk.ts).
 * Reference: RISC-V Privileged Architecture, "Virtual Address Translation Process".
 */

import { hostOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import { NAPOT, PAGE_SHIFT, PAGE_TABLE, PRIVILEGE, PTE, PTE_N, PTE_PBMT, PTE_PPN_MASK, PTE_PPN_SHIFT } from '../spec/riscv.ts';

/** Of an address: the page's number within its 64 KiB, and the offset in the page. */
const NAPOT_MASK = (1n << BigInt(NAPOT.bits + PAGE_SHIFT)) - 1n;

export interface WalkStep {
  /** 0 for the table whose entries map pages of 4 KiB. */
  readonly level: number;
  /** Physical address of the entry, and its value. */
  readonly address: bigint;
  readonly entry: bigint;
}

export type WalkEnd =
  /** `leaf`: the entry that maps the page; undefined if translation is off. */
  | { readonly physical: bigint; readonly leaf: bigint | undefined }
  | { readonly problem: 'not-canonical' | 'table-outside-ram' | 'invalid' | 'reserved' | 'no-leaf' | 'misaligned-superpage' };

export interface Walk {
  readonly steps: readonly WalkStep[];
  readonly end: WalkEnd;
}

/** Walks as for the hart's current privilege mode; in machine mode there is no translation. */
export function walkPageTable(state: HartState, address: bigint): Walk {
  const levels = state.small('levels');
  if (levels === 0 || state.small('privilege') === PRIVILEGE.machine) return { steps: [], end: { physical: address, leaf: undefined } };
  const steps: WalkStep[] = [];
  const ended = (problem: Extract<WalkEnd, { problem: string }>['problem']): Walk => ({ steps, end: { problem } });
  const bits = PAGE_SHIFT + PAGE_TABLE.indexBits * levels;
  if (BigInt.asUintN(64, BigInt.asIntN(bits, address)) !== BigInt.asUintN(64, address)) return ended('not-canonical');
  let table = state.get('root');
  for (let level = levels - 1; level >= 0; level--) {
    const shift = BigInt(PAGE_SHIFT + PAGE_TABLE.indexBits * level);
    const at = table + ((address >> shift) & BigInt(PAGE_TABLE.indexMask)) * BigInt(PAGE_TABLE.entryBytes);
    const host = hostOf(state, at, PAGE_TABLE.entryBytes);
    if (host === undefined) return ended('table-outside-ram');
    const entry = state.view.getBigUint64(host, true);
    steps.push({ level, address: at, entry });
    if ((entry & PTE.V) === 0n) return ended('invalid');
    if ((entry & state.get('reservedPte')) !== 0n || (entry & PTE_PBMT) === PTE_PBMT || (entry & (PTE.R | PTE.W)) === PTE.W)
      return ended('reserved');
    const base = ((entry >> BigInt(PTE_PPN_SHIFT)) & PTE_PPN_MASK) << BigInt(PAGE_SHIFT);
    if ((entry & (PTE.R | PTE.X)) !== 0n) {
      const offsetMask = (1n << shift) - 1n;
      if ((base & offsetMask) !== 0n) return ended('misaligned-superpage');
      if ((entry & PTE_N) === 0n) return { steps, end: { physical: base | (address & offsetMask), leaf: entry } };
      if (level > 0 || (base & NAPOT_MASK) >> BigInt(PAGE_SHIFT) !== NAPOT.encoded) return ended('reserved');
      return { steps, end: { physical: (base & ~NAPOT_MASK) | (address & NAPOT_MASK), leaf: entry } };
    }
    if ((entry & (PTE.A | PTE.D | PTE.U | PTE_N | PTE_PBMT)) !== 0n) return ended('reserved');
    table = base;
  }
  return ended('no-leaf');
}
