/**
 * Page tables for random steps (random-steps.ts): they map all of RAM for S mode and for U mode, and a window of random pages of it.
 * Reference: RISC-V Privileged Architecture, "Sv39", "Sv48", "Sv57".
 */
import { RAM_BASE } from '../spec/virt-board.ts';
import type { Random } from './random.ts';
import { PAGE, STEP_AREAS } from './step-runner.ts';

/** The root of each deeper tree points to the root of the tree before, so that all modes share the lower tables. */
const TABLES = { root57: 0, root48: 1, root39: 2, middle: 3, leaves: 4 } as const;
const LEAF_TABLES = 2;
export const TABLE_PAGES = TABLES.leaves + LEAF_TABLES;

/** Virtual addresses: RAM lies where it is for S mode, U_ALIAS further on for U mode, and the random pages in a window. */
export const U_ALIAS = 0x4000_0000n;
const WINDOW = 0x20_0000_0000n;
const GIB = 1n << 30n;
const MEGAPAGES = 16;
/** After the pages of the leaf tables come megapages. */
const LEAF_BYTES = LEAF_TABLES * 512 * PAGE;

const PBMT = 3n << 61n;
const NAPOT = 1n << 63n;
const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, A: 64n, D: 128n } as const;
const ALL = PTE.V | PTE.R | PTE.W | PTE.X | PTE.A | PTE.D;
/** The flags of a leaf that code may change at any time. Not W or X: then code could overwrite its own targets, or execute data. */
export const CHANGEABLE = [PTE.V, PTE.R, PTE.U, PTE.A, PTE.D] as const;

/**
 * Entries for the addresses of AMOs, in the last leaf table and among the megapages. QEMU's AMO is a load and then a store, so it sets A of
 * a page that it may not store to (docs/qemu-differences.md). Here such pages have A set from the start.
 */
const FIRST_ATOMIC = { leaf: 384, megapage: 12 } as const;

const table = (index: number): bigint => BigInt(STEP_AREAS.tables + index * PAGE);
const pointer = (index: number): bigint => ((table(index) >> 12n) << 10n) | PTE.V;

export function randomSatp(random: Random): bigint {
  const root = (mode: bigint, index: number): bigint => (mode << 60n) | (table(index) >> 12n);
  const asid = random.below(4) === 0 ? (random.bits64() & 0xffffn) << 44n : 0n;
  return random.pick([
    0n,
    root(8n, TABLES.root39) | asid,
    root(9n, TABLES.root48) | asid,
    root(10n, TABLES.root57) | asid,
    root(8n, TABLES.root39),
  ]);
}

/** An address in the window, most often one that the leaf tables map. */
export const inWindow = (random: Random): bigint =>
  WINDOW + BigInt(random.below(4) ? random.below(LEAF_BYTES) : random.below(MEGAPAGES * 512 * PAGE));

/** An aligned address for an AMO (FIRST_ATOMIC). */
export function atomicAddress(random: Random): bigint {
  const leaves = LEAF_BYTES - (512 - FIRST_ATOMIC.leaf) * PAGE;
  const megapages = FIRST_ATOMIC.megapage * 512 * PAGE;
  const [first, end] = random.below(4) ? [leaves, LEAF_BYTES] : [megapages, MEGAPAGES * 512 * PAGE];
  return WINDOW + BigInt(random.between(first, end - 1) & ~7);
}

export const edgeOfWindow = WINDOW - 8n;

/** Physical address of a leaf that code may change. */
export const changeableLeaf = (random: Random): bigint => table(TABLES.leaves) + 8n * BigInt(random.below(512 + FIRST_ATOMIC.leaf));

/** Neither the reserved type of memory, 3, which QEMU takes, nor N where it is reserved: QEMU sets A and D before it faults (docs/qemu-differences.md). */
const upper = (reserved: bigint, type: bigint): bigint => ((reserved & PBMT) === 0n ? reserved | type : reserved);

/** An entry, leaf or not, with any flags. But data must not be executable and targets not writable, or the code could go anywhere. */
function randomEntry(random: Random, { megapage, atomic }: { megapage: boolean; atomic: boolean }): bigint {
  const flags = (random.bits64() & 0x3ffn) | (random.below(8) ? PTE.V : 0n) | (random.below(2) ? PTE.A | PTE.D | PTE.R : 0n);
  const reserved = random.below(24) ? 0n : 1n << BigInt(54 + random.below(9));
  const type = random.below(4) ? 0n : BigInt(random.pick([1, 2])) << 61n;
  const page = (frame: number, kept: bigint): bigint =>
    (BigInt(frame) << 10n) | upper(reserved, type) | kept | (atomic && (kept & PTE.W) === 0n ? PTE.A : 0n);
  // These are writable: QEMU's AMO loads first, so it notices that there is no memory before it notices that it may not store.
  if (random.below(24) === 0) return page(random.pick([0x9_0000, 2 ** 43, 0x4000_0000]), flags | PTE.W | PTE.A | PTE.D);
  // The 64 KiB of data.
  if (!megapage && random.below(16) === 0) return NAPOT | page((STEP_AREAS.data >>> 12) + 8, flags & ~PTE.X);
  if (megapage) return page((STEP_AREAS.megapage >>> 12) + (random.below(8) ? 0 : 1), flags & ~PTE.X);
  if (random.below(3) === 0) return page((STEP_AREAS.targets >>> 12) + random.below(STEP_AREAS.targetPages), flags & ~PTE.W);
  return page((STEP_AREAS.data >>> 12) + random.below(STEP_AREAS.dataPages), flags & ~PTE.X);
}

/** @param memory RAM from its first byte on. */
export function writeTables(random: Random, memory: DataView): void {
  const set = (index: number, entry: number, value: bigint): void =>
    memory.setBigUint64(STEP_AREAS.tables - RAM_BASE + index * PAGE + 8 * entry, BigInt.asUintN(64, value), true);
  set(TABLES.root57, 0, pointer(TABLES.root48));
  set(TABLES.root48, 0, pointer(TABLES.root39));
  const ram = (BigInt(RAM_BASE) >> 12n) << 10n;
  set(TABLES.root39, Number(BigInt(RAM_BASE) / GIB), ram | ALL);
  set(TABLES.root39, Number((BigInt(RAM_BASE) + U_ALIAS) / GIB), ram | ALL | PTE.U);
  set(TABLES.root39, Number(WINDOW / GIB), pointer(TABLES.middle));
  for (let entry = 0; entry < MEGAPAGES; entry++) {
    const megapage = randomEntry(random, { megapage: true, atomic: entry >= FIRST_ATOMIC.megapage });
    set(TABLES.middle, entry, entry < LEAF_TABLES ? pointer(TABLES.leaves + entry) : megapage);
  }
  for (let leaf = 0; leaf < LEAF_TABLES; leaf++) {
    for (let entry = 0; entry < 512; entry++) {
      const atomic = leaf === LEAF_TABLES - 1 && entry >= FIRST_ATOMIC.leaf;
      set(TABLES.leaves + leaf, entry, randomEntry(random, { megapage: false, atomic }));
    }
  }
}
