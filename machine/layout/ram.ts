/**
 * Guest RAM in the one memory: from a guest-physical address to the address in this memory ("host address") and back. Each
 * rule is written twice, once for TypeScript and once for generated code, side by side.
 */
import { PAGE_BYTES, PAGE_SHIFT } from '../spec/riscv.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { type I32, type I64, i32, i64 } from '../wasm/code.ts';
import { RAM } from './memory-map.ts';
import { slot64 } from './slot-access.ts';
import type { HartState } from './state.ts';

const BASE = BigInt(RAM_BASE);

/** Host address of the first of `length` bytes, or undefined where not every one of them is RAM. */
export function hostOf(state: HartState, physical: bigint, length: number): number | undefined {
  const offset = physical - BASE;
  return offset >= 0n && offset + BigInt(length) <= state.get('ramSize') ? RAM + Number(offset) : undefined;
}

/** Physical address after the last byte of RAM. */
export function ramEnd(state: HartState): bigint {
  return BASE + state.get('ramSize');
}

export function physicalOf(host: number): bigint {
  return BigInt(host - RAM) + BASE;
}

/** Number of the page of RAM at a host address, from 0. */
export function ramPageOf(host: number): number {
  return (host - RAM) >>> PAGE_SHIFT;
}

/** Host address of the first byte of a page of RAM. */
export function hostOfPage(page: number): number {
  return RAM + page * PAGE_BYTES;
}

/** The same in generated code. */
export const generated = {
  /** Whether `bytes` bytes from a physical address all lie in RAM. */
  inRam: (physical: I64, bytes = 1): I32 =>
    i64.ltU(i64.sub(physical, i64.const(RAM_BASE)), i64.sub(slot64('ramSize'), i64.const(bytes - 1))),
  /** Host address of a physical address that is RAM. */
  hostOf: (physical: I64): I32 => i32.wrap(i64.add(physical, i64.const(RAM - RAM_BASE))),
  ramPageOf: (host: I32): I32 => i32.shrU(i32.sub(host, i32.const(RAM)), i32.const(PAGE_SHIFT)),
};
