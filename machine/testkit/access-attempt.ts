/** A program under page tables that tries one access at a time. The tests of translation in mmu/ share it. */

import { EXCEPTION, PRIVILEGE, PTE, STATUS } from '../spec/riscv.ts';
import { ALL, PageTable, type PageTableLevels } from './page-table.ts';
import { Program } from './program.ts';

const { user, supervisor, machine } = PRIVILEGE;
export type Access = 'fetch' | 'load' | 'store';
export const ACCESSES: readonly Access[] = ['fetch', 'load', 'store'];

export const PAGE_FAULT: Record<Access, number> = {
  fetch: EXCEPTION.instructionPage,
  load: EXCEPTION.loadPage,
  store: EXCEPTION.storePage,
};
export const ACCESS_FAULT: Record<Access, number> = {
  fetch: EXCEPTION.instructionAccess,
  load: EXCEPTION.loadAccess,
  store: EXCEPTION.storeAccess,
};

export const TABLES = 0x8004_0000n;
export const DATA = 0x8000_2000n;
export const VALUE = 0x0000_0013_0000_0013n; // two no-operations, so that it can be fetched, too
/** Code for S mode, and the same code for U mode, far from the tested addresses. */
export const CODE = { [supervisor]: 0x3000_0000n, [user]: 0x3000_1000n, [machine]: 0x8000_0000n } as const;

export interface World {
  readonly p: Program;
  readonly table: PageTable;
}

export function world(levels: PageTableLevels = 3): World {
  const p = new Program(`load: ld a0, 0(a1)\nstore: sd a2, 0(a1)\n .org ${DATA}\n data: .dword ${VALUE}`);
  const table = new PageTable(p, levels, TABLES);
  table.map(CODE[supervisor], 0x8000_0000n);
  table.map(CODE[user], 0x8000_0000n, ALL | PTE.U);
  return { p, table };
}

interface Circumstances {
  readonly privilege?: typeof user | typeof supervisor | typeof machine;
  /** Bits of mstatus. */
  readonly status?: bigint;
}

/** Runs one instruction. Returns the cause of its fault, or undefined if the access succeeds. */
export function attempt(
  { p, table }: World,
  access: Access,
  address: bigint,
  { privilege = supervisor, status = 0n }: Circumstances = {},
): number | undefined {
  const { state } = p.hart;
  state.set('mstatus', (state.get('mstatus') & ~(STATUS.SUM | STATUS.MXR | STATUS.MPRV | STATUS.MPP)) | status);
  p.setX('a1', address);
  p.setX('a2', VALUE);
  table.enter(access === 'fetch' ? address : CODE[privilege] + p.address(access) - 0x8000_0000n, privilege);
  p.run(1);
  return p.trap?.cause;
}
