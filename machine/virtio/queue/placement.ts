/** Where a queue lies, seen from the memory that there is: what a driver is told that has put it elsewhere than it thinks. */
import type { GuestMemory, PageMap } from '../../ports.ts';
import { unmappedLength } from './buffer.ts';
import type { Rings } from './virtqueue.ts';

/** What a register got for the queue, over the legacy interface: a page number, and the size of a page in bytes. */
export interface PageNumber {
  readonly number: number;
  /** 1 as long as GuestPageSize was never written. */
  readonly unit: bigint;
}

/** Where the driver seems to have the queue, and why the device has it elsewhere. */
export interface MeantPlace {
  readonly table: bigint;
  readonly because: 'address-for-page-number' | 'page-size-missing' | 'virtual-address';
}

/** The page size that drivers use. */
const USUAL_UNIT = 4096n;
/** Bits of an address that a page number of 32 bits holds. */
const WRITTEN_BITS = 44;

/** For a queue that lies outside memory. */
export function meantPlace(
  { table }: Rings,
  page: PageNumber | undefined,
  { memory, pages }: { memory: GuestMemory; pages: PageMap | undefined },
): MeantPlace | undefined {
  const isRam = (address: bigint) => unmappedLength(memory, { address, length: 1 }) === 0;
  if (page !== undefined) {
    const number = BigInt(page.number);
    if (page.unit === 1n && isRam(number * USUAL_UNIT)) return { table: number * USUAL_UNIT, because: 'page-size-missing' };
    if (page.unit > 1n && isRam(number)) return { table: number, because: 'address-for-page-number' };
  }
  // The highest bits of a kernel's virtual address are all ones, and do not fit into the register.
  const written = page === undefined ? table : BigInt.asUintN(64, BigInt.asIntN(WRITTEN_BITS, table));
  for (const virtual of [table, written]) {
    const physical = pages?.physicalOf(virtual);
    if (physical !== undefined && isRam(physical)) return { table: physical, because: 'virtual-address' };
  }
  return undefined;
}
