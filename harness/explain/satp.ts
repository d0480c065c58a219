/**
 * What is wrong with the value of satp itself, where a page table does not let the kernel go on.
 * Reference: Privileged Architecture, "satp": MODE in bits 60 to 63 (0: no translation, 8: Sv39, 9: Sv48, 10: Sv57), and the page number of the
 * root table in bits 0 to 43.
 */
import type { Machine } from '../../machine/index.ts';
import { PAGE_SHIFT, PAGE_TABLE, PTE, PTE_PPN_MASK, PTE_PPN_SHIFT } from '../../machine/spec/riscv.ts';
import { hex } from '../bytes/hex.ts';
import type { ExceptionEvidence, ExplainedException } from '../evidence/exception.ts';
import type { KernelCode } from './code.ts';

type WrongSatp = ExplainedException['satp'];

const [MODE_SHIFT, PPN_BITS] = [60n, 44];
const PAGE = 1n << BigInt(PAGE_SHIFT);
/** Levels of the page table by MODE. */
const LEVELS: ReadonlyMap<number, number> = new Map([
  [8, 3],
  [9, 4],
  [10, 5],
]);
/** By how many bits the root's address may have been shifted instead of 12: not at all, or as in an entry of a table. */
const SHIFTS = [0, 10, 2] as const;

/** To be called just before the exception. Null if nothing is known to be wrong. */
export function wrongSatp({ debug }: Machine, { mode: privilege, value }: ExceptionEvidence, code: KernelCode): WrongSatp {
  const satp = debug.csr('satp');
  if (privilege !== 'S' || satp === 0n) return null;
  const mode = Number(satp >> MODE_SHIFT);
  if (mode === 0) return { kind: 'off' };
  const number = BigInt.asUintN(PPN_BITS, satp);
  const root = number << BigInt(PAGE_SHIFT);
  const isTable = (address: bigint) => address % PAGE === 0n && debug.readMemory(address, Number(PAGE)) !== undefined;
  if (!isTable(root)) {
    const shift = SHIFTS.find((by) => isTable(number << BigInt(by)));
    return shift === undefined ? null : { kind: 'shifted', by: shift, root: hex(number << BigInt(shift)) };
  }
  const { end } = debug.walk(BigInt(value));
  if (!('problem' in end) && end.leaf !== undefined && (end.leaf & PTE.X) !== 0n) return null;
  const unaligned = code.variableIn(root, PAGE);
  if (unaligned !== null) return { kind: 'unaligned', symbol: unaligned.name, address: hex(unaligned.address) };
  for (const [other, levels] of LEVELS) {
    if (other !== mode && executes(debug, root, levels, BigInt(value))) return { kind: 'mode', meant: other };
  }
  return null;
}

/** Whether a table, read with so many levels, lets S mode execute what is at an address. */
function executes(debug: Machine['debug'], root: bigint, levels: number, address: bigint): boolean {
  let table = root;
  for (let level = levels - 1; level >= 0; level--) {
    const shift = BigInt(PAGE_SHIFT + PAGE_TABLE.indexBits * level);
    const at = table + ((address >> shift) & BigInt(PAGE_TABLE.indexMask)) * BigInt(PAGE_TABLE.entryBytes);
    const bytes = debug.readMemory(at, PAGE_TABLE.entryBytes);
    if (bytes === undefined) return false;
    const entry = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
    if ((entry & PTE.V) === 0n) return false;
    const base = ((entry >> BigInt(PTE_PPN_SHIFT)) & PTE_PPN_MASK) << BigInt(PAGE_SHIFT);
    if ((entry & (PTE.R | PTE.X)) !== 0n) {
      const offset = address & ((1n << shift) - 1n);
      return (entry & (PTE.X | PTE.U)) === PTE.X && base % (1n << shift) === 0n && debug.readMemory(base + offset, 2) !== undefined;
    }
    table = base;
  }
  return false;
}
