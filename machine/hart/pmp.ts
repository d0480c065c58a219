/**
 * Physical memory protection: the registers' WARL rules, and the table that the generated code checks (mmu/protection.ts).
 * Reference: RISC-V Privileged Architecture, "Physical Memory Protection". As QEMU's rv64: 16 entries, granules of 4 bytes.
 * Left out: Smepmp.
 */

import { PMP_ROW, PMP_TABLE } from '../layout/memory-map.ts';
import { PMP_ADDRESSES } from '../layout/slots.ts';
import type { HartState } from '../layout/state.ts';
import { PMP_LOCKED, PMP_PERMISSION } from '../spec/riscv.ts';

/** Reading, writing and execution. */
export const PMP_ALL = PMP_PERMISSION.R | PMP_PERMISSION.W | PMP_PERMISSION.X;
/** The A field and its values; 0 is off. */
const MATCHING = 0x18;
const TOR = 0x08;
const NA4 = 0x10;
const NAPOT = 0x18;
const CONFIG = PMP_LOCKED | MATCHING | PMP_ALL;

const ADDRESS_BITS = (1n << 54n) - 1n;
/** There is nothing at this address or above: an access there faults, whatever an entry says. */
const BEYOND = 1n << 34n;

const PER_REGISTER = 8;
export type PmpConfigRegister = 'pmpcfg0' | 'pmpcfg2';

const configSlot = (index: number): PmpConfigRegister => (index < PER_REGISTER ? 'pmpcfg0' : 'pmpcfg2');
const shiftOf = (index: number): bigint => BigInt((index % PER_REGISTER) * 8);
const configOf = (state: HartState, index: number): number => Number((state.get(configSlot(index)) >> shiftOf(index)) & 0xffn);
const isLocked = (state: HartState, index: number): boolean => (configOf(state, index) & PMP_LOCKED) !== 0;

/** A write of pmpcfg0 or pmpcfg2: locked entries do not change. W without R is reserved; as in QEMU, it is kept and allows writing only. */
export function writePmpConfig(state: HartState, register: PmpConfigRegister, value: bigint): void {
  let result = 0n;
  const first = register === 'pmpcfg0' ? 0 : PER_REGISTER;
  for (let index = first; index < first + PER_REGISTER; index++) {
    const written = Number((value >> shiftOf(index)) & 0xffn) & CONFIG;
    const config = isLocked(state, index) ? configOf(state, index) : written;
    result |= BigInt(config) << shiftOf(index);
  }
  state.set(register, result);
}

/** A write of pmpaddr`index`: ignored where the entry is locked, or is the lower bound of a locked TOR entry. */
export function writePmpAddress(state: HartState, index: number, value: bigint): void {
  const boundsNext = index + 1 < PMP_ADDRESSES.length && (configOf(state, index + 1) & MATCHING) === TOR && isLocked(state, index + 1);
  if (!isLocked(state, index) && !boundsNext) state.set(PMP_ADDRESSES[index]!, value & ADDRESS_BITS);
}

/** Sets an entry, as firmware does, for a region whose size is a power of two, or for all addresses. */
export function setPmpRegion(
  state: HartState,
  index: number,
  region: { base: number; size: number } | 'everything',
  permissions: number,
): void {
  const address = region === 'everything' ? ADDRESS_BITS : BigInt(region.base / 4 + (region.size / 8 - 1));
  writePmpAddress(state, index, address);
  const others = state.get(configSlot(index)) & ~(0xffn << shiftOf(index));
  writePmpConfig(state, configSlot(index), others | (BigInt(NAPOT | permissions) << shiftOf(index)));
}

/** First and last byte of the region of an entry; undefined if the entry is off or its region is empty. */
function rangeOf(state: HartState, index: number): readonly [first: bigint, last: bigint] | undefined {
  const address = state.get(PMP_ADDRESSES[index]!) << 2n;
  switch (configOf(state, index) & MATCHING) {
    case TOR: {
      const first = index === 0 ? 0n : state.get(PMP_ADDRESSES[index - 1]!) << 2n;
      return first < address ? [first, address - 1n] : undefined;
    }
    case NA4:
      return [address, address + 3n];
    case NAPOT: {
      const ones = address | 3n;
      return [ones & (ones + 1n), ones | (ones + 1n)];
    }
    default:
      return undefined;
  }
}

/** After a change of any of the registers: writes the table that the generated code reads. The caller has to flush the TLB. */
export function compilePmp(state: HartState): void {
  let row = PMP_TABLE;
  let open = false;
  for (let index = 0; index < PMP_ADDRESSES.length; index++) {
    const range = rangeOf(state, index);
    if (!range) continue;
    const [first, last] = range;
    const config = configOf(state, index);
    open ||= row === PMP_TABLE && first === 0n && last >= BEYOND && (config & PMP_ALL) === PMP_ALL;
    state.own.setBigUint64(row, first, true);
    state.own.setBigUint64(row + 8, last, true);
    state.own.setUint32(row + 16, config, true);
    row += PMP_ROW;
  }
  state.setSmall('pmpEnd', open ? 0 : row);
}
