/** Loads and stores outside RAM: devices have 32-bit physical addresses, and an access to them is aligned and at most four bytes wide. */
import { setSlot32, slot32 } from '../layout/slot-access.ts';
import { block, branchIf, type I32, type I64, i32, i64, label, type Statement } from '../wasm/code.ts';

/**
 * Size of the next aligned piece of a misaligned access to a device, as QEMU divides it: the lowest bit that is set in the remaining
 * length, in the address or in 8.
 */
export const pieceSize = (address: I64, left: I32): I32 =>
  i32.shl(i32.const(1), i32.ctz(i32.or(i32.or(left, i32.wrap(address)), i32.const(8))));

export const misaligned = (physical: I64, width: I32): I32 => i32.and(i32.wrap(physical), i32.sub(width, i32.const(1)));

/** An access through the bus; `refuse` is the code for when nothing answers. */
export const toDevice = (physical: I64, bus: (address: I32) => Statement[], refuse: readonly Statement[]): Statement[] => {
  const refused = label('refused');
  const done = label('done');
  return [
    setSlot32('busFault', i32.const(0)),
    block(
      done,
      block(
        refused,
        branchIf(i64.ne(i64.shrU(physical, i64.const(32)), i64.const(0)), refused),
        ...bus(i32.wrap(physical)),
        branchIf(i32.eqz(slot32('busFault')), done),
      ),
      ...refuse,
    ),
  ];
};
