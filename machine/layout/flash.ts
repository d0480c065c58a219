/**
 * A copy of flash memory in the one memory, after everything else, for code that runs there: instructions are fetched from the copy, while loads and
 * stores go to the device (devices/flash.ts). Each rule is written twice, as in ram.ts.
 */
import { type FlashUnit, isMedium } from '../ports.ts';
import { FLASH } from '../spec/virt-board.ts';
import { type I32, type I64, i32, i64 } from '../wasm/code.ts';
import { memoryBytes } from './memory-map.ts';
import { hostOf } from './ram.ts';
import { slot64 } from './slot-access.ts';
import type { HartState } from './state.ts';

const BASE = BigInt(FLASH.base);

/** Puts what each unit holds into the memory, at power-on. */
export function placeFlash(state: HartState, units: readonly (FlashUnit | undefined)[], harts: number): void {
  const host = memoryBytes(Number(state.get('ramSize')), harts);
  units.forEach((unit, index) => {
    if (unit !== undefined) state.bytes.set(isMedium(unit) ? unit.read(0, FLASH.size) : unit, host + index * FLASH.size);
  });
  state.set('flashHost', BigInt(host));
  state.set('flashSize', BigInt(units.length * FLASH.size));
}

/** Host address of an instruction, or undefined where code cannot run. */
export function codeHostOf(state: HartState, physical: bigint): number | undefined {
  const offset = physical - BASE;
  if (offset >= 0n && offset < state.get('flashSize')) return Number(state.get('flashHost') + offset);
  return hostOf(state, physical, 1);
}

/** The same in generated code. */
export const generated = {
  inFlash: (physical: I64): I32 => i64.ltU(i64.sub(physical, i64.const(FLASH.base)), slot64('flashSize')),
  hostOf: (physical: I64): I32 => i32.wrap(i64.add(i64.sub(physical, i64.const(FLASH.base)), slot64('flashHost'))),
};
